//! `/accounts`: every account with its balance (M-20), and the last entries of the first prepaid one.

use domain::{
    Money,
    ledger::{Account, AccountKind},
    number::AccountNumber,
};
use jiff::civil::Date;
use serde::Serialize;
use statement::{EntryRow, account_word, entries};
use store::{OpenItem, Overview};
use text::Words;
use utoipa::ToSchema;
use web::{Answer, Asked, CustomerContext, Json, Nothing, Page, Problem, area};

/// Entries on the page; all of them stand on the account's own.
const LAST: u16 = 5;

type Context = CustomerContext<area::Accounts>;

/// Shows the page.
pub(crate) async fn show(cx: Context, _: Asked<Nothing>) -> Answer<Page<AccountsPage>> {
    let accounts = load(&cx).await?;
    let last = match accounts.iter().find(|card| card.kind == AccountKind::Prepaid) {
        Some(card) => {
            let page = entries(&cx.store(), &card.number, card.kind, LAST, None).await?;
            Some(Last { number: card.number.clone(), entries: page.items })
        }
        None => None,
    };
    Ok(Page::new(AccountsPage { accounts, last: last.filter(|last| !last.entries.is_empty()) }))
}

/// `GET /api/v1/accounts`
pub(crate) async fn list(cx: Context, _: Asked<Nothing>) -> Answer<Json<AccountsShown>> {
    Ok(Json::new(AccountsShown { items: load(&cx).await? }))
}

async fn load(cx: &Context) -> Answer<Vec<AccountCard>> {
    let (store, customer, today) = (cx.store(), cx.customer(), cx.today());
    let (overview, open) = tokio::try_join!(store.overview(customer), store.open_items(customer))?;
    let Overview { accounts, .. } = overview.ok_or(Problem::NotFound)?;
    let mut cards = accounts.iter().map(|one| AccountCard::of(one, &open, today)).collect::<Answer<Vec<_>>>()?;
    // Receivables first; within a kind the table's order, which is that of the numbers.
    cards.sort_by_key(|card| card.kind == AccountKind::Prepaid);
    Ok(cards)
}

/// An account and its balance, as people say it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CustomerAccount)]
pub struct AccountCard {
    /// For example `00001008`.
    pub number: AccountNumber,
    /// What it is for.
    pub kind: AccountKind,
    /// What people call it, may be empty.
    pub name: String,
    /// What there is to spend: paid in advance, or credit.
    pub available: Money,
    /// What is open on it; always nothing on a prepaid account.
    pub open: Money,
    /// How much of that is overdue.
    pub overdue: Money,
    /// How many entries it has.
    pub entries: u64,
}

impl AccountCard {
    pub(crate) fn of(account: &Account, open: &[OpenItem], today: Date) -> Answer<Self> {
        let internal = |error: domain::money::MoneyError| Problem::Internal(error.to_string());
        let own = || open.iter().filter(|item| item.account == account.number);
        let currency = account.balance.currency();
        let sum = |items: &mut dyn Iterator<Item = Money>| Money::sum(currency, items).map_err(internal);
        Ok(Self {
            number: account.number.clone(),
            kind: account.kind,
            name: account.name.clone(),
            available: account.available().map_err(internal)?,
            open: sum(&mut own().map(|item| item.open))?,
            overdue: sum(&mut own().filter(|item| item.due_on < today).map(|item| item.open))?,
            entries: account.seq,
        })
    }

    /// Is it one that is topped up?
    #[must_use]
    pub fn is_prepaid(&self) -> bool {
        self.kind == AccountKind::Prepaid
    }

    /// „Kundenkonto K5003-EUR · offene Forderungen", „Prepaid-Konto 00001008 · Guthaben".
    #[must_use]
    pub fn title(&self, t: &Words) -> String {
        match (self.kind, self.name.as_str()) {
            (AccountKind::Receivables, _) => t.settle_account_open(&self.number),
            (AccountKind::Prepaid, "") => t.prepaid_account_balance(&self.number),
            (AccountKind::Prepaid, name) => t.prepaid_account_named(name, &self.number),
        }
    }

    /// „Kundenkonto K5003-EUR", „Prepaid-Konto 00001008".
    #[must_use]
    pub fn word(&self, t: &Words) -> String {
        account_word(&self.number, self.kind, t)
    }
}

/// Every account of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerAccounts)]
pub struct AccountsShown {
    items: Vec<AccountCard>,
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountsPage {
    /// One card each.
    pub accounts: Vec<AccountCard>,
    /// The last entries of the first prepaid account, if it has any.
    pub last: Option<Last>,
}

/// The last entries of an account.
#[derive(Debug, Clone, Serialize)]
pub struct Last {
    /// Which account.
    pub number: AccountNumber,
    /// Newest first.
    pub entries: Vec<EntryRow>,
}

impl AccountsPage {
    /// The position of the card whose button is the primary one: what is open goes first.
    #[must_use]
    pub fn primary(&self) -> usize {
        self.accounts.iter().position(|card| card.open.is_positive()).unwrap_or_default()
    }
}

web::page!(AccountsPage => "pages/prepaid/accounts.html");

#[cfg(test)]
pub(crate) mod tests {
    use domain::Currency;
    use web::page::testing;

    use super::*;

    pub(crate) fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    pub(crate) fn prepaid(number: &str, name: &str, minor: i64) -> AccountCard {
        AccountCard {
            number: number.parse().unwrap(),
            kind: AccountKind::Prepaid,
            name: name.to_owned(),
            available: eur(minor),
            open: eur(0),
            overdue: eur(0),
            entries: u64::from(minor != 0),
        }
    }

    pub(crate) fn receivables() -> AccountCard {
        AccountCard {
            kind: AccountKind::Receivables,
            open: eur(138_850),
            overdue: eur(11_900),
            available: eur(500),
            ..prepaid("K5003-EUR", "", 1)
        }
    }

    #[test]
    fn the_accounts_page_is_sound() {
        let accounts = vec![receivables(), prepaid("00001012", "", 4_210), prepaid("00001013", "Domain-Reserve", 0)];
        let number = "00001012".parse().unwrap();
        let last = Some(Last { number, entries: statement::testing::rows() });
        let page = AccountsPage { accounts, last };
        testing::check("accounts", &page, |_| {});
        testing::check("accounts-long", &page, testing::extreme);
        testing::check("accounts-empty", &AccountsPage { accounts: vec![], last: None }, |_| {});
        let calm = AccountCard { open: eur(0), overdue: eur(0), available: eur(0), ..receivables() };
        testing::check("accounts-settled", &AccountsPage { accounts: vec![calm], last: None }, |_| {});
    }
}
