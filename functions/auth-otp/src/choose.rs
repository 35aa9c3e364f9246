//! `/login/choose`: after the code, which of the customers behind a shared address (M-40, B-08).

use domain::{Pii, customer::Customer, number::CustomerNumber};
use serde::{Deserialize, Serialize};
use store::LoginCandidate;
use utoipa::ToSchema;
use web::{
    Answer, Asked, Door, Either, Nothing, Page, PublicContext, SeeOther, Submitted, cookies::CookieName,
    page::ErrorSummary,
};

use crate::{
    Clients,
    flow::{self, NotRight, Right},
    sign_in::{self, Guest},
};

/// What the form carries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Form {
    #[serde(default)]
    customer: String,
}

/// The choice, while it is open.
pub(crate) async fn show(cx: PublicContext, _: Asked<Nothing>) -> Answer<Either<Page<ChoosePage>, SeeOther>> {
    Ok(match choices(&cx).await? {
        Some(page) => Either::First(Page::new(page)),
        None => Either::Second(SeeOther::to("/login")),
    })
}

/// Signs the chosen one in.
pub(crate) async fn submit(
    cx: PublicContext,
    clients: Clients,
    form: Submitted<Form>,
) -> Answer<Either<Page<ChoosePage>, SeeOther>> {
    let Some(id) = cx.arrival().cookie(CookieName::Challenge) else {
        return Ok(Either::Second(SeeOther::to("/login")));
    };
    match flow::choose(&cx, id, &form.into_inner().customer).await {
        Ok(Right::One { candidate, return_to, back, email }) => {
            let guest = Guest::proved(&candidate, back);
            sign_in::browser(&cx, &clients, guest, Some(&email), &return_to).await.map(Either::Second)
        }
        Err(NotRight::Wrong(_)) => Ok(match choices(&cx).await? {
            Some(page) => {
                let message = cx.arrival().words().login_choose_missing();
                Either::First(Page::with_errors(page, ErrorSummary::one("customer", message)))
            }
            None => Either::Second(SeeOther::to("/login")),
        }),
        Ok(Right::Several) | Err(NotRight::Ended | NotRight::TooMany) => Ok(Either::Second(SeeOther::to("/login"))),
        Err(NotRight::Problem(problem)) => Err(problem),
    }
}

async fn choices(cx: &PublicContext) -> Answer<Option<ChoosePage>> {
    let Some(id) = cx.arrival().cookie(CookieName::Challenge) else { return Ok(None) };
    match flow::choices(cx, id).await {
        Ok((challenge, known)) => {
            let email = challenge.value.email.as_str().to_owned().into();
            Ok(Some(ChoosePage { email, items: named(cx, &known).await?, next: None }))
        }
        Err(NotRight::Problem(problem)) => Err(problem),
        Err(_) => Ok(None),
    }
}

/// The candidates with name and town, in their order.
pub(crate) async fn named(cx: &PublicContext, known: &[LoginCandidate]) -> Answer<Vec<Choice>> {
    let ids: Vec<_> = known.iter().map(|candidate| candidate.customer.clone()).collect();
    let found = cx.store().customers_by_id(&ids).await?;
    let choice = |customer: Customer| {
        let facts = customer.facts;
        let company = !facts.company.is_empty();
        let name = if company { facts.company.clone() } else { facts.display_name().into() };
        Choice { customer: customer.number, name, city: facts.billing_address.city }
    };
    Ok(found.into_iter().map(choice).collect())
}

/// The customers that share an address, newest first.
#[derive(Debug, Clone, Serialize)]
pub struct ChoosePage {
    /// The shared address.
    pub email: Pii<String>,
    /// Newest first; the first one is chosen beforehand.
    pub items: Vec<Choice>,
    /// Always `None`: few customers share an address.
    pub next: Option<String>,
}

/// One customer to choose.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// „Kundennummer", the value of the choice.
    pub customer: CustomerNumber,
    /// Company, else the person's name.
    pub name: Pii<String>,
    /// „Ort".
    pub city: Pii<String>,
}

web::page!(ChoosePage => "pages/auth-otp/choose.html");

#[cfg(test)]
mod tests {
    use web::page::{ErrorSummary, testing};

    use super::*;

    fn choice(number: &str, name: &str, city: &str) -> Choice {
        Choice { customer: number.parse().unwrap(), name: name.to_owned().into(), city: city.to_owned().into() }
    }

    #[test]
    fn the_choice_page_is_sound() {
        let long = "Gesellschaft für angewandte Veranstaltungstechnik und Bühnenbau Norddeutschland mbH & Co. KG";
        let items = vec![
            choice("K5003", "Example GmbH", "Rosahausen"),
            choice("K4711", long, ""),
            choice("1000", "Kunde Eins AG", "Mustercity"),
        ];
        let page = ChoosePage { email: "tine@example.org".to_owned().into(), items, next: None };
        testing::check("choose", &page, testing::public);
        testing::check("choose-error", &page, |frame| {
            testing::extreme(frame);
            testing::public(frame);
            frame.errors = Some(ErrorSummary::one("customer", frame.t.login_choose_missing()));
        });
    }
}
