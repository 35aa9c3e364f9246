//! What PayPal refuses, and how it says so.

use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) status: u16,
    name: &'static str,
    /// The fine-grained code in `details`; empty when there are no details. OAuth's refusals have their text here.
    pub(super) issue: &'static str,
    /// Field, location and value in `details`.
    about: Value,
    /// Where the payer is sent to choose another way to pay.
    redirect: Option<String>,
    /// The token endpoint answers in OAuth's words.
    oauth: bool,
}

impl Problem {
    fn new(status: u16, name: &'static str, issue: &'static str) -> Self {
        Self { status, name, issue, about: json!({}), redirect: None, oauth: false }
    }

    fn at(self, location: &str, field: &str) -> Self {
        Self { about: json!({"field": field, "location": location}), ..self }
    }

    fn with(mut self, value: &str) -> Self {
        self.about["value"] = json!(value);
        self
    }

    /// 400 about one field.
    pub(super) fn invalid(issue: &'static str, field: &str) -> Self {
        Self::new(400, "INVALID_REQUEST", issue).at("body", field)
    }

    /// 400 about one field and its value.
    pub(super) fn value(issue: &'static str, field: &str, value: &str) -> Self {
        Self::invalid(issue, field).with(value)
    }

    /// 400 about a header.
    pub(super) fn header(issue: &'static str, name: &str) -> Self {
        Self::new(400, "INVALID_REQUEST", issue).at("header", name)
    }

    /// 400 about a parameter of the query.
    pub(super) fn query(issue: &'static str, name: &str) -> Self {
        Self::new(400, "INVALID_REQUEST", issue).at("query", name)
    }

    /// 422.
    pub(super) fn refused(issue: &'static str) -> Self {
        Self::new(422, "UNPROCESSABLE_ENTITY", issue)
    }

    /// 422 about one field and its value.
    pub(super) fn refused_at(issue: &'static str, field: &str, value: &str) -> Self {
        Self::refused(issue).at("body", field).with(value)
    }

    /// 422: the payer's bank said no; an order can be paid in another way.
    pub(super) fn declined(redirect: Option<String>) -> Self {
        Self { redirect, ..Self::refused("INSTRUMENT_DECLINED") }
    }

    /// 404.
    pub(super) fn missing() -> Self {
        Self::new(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
    }

    /// 401.
    pub(super) fn stranger() -> Self {
        Self::new(401, "AUTHENTICATION_FAILURE", "")
    }

    /// 415.
    pub(super) fn media() -> Self {
        Self::new(415, "UNSUPPORTED_MEDIA_TYPE", "")
    }

    /// The token endpoint's own refusals.
    pub(super) fn oauth(status: u16, error: &'static str, text: &'static str) -> Self {
        Self { oauth: true, ..Self::new(status, error, text) }
    }

    /// The body of the answer. `api` is part of the page that explains it, `orders/v2`.
    pub(super) fn body(&self, api: &str) -> Value {
        if self.oauth {
            return json!({"error": self.name, "error_description": self.issue});
        }
        let page = format!("https://developer.paypal.com/docs/api/{api}/#error-{}", self.issue);
        let mut links = vec![json!({"href": page, "rel": "information_link", "method": "GET"})];
        if let Some(href) = &self.redirect {
            links.push(json!({"href": href, "rel": "redirect", "method": "GET"}));
        }
        let mut body =
            json!({"name": self.name, "message": message(self.name), "debug_id": "f8574efcf7ad9", "links": links});
        if !self.issue.is_empty() {
            let mut detail = self.about.clone();
            detail["issue"] = json!(self.issue);
            detail["description"] = json!(describe(self.issue));
            body["details"] = json!([detail]);
        }
        body
    }
}

fn message(name: &str) -> &'static str {
    match name {
        "INVALID_REQUEST" => "Request is not well-formed, syntactically incorrect, or violates schema.",
        "AUTHENTICATION_FAILURE" => {
            "Authentication failed due to missing authorization header, or invalid authentication credentials."
        }
        "RESOURCE_NOT_FOUND" => "The specified resource does not exist.",
        "UNSUPPORTED_MEDIA_TYPE" => "The server does not support the request payload's media type.",
        _ => "The requested action could not be performed, semantically incorrect, or failed business validation.",
    }
}

/// As the API descriptions word it.
fn describe(issue: &str) -> &'static str {
    match issue {
        "INVALID_ARRAY_MAX_ITEMS" => "The number of items in an array parameter is too large.",
        "INVALID_ARRAY_MIN_ITEMS" => "The number of items in an array parameter is too small.",
        "INVALID_PARAMETER_SYNTAX" => "The value of a field does not conform to the expected format.",
        "INVALID_STRING_LENGTH" => "The value of a field is either too short or too long.",
        "INVALID_PARAMETER_VALUE" => "A parameter value is not valid.",
        "MISSING_REQUIRED_PARAMETER" => "A required parameter is missing.",
        "NOT_SUPPORTED" => "This field is not currently supported.",
        "PAYPAL_REQUEST_ID_REQUIRED" => {
            "A PayPal-Request-Id is required if you are trying to process payment for an Order. Please specify a \
             PayPal-Request-Id or Create the Order without a 'payment_source' specified."
        }
        "MALFORMED_REQUEST_JSON" => "The request JSON is not well formed.",
        "INVALID_RESOURCE_ID" => "Specified resource ID does not exist. Please check the resource ID and try again.",
        "CANNOT_BE_ZERO_OR_NEGATIVE" => {
            "Must be greater than zero. If the currency supports decimals, only two decimal place precision is \
             supported."
        }
        "DECIMAL_PRECISION" => "If the currency supports decimals, only two decimal place precision is supported.",
        "DECIMALS_NOT_SUPPORTED" => {
            "Currency does not support decimals. Please refer to \
             https://developer.paypal.com/docs/api/reference/currency-codes/ for more information."
        }
        "INVALID_CURRENCY_CODE" => {
            "Currency code is invalid or is not currently supported. Please refer \
             https://developer.paypal.com/api/rest/reference/currency-codes/ for list of supported currency codes."
        }
        "MAX_VALUE_EXCEEDED" => "Should be less than or equal to 999999999999999.99.",
        "INCOMPATIBLE_PARAMETER_VALUE" => {
            "The value of the field is incompatible/redundant with other fields in the order."
        }
        "DUPLICATE_INVOICE_ID" => {
            "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires \
             that Invoice Id be unique for each transaction."
        }
        "INSTRUMENT_DECLINED" => {
            "The instrument presented  was either declined by the processor or bank, or it can't be used for this \
             payment."
        }
        "ORDER_NOT_APPROVED" => {
            "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url \
             returned as part of the HATEOAS links within the Create Order call or provide a valid `payment_source` \
             in the request."
        }
        "ORDER_ALREADY_CAPTURED" => "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed.",
        "AGREEMENT_ALREADY_CANCELLED" => "The requested agreement is already canceled.",
        "TOKEN_ID_NOT_FOUND" => "Specified token was not found. Verify the token and try the request again.",
        "CAPTURE_FULLY_REFUNDED" => "The capture has already been fully refunded",
        "REFUND_CAPTURE_CURRENCY_MISMATCH" => "Refund must be in the same currency as the capture",
        "REFUND_NOT_ALLOWED" => "Capture cannot be refunded.",
        "REFUND_TIME_LIMIT_EXCEEDED" => "You are over the time limit to perform a refund on this capture",
        "REFUND_AMOUNT_EXCEEDED" => {
            "The refund amount must be less than or equal to the capture amount that has not yet been refunded."
        }
        "REFUND_FAILED_INSUFFICIENT_FUNDS" => {
            "Capture could not be refunded due to insufficient funds. Please check to see if you have sufficient \
             funds in your PayPal account or if the bank account linked to your PayPal account is verified and has \
             sufficient funds."
        }
        "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK" => {
            "Refunds are not allowed on this capture due to a chargeback on the card or bank. Please contact the \
             payee to resolve the chargeback."
        }
        "PENDING_CAPTURE" => {
            "Cannot initiate a refund as the capture is pending. Capture is typically pending when the payer has \
             funded the transaction using e-check/bank funded."
        }
        "TRANSACTION_DISPUTED" => {
            "Partial refunds cannot be offered at this time because there is an open case on this transaction. Visit \
             the PayPal Resolution Center to review this case."
        }
        "RETURN_URL_REQUIRED" => "The return url is required when attempting to vault this source.",
        "CANCEL_URL_REQUIRED" => "The cancel url is required when attempting to vault this source.",
        "PAYER_ACTION_REQUIRED" => "Please make sure setup up token is approved. Please complete the approval flow.",
        "SETUP_TOKEN_ALREADY_TOKENIZED" => "The setup token has been used previously to generate a payment token.",
        "PAYPAL_REQUEST_ID_PREVIOUSLY_USED" => "The PayPal-Request-ID has already been used for another request.",
        _ => "",
    }
}
