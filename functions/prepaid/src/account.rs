//! `/accounts/{number}` and `/accounts/{number}.csv`: one account with its entries, newest first.

use domain::number::AccountNumber;
use serde::{Deserialize, Serialize};
use statement::{EntryRow, entries as page_of};
use utoipa::ToSchema;
use web::{
    Answer, Asked, CustomerContext, Door, Either, File, Json, Page, Problem, area,
    sheet::{Sheet, amount, guarded},
};

use crate::accounts::AccountCard;

/// Entries of one page.
const PAGE: u16 = 20;
/// Most entries of one answer.
const MAX_LIMIT: u16 = 100;
/// Most rows of one file.
const MAX_ROWS: usize = 1_000;
/// What a file's address ends with. A router knows no suffix behind a parameter, so it is taken off here.
const CSV: &str = ".csv";

type Context = CustomerContext<area::Accounts>;

/// Which account, as its slug, and where its entries go on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Ask {
    number: String,
    limit: Option<u16>,
    after: Option<String>,
}

/// Shows the page, or hands the file out.
pub(crate) async fn show(cx: Context, ask: Asked<Ask>) -> Answer<Either<Page<AccountPage>, File>> {
    let Ask { number: slug, after, .. } = ask.0;
    // An account whose own number ends that way has its page all the same.
    match (find(&cx, &slug).await, slug.strip_suffix(CSV)) {
        (Ok(card), _) => load(&cx, card, PAGE, after).await.map(Page::new).map(Either::First),
        (Err(Problem::NotFound), Some(slug)) => {
            let card = find(&cx, slug).await?;
            csv(&cx, &card).await.map(Either::Second)
        }
        (Err(problem), _) => Err(problem),
    }
}

/// `GET /api/v1/accounts/{number}`
pub(crate) async fn get(cx: Context, ask: Asked<Ask>) -> Answer<Json<AccountCard>> {
    find(&cx, &ask.0.number).await.map(Json::new)
}

/// `GET /api/v1/accounts/{number}/entries`
pub(crate) async fn entries(cx: Context, ask: Asked<Ask>) -> Answer<Json<EntriesShown>> {
    let Ask { number, limit, after } = ask.0;
    let card = find(&cx, &number).await?;
    let page = load(&cx, card, limit.unwrap_or(PAGE).clamp(1, MAX_LIMIT), after).await?;
    Ok(Json::new(EntriesShown { items: page.entries, next: page.next }))
}

/// One's own account; another customer's is the same 404 as none.
async fn find(cx: &Context, slug: &str) -> Answer<AccountCard> {
    let number = AccountNumber::from_slug(slug).map_err(|_| Problem::NotFound)?;
    let (store, customer) = (cx.store(), cx.customer());
    let (account, open) = tokio::try_join!(store.account(customer, &number), store.open_items(customer))?;
    AccountCard::of(&account.ok_or(Problem::NotFound)?.value, &open, cx.today())
}

async fn cursors(cx: &Context, number: &AccountNumber) -> Answer<web::Cursors> {
    cx.cursors(&format!("entries {number}")).await
}

async fn load(cx: &Context, card: AccountCard, limit: u16, after: Option<String>) -> Answer<AccountPage> {
    let position = match &after {
        Some(after) => cursors(cx, &card.number).await?.read(Some(after))?,
        None => None,
    };
    let older = position.is_some();
    let page = page_of(&cx.store(), &card.number, card.kind, limit, position).await?;
    let next = match page.next {
        Some(position) => Some(cursors(cx, &card.number).await?.sign(&position)),
        None => None,
    };
    Ok(AccountPage { card, entries: page.items, next, older })
}

async fn csv(cx: &Context, card: &AccountCard) -> Answer<File> {
    let t = cx.arrival().words();
    let mut sheet = Sheet::with_header([
        t.prepaid_entry(),
        t.prepaid_date(),
        t.prepaid_reference(),
        t.prepaid_amount(),
        t.prepaid_balance(),
        t.invoices_csv_currency(),
    ])?;
    let (mut rows, mut after) = (0, None);
    while rows < MAX_ROWS {
        let page = page_of(&cx.store(), &card.number, card.kind, MAX_LIMIT, after).await?;
        rows += page.items.len();
        for entry in &page.items {
            sheet.row([
                guarded(&entry.what.words(&t)),
                t.date(entry.on),
                guarded(&entry.reference),
                amount(entry.amount, t),
                amount(entry.balance, t),
                entry.amount.currency().code().to_owned(),
            ])?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    sheet.download(&t.prepaid_csv_name(card.number.slug()))
}

/// Entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountEntries)]
pub struct EntriesShown {
    items: Vec<EntryRow>,
    next: Option<String>,
}

/// One account with its entries.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPage {
    /// The account.
    pub card: AccountCard,
    /// Newest first.
    pub entries: Vec<EntryRow>,
    /// Cursor of older ones.
    pub next: Option<String>,
    /// Is this a page of older ones?
    pub older: bool,
}

impl AccountPage {
    /// Address of the same list as a file.
    #[must_use]
    pub fn csv(&self) -> String {
        format!("/accounts/{}{CSV}", self.card.number.slug())
    }

    /// Address of the next page. Cursors are made of letters that need no escape.
    #[must_use]
    pub fn older_page(&self) -> Option<String> {
        self.next.as_ref().map(|after| format!("/accounts/{}?after={after}", self.card.number.slug()))
    }
}

web::page!(AccountPage => "pages/prepaid/account.html");

#[cfg(test)]
mod tests {
    use web::page::testing;

    use super::*;
    use crate::accounts::tests::{prepaid, receivables};

    #[test]
    fn the_account_page_is_sound() {
        let rows = statement::testing::rows;
        let page = AccountPage {
            card: prepaid("00001012", "Domain-Reserve", 4_210),
            entries: rows(),
            next: Some("b3BhcXVl".to_owned()),
            older: true,
        };
        testing::check("account", &page, |_| {});
        testing::check("account-receivables", &AccountPage { card: receivables(), ..page.clone() }, testing::extreme);
        let card = prepaid("00001013", "", 0);
        testing::check("account-empty", &AccountPage { card, entries: vec![], next: None, older: false }, |_| {});
    }
}
