//! An invoice's or credit note's facts as EN 16931 terms (BT-…).

use domain::{
    Currency, Money,
    customer::EmailAddress,
    document::CreditKind,
    invoice::{Buyer, Line, Period, Priced, Seller, TaxCategory, TaxTotal},
    number::{DocumentNumber, InvoiceNumber, SubscriptionNumber},
    tenant::BankAccount,
};
use en16931::{
    Date, Identifier, Invoice, InvoiceAmount, InvoiceLine, InvoiceNote, Percentage, Quantity, UnitPriceAmount,
    invoice::{
        Contact, CreditTransfer, Delivery, DocumentKind, DocumentTotals, Item, LineVat, Party, PaymentInstructions,
        PaymentMeans, Period as Days, PostalAddress, PrecedingInvoice, PriceDetails, VatBreakdown,
    },
    profiles,
};

use crate::{Credit, NotAnEInvoice, Said, Source};

/// UNTDID 1001: commercial invoice.
const COMMERCIAL_INVOICE: &str = "380";
/// UNTDID 1001: credit note, and self-billed invoice.
const CREDIT_NOTE: &str = "381";
const SELF_BILLED: &str = "389";
/// BT-20 where nothing falls due because it is credited (BR-CO-25).
const CREDITED: &str = "Gutschrift auf dem Kundenkonto / Credited to the customer's account";
/// UNTDID 4461: SEPA credit transfer, and credit transfer in other currencies.
const SEPA_TRANSFER: &str = "58";
const OTHER_TRANSFER: &str = "30";
/// EAS: e-mail address.
const EMAIL: &str = "EM";
/// Said in the XML too, so that a test invoice is never booked by a machine.
const SANDBOX_NOTE: &str =
    "Testumgebung – keine echten Rechnungen und Zahlungen / Test environment – no real invoices or payments";

/// UNTDID 4461: as the parties agreed, where no account is named.
const AGREED: &str = "ZZZ";

/// BT-23, which XRechnung wants: an invoice without an order before it in the network.
const BILLING: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

/// By whose rules the terms are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The European standard itself.
    En16931,
    /// XRechnung, a narrower reading of it (KoSIT, version 3.0).
    XRechnung,
}

/// Who is paid for what: the terms that invoices and credit notes have in common.
struct Bill<'a> {
    number: &'a str,
    kind: DocumentKind,
    type_code: &'static str,
    /// Whose number the customer's party is known by.
    customer: &'a str,
    issued_on: jiff::civil::Date,
    due_on: Option<jiff::civil::Date>,
    buyer_reference: &'a str,
    subscription: Option<&'a SubscriptionNumber>,
    corrects: Option<&'a InvoiceNumber>,
    note: &'a str,
    seller: &'a Seller,
    buyer: &'a Buyer,
    /// In self-billing the customer is who supplies, and the issuer is who owes.
    is_self_billed: bool,
    period: Option<Period>,
    delivered_on: Option<jiff::civil::Date>,
    priced: Priced<'a>,
    settled: Option<Money>,
    register: &'a str,
    sandbox: bool,
}

impl<'a> Bill<'a> {
    fn of(source: Source<'a>) -> Self {
        let Source { said, register, sandbox } = source;
        match said {
            Said::Invoice(number, facts) => Self {
                number: number.as_str(),
                kind: DocumentKind::Invoice,
                type_code: COMMERCIAL_INVOICE,
                customer: facts.customer.as_str(),
                issued_on: facts.issued_on,
                due_on: Some(facts.due_on),
                buyer_reference: &facts.buyer_reference,
                subscription: facts.subscription.as_ref(),
                corrects: None,
                note: &facts.note,
                seller: &facts.seller,
                buyer: &facts.buyer,
                is_self_billed: false,
                period: facts.period,
                delivered_on: facts.delivered_on,
                priced: facts.priced(),
                settled: facts.settled_before.map(|settled| settled.amount),
                register,
                sandbox,
            },
            Said::Credit(number, credit) => Self::credit(number, credit, register, sandbox),
        }
    }

    fn credit(number: &'a DocumentNumber, credit: Credit<'a>, register: &'a str, sandbox: bool) -> Self {
        let Credit { letter, note, priced } = credit;
        let (kind, type_code) = match note.kind {
            CreditKind::Correction => (DocumentKind::CreditNote, CREDIT_NOTE),
            CreditKind::SelfBilling => (DocumentKind::Invoice, SELF_BILLED),
        };
        Self {
            number: number.as_str(),
            kind,
            type_code,
            customer: letter.customer.as_str(),
            issued_on: letter.issued_on,
            due_on: None,
            buyer_reference: &note.buyer_reference,
            subscription: letter.subscription.as_ref(),
            corrects: note.invoice.as_ref(),
            note: &letter.note,
            seller: &letter.seller,
            buyer: &letter.buyer,
            is_self_billed: note.kind == CreditKind::SelfBilling,
            period: None,
            delivered_on: None,
            priced,
            settled: note.settled_before.map(|settled| settled.amount),
            register,
            sandbox,
        }
    }

    const fn currency(&self) -> Currency {
        self.priced.gross.currency()
    }

    fn has(&self, category: TaxCategory) -> bool {
        self.priced.taxes.iter().any(|total| total.category == category)
    }

    /// What is still to be paid, or given back, when it is issued.
    fn open(&self) -> Result<Money, NotAnEInvoice> {
        self.settled.map_or(Ok(self.priced.gross), |settled| self.priced.gross.minus(settled)).map_err(value)
    }
}

pub(crate) fn invoice(source: Source<'_>, terms: Terms) -> Result<Invoice, NotAnEInvoice> {
    let bill = Bill::of(source);
    let (priced, open) = (bill.priced, bill.open()?);
    let mut invoice = Invoice::default();
    invoice.kind = bill.kind;
    let profile = match terms {
        Terms::En16931 => &profiles::EN16931,
        Terms::XRechnung => &profiles::XRECHNUNG,
    };
    invoice.specification_id = Some(profile.specification_id.to_owned());
    invoice.business_process = (terms == Terms::XRechnung).then(|| BILLING.to_owned());
    invoice.number = Some(bill.number.to_owned());
    invoice.issue_date = Some(date(bill.issued_on)?);
    invoice.type_code = Some(bill.type_code.into());
    invoice.currency = Some(bill.currency().code().into());
    invoice.due_date = bill.due_on.map(date).transpose()?;
    invoice.payment_terms = bill.is_self_billed.then(|| CREDITED.to_owned());
    invoice.buyer_reference = text(bill.buyer_reference);
    invoice.contract_reference = bill.subscription.map(|number| number.as_str().into());
    invoice.preceding_invoices = bill.corrects.map(preceding).into_iter().collect();
    invoice.notes = notes(&bill);
    (invoice.seller, invoice.buyer) =
        if bill.is_self_billed { swapped(&bill) } else { (issuer(&bill), customer(&bill)) };
    invoice.delivery = delivery(&bill)?;
    invoice.invoicing_period = invoicing_period(&bill, terms)?;
    invoice.payment = payment(&bill, open, terms);
    invoice.vat_breakdown = priced.taxes.iter().map(|total| breakdown(total, terms)).collect::<Result<_, _>>()?;
    invoice.lines = priced.lines.iter().enumerate().map(|(index, it)| line(index + 1, it)).collect::<Result<_, _>>()?;
    invoice.totals = DocumentTotals {
        line_total: amount(priced.net)?,
        taxable_total: amount(priced.net)?,
        vat_total: Some(amount(priced.tax)?),
        gross_total: amount(priced.gross)?,
        paid: bill.settled.map(amount).transpose()?,
        due: amount(open)?,
        ..DocumentTotals::default()
    };
    Ok(invoice)
}

/// BG-3.
fn preceding(number: &InvoiceNumber) -> PrecedingInvoice {
    PrecedingInvoice { reference: number.as_str().into(), issue_date: None }
}

fn notes(bill: &Bill<'_>) -> Vec<InvoiceNote> {
    let sandbox = bill.sandbox.then(|| InvoiceNote::new(SANDBOX_NOTE));
    sandbox.into_iter().chain(text(bill.note).map(InvoiceNote::new)).collect()
}

/// Self-billing (§ 14 (2) UStG): the customer is BG-4, the issuer BG-7.
fn swapped(bill: &Bill<'_>) -> (Party, Party) {
    let (mut seller, mut buyer) = (customer(bill), issuer(bill));
    // What names a seller beyond a doubt (BR-CO-26) is its VAT id here, and a buyer has no tax number of its own (BT-32).
    if seller.contact.name.is_none() {
        seller.contact.name.clone_from(&seller.name);
    }
    seller.contact.email = bill.buyer.email.as_ref().map(|email| email.as_str().to_owned());
    buyer.tax_registration = None;
    buyer.additional_legal_information = None;
    (seller, buyer)
}

/// BG-4. BR-O-02 forbids VAT ids on invoices outside the scope of VAT.
fn issuer(bill: &Bill<'_>) -> Party {
    let seller = bill.seller;
    let outside_vat = bill.has(TaxCategory::O);
    let vat_id = text(&seller.vat_id).filter(|_| !outside_vat);
    let mut party = Party {
        name: text(&seller.name),
        tax_registration: text(&seller.tax_number),
        additional_legal_information: text(bill.register),
        electronic_address: electronic_address(seller.email.as_ref()),
        address: PostalAddress {
            line1: text(&seller.street),
            post_code: text(&seller.postal_code),
            city: text(&seller.city),
            country: seller.country.as_ref().map(|code| code.as_str().into()),
            ..PostalAddress::default()
        },
        contact: Contact {
            name: text(&seller.name).filter(|_| !seller.phone.is_empty() || seller.email.is_some()),
            phone: text(&seller.phone),
            email: seller.email.as_ref().map(|email| email.as_str().to_owned()),
        },
        ..Party::default()
    };
    if vat_id.is_none() {
        // BR-CO-26 wants BT-29, BT-30 or BT-31: sellers without a VAT id are identified by their tax number.
        party.identifiers.extend(text(&seller.tax_number).map(Identifier::new));
    }
    party.vat_identifier = vat_id;
    party
}

/// BG-7.
fn customer(bill: &Bill<'_>) -> Party {
    let (buyer, outside_vat) = (bill.buyer, bill.has(TaxCategory::O));
    Party {
        name: text(buyer.name()),
        identifiers: vec![Identifier::new(bill.customer)],
        vat_identifier: text(&buyer.vat_id).filter(|_| !outside_vat),
        electronic_address: electronic_address(buyer.email.as_ref()),
        address: buyer_address(buyer),
        contact: Contact { name: text(&buyer.person).filter(|_| !buyer.company.is_empty()), ..Contact::default() },
        ..Party::default()
    }
}

fn buyer_address(buyer: &Buyer) -> PostalAddress {
    PostalAddress {
        line1: text(&buyer.line1),
        line2: text(&buyer.line2),
        line3: text(&buyer.line3),
        post_code: text(&buyer.postal_code),
        city: text(&buyer.city),
        country: buyer.country.as_ref().map(|code| code.as_str().into()),
        ..PostalAddress::default()
    }
}

/// BG-13. BR-IC-12 wants the country of delivery for supplies inside the European Union.
fn delivery(bill: &Bill<'_>) -> Result<Option<Delivery>, NotAnEInvoice> {
    let delivery = Delivery {
        date: bill.delivered_on.map(date).transpose()?,
        address: bill.has(TaxCategory::K).then(|| buyer_address(bill.buyer)),
        ..Delivery::default()
    };
    Ok((delivery != Delivery::default()).then_some(delivery))
}

/// BG-14: the invoice's own period, else from the first to the last day of its lines' periods. XRechnung wants none of those
/// to reach beyond it (PEPPOL-EN16931-R110, R111).
fn invoicing_period(bill: &Bill<'_>, terms: Terms) -> Result<Option<Days>, NotAnEInvoice> {
    let lines = || bill.priced.lines.iter().filter_map(|line| line.period);
    let needed = bill.period.is_some() || bill.delivered_on.is_none();
    let period = match (bill.period, terms) {
        (Some(own), Terms::En16931) => Some(own),
        (own, _) => spanned(own.into_iter().chain(lines())).filter(|_| needed),
    };
    period.map(days).transpose()
}

fn spanned(periods: impl Iterator<Item = Period> + Clone) -> Option<Period> {
    let from = periods.clone().map(|period| period.from).min()?;
    let to = periods.map(|period| period.to).max()?;
    Some(Period { from, to })
}

/// BG-16, which XRechnung wants in every invoice (BR-DE-1).
fn payment(bill: &Bill<'_>, open: Money, terms: Terms) -> Option<PaymentInstructions> {
    let bank = bill.seller.bank.as_ref().filter(|_| bill.due_on.is_some());
    match terms {
        Terms::En16931 => bank.filter(|_| open.is_positive()).map(|bank| transfer(bank, bill)),
        Terms::XRechnung => Some(bank.map_or_else(agreed, |bank| transfer(bank, bill))),
    }
}

fn agreed() -> PaymentInstructions {
    PaymentInstructions { means_code: Some(AGREED.into()), ..PaymentInstructions::default() }
}

fn transfer(bank: &BankAccount, bill: &Bill<'_>) -> PaymentInstructions {
    let sepa = bill.currency() == Currency::Eur;
    let account = CreditTransfer {
        account_identifier: text(&bank.iban),
        account_name: text(&bank.holder),
        provider_identifier: text(&bank.bic),
    };
    PaymentInstructions {
        means_code: Some(if sepa { SEPA_TRANSFER } else { OTHER_TRANSFER }.into()),
        remittance_information: Some(bill.number.to_owned()),
        means: Some(PaymentMeans::CreditTransfer(vec![account])),
        ..PaymentInstructions::default()
    }
}

/// BG-23. XRechnung wants the rate outside the scope of VAT, too (BR-DE-14): it is 0.
fn breakdown(total: &TaxTotal, terms: Terms) -> Result<VatBreakdown, NotAnEInvoice> {
    let LineVat { category, rate } = vat(total.category, &total.rate.percent())?;
    let rate = match terms {
        Terms::En16931 => rate,
        Terms::XRechnung => Some(total.rate.percent().parse().map_err(value)?),
    };
    let reason = text(&total.reason).filter(|_| total.category.needs_reason());
    Ok(VatBreakdown {
        taxable_amount: amount(total.net)?,
        tax_amount: amount(total.tax)?,
        category,
        rate,
        exemption_reason: reason,
        exemption_reason_code: reason_code(total.category).map(Into::into),
    })
}

/// BT-121, where the category alone says it; the reason for E is in words only.
const fn reason_code(category: TaxCategory) -> Option<&'static str> {
    match category {
        TaxCategory::AE => Some("VATEX-EU-AE"),
        TaxCategory::K => Some("VATEX-EU-IC"),
        TaxCategory::G => Some("VATEX-EU-G"),
        TaxCategory::O => Some("VATEX-EU-O"),
        TaxCategory::S | TaxCategory::Z | TaxCategory::E => None,
    }
}

/// BG-30; BR-O-05 forbids a rate outside the scope of VAT.
fn vat(category: TaxCategory, percent: &str) -> Result<LineVat, NotAnEInvoice> {
    let rate: Percentage = percent.parse().map_err(value)?;
    let code = match category {
        TaxCategory::S => "S",
        TaxCategory::Z => "Z",
        TaxCategory::E => "E",
        TaxCategory::AE => "AE",
        TaxCategory::K => "K",
        TaxCategory::G => "G",
        TaxCategory::O => "O",
    };
    Ok(LineVat { category: code.into(), rate: (category != TaxCategory::O).then_some(rate) })
}

/// BG-25. BR-27 forbids negative prices, so a discount's sign moves to its quantity.
fn line(position: usize, line: &Line) -> Result<InvoiceLine, NotAnEInvoice> {
    let (quantity, price) = (line.quantity.decimal(), line.unit_price.decimal());
    let (quantity, price) = match price.strip_prefix('-') {
        Some(size) => (negated(&quantity), size.to_owned()),
        None => (quantity, price),
    };
    let quantity: Quantity = quantity.parse().map_err(value)?;
    let price: Quantity = price.parse().map_err(value)?;
    let vat = vat(line.tax_category, &line.tax_rate.percent())?;
    let item = Item { name: text(&line.description), description: text(&line.details), ..Item::default() };
    let details = PriceDetails { net_price: UnitPriceAmount::new(price.into_decimal()), ..PriceDetails::default() };
    let unit = line.unit.as_str();
    let id = position.to_string();
    let written = InvoiceLine::new(id, "", quantity, unit, amount(line.net)?, vat.category, vat.rate);
    let written = written.with_item(item).with_price(details);
    Ok(match line.period {
        Some(period) => written.with_period(days(period)?),
        None => written,
    })
}

fn negated(plain: &str) -> String {
    plain.strip_prefix('-').map_or_else(|| format!("-{plain}"), str::to_owned)
}

fn electronic_address(email: Option<&EmailAddress>) -> Option<Identifier> {
    email.map(|email| Identifier::schemed(email.as_str(), EMAIL))
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn amount(money: Money) -> Result<InvoiceAmount, NotAnEInvoice> {
    InvoiceAmount::parse(&money.decimal()).map_err(value)
}

fn date(day: jiff::civil::Date) -> Result<Date, NotAnEInvoice> {
    let part = |part: i8| u8::try_from(part).map_err(value);
    Date::new(i32::from(day.year()), part(day.month())?, part(day.day())?).map_err(value)
}

fn days(period: Period) -> Result<Days, NotAnEInvoice> {
    Ok(Days { start: Some(date(period.from)?), end: Some(date(period.to)?) })
}

fn value(error: impl std::fmt::Display) -> NotAnEInvoice {
    NotAnEInvoice::Value(error.to_string())
}
