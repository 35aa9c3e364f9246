//! `/statement/pdf`: an account between two days on paper. It is made from what is booked today, so it is rendered each time and
//! kept nowhere.

use domain::FieldErrors;
use statement::{Ask, MAX_ENTRIES, NoStatement, Statement};
use text::Words;
use web::{Answer, Asked, CustomerContext, File, Problem, area};

use crate::{
    Clients,
    desk::Desk,
    render::{self, StatementPaper},
};

/// `/statement/pdf`
pub(crate) async fn pdf(cx: CustomerContext<area::Accounts>, clients: Clients, ask: Asked<Ask>) -> Answer<File> {
    let (store, today) = (cx.store(), cx.today());
    let overview = store.overview_now(cx.customer()).await?.ok_or(Problem::NotFound)?;
    let account = ask.0.choose(&overview.accounts).ok_or(Problem::NotFound)?;
    let wrong = |code, message: String| Problem::from(FieldErrors::one("from", code, message));
    let (from, to) = ask.0.days(today).ok_or_else(|| wrong("invalid", "must be a day not after `to`".to_owned()))?;
    // What costs something is made for a checked session only; for all others the answer is thrown away anyway.
    cx.session().await?;
    let statement = Statement::of(&store, account, from, to).await.map_err(|none| match none {
        NoStatement::TooMany => wrong("too_many", format!("the period has more than {MAX_ENTRIES} entries")),
        NoStatement::TooLong => wrong("too_long", "the account has too many entries".to_owned()),
        NoStatement::Table(error) => error.into(),
    })?;
    let desk = Desk { store: &store, tenant: cx.tenant(), files: &clients.files, now: cx.now() };
    let customer = &overview.customer.value;
    let language = desk.language(customer);
    let print = |letterhead: render::Letterhead<'_>| {
        render::statement(&StatementPaper { statement: &statement, customer, language, day: today, letterhead })
    };
    let pdf = desk.printed(print).await?;
    let name = Words::new(language).statement_file(statement.account.slug(), statement.from, statement.to);
    Ok(File::download(pdf, "application/pdf", name))
}
