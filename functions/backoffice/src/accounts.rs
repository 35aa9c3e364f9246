//! `/api/admin/v1/accounts`: opens and names prepaid accounts, and shows every account with its balance.

use domain::{
    Currency, FieldErrors, Money,
    change::{Actor, Change, Event, EventKind},
    id::CustomerId,
    ledger::{Account, AccountKind},
    number::{AccountNumber, CustomerNumber},
};
use serde::{Deserialize, Serialize};
use store::{Loaded, TenantStore};
use utoipa::ToSchema;
use web::{Answer, Asked, IntegratorContext, Json, Problem, Saved, Submitted, scope};

use crate::customers;

/// Longest name, in characters.
const MAX_NAME: usize = 80;

/// Which account, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AccountPath {
    number: String,
}

impl AccountPath {
    fn number(&self) -> Answer<AccountNumber> {
        AccountNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)
    }
}

/// What the list's address carries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ListAsk {
    limit: Option<u16>,
    after: Option<String>,
}

/// A prepaid account. Receivables accounts come with the first invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountInput {
    customer: CustomerNumber,
    /// What the customer calls it, at most 80 characters.
    #[serde(default)]
    name: String,
    /// EUR unless said.
    #[serde(default = "eur")]
    currency: Currency,
}

const fn eur() -> Currency {
    Currency::Eur
}

/// An account with its balance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountOfTenant {
    number: AccountNumber,
    customer: CustomerNumber,
    kind: AccountKind,
    name: String,
    /// What the customer has to spend: paid in advance, or credit.
    available: Money,
    /// As the ledger has it: a customer's prepaid money is negative, open invoices are positive.
    balance: Money,
}

/// Accounts by number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountsOfTenant {
    items: Vec<AccountOfTenant>,
    next: Option<String>,
}

/// `PUT /api/admin/v1/accounts/{number}`: whose it is and its currency never change.
pub(crate) async fn put(
    cx: IntegratorContext<scope::Write>,
    body: Submitted<AccountInput, AccountPath>,
) -> Answer<Saved<AccountOfTenant>> {
    let (path, input) = body.into_parts();
    let (number, store) = (path.number()?, cx.store());
    check(&number, &input)?;
    let customer = customers::living(&store, &input.customer).await?;
    let event = |kind| Event::new(kind, Actor::Integrator, cx.now(), number.as_str());
    let seen = match store.account_owner(&number).await? {
        Some(owner) if owner != customer => return Err(immutable("customer", "is another customer's account")),
        Some(_) => store.account(&customer, &number).await?,
        None => None,
    };
    let Some(seen) = seen else {
        let account =
            Account { name: input.name, ..Account::open(number.clone(), AccountKind::Prepaid, input.currency) };
        let change = Change::new(account, event(EventKind::AccountOpened));
        store.open_account(&customer, &change).await?;
        return shown(&store, customer, change.into_parts().0).await.map(|account| Saved::new(account, true));
    };
    if seen.value.kind != AccountKind::Prepaid || seen.value.balance.currency() != input.currency {
        return Err(immutable("currency", "is another account already"));
    }
    let account = rename(&store, &customer, seen, input.name, event(EventKind::AccountUpdated)).await?;
    shown(&store, customer, account).await.map(|account| Saved::new(account, false))
}

async fn rename(
    store: &TenantStore,
    customer: &CustomerId,
    seen: Loaded<Account>,
    name: String,
    event: Event,
) -> Answer<Account> {
    if seen.value.name == name {
        return Ok(seen.value);
    }
    let change = Change::new(Account { name, ..seen.value.clone() }, event);
    store.save_account(customer, &seen, &change).await?;
    Ok(change.into_parts().0)
}

/// `GET /api/admin/v1/accounts/{number}`
pub(crate) async fn get(cx: IntegratorContext<scope::Read>, ask: Asked<AccountPath>) -> Answer<Json<AccountOfTenant>> {
    let (number, store) = (ask.0.number()?, cx.store());
    let owner = store.account_owner(&number).await?.ok_or(Problem::NotFound)?;
    let account = store.account(&owner, &number).await?.ok_or(Problem::NotFound)?;
    shown(&store, owner, account.value).await.map(Json::new)
}

/// `GET /api/admin/v1/accounts`
pub(crate) async fn list(cx: IntegratorContext<scope::Read>, ask: Asked<ListAsk>) -> Answer<Json<AccountsOfTenant>> {
    let (cursors, store) = (cx.cursors("accounts"), cx.store());
    let after = cursors.read(ask.0.after.as_deref())?;
    let page = store.accounts(ask.0.limit.unwrap_or(50).clamp(1, 50), after).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for (owner, account) in page.items {
        items.push(shown(&store, owner, account).await?);
    }
    Ok(Json::new(AccountsOfTenant { items, next: page.next.map(|next| cursors.sign(&next)) }))
}

async fn shown(store: &TenantStore, owner: CustomerId, account: Account) -> Answer<AccountOfTenant> {
    let customer = store.customer(&owner).await?.ok_or(Problem::NotFound)?.value.number;
    let available = account.available().map_err(|error| Problem::Internal(error.to_string()))?;
    let Account { number, kind, name, balance, .. } = account;
    Ok(AccountOfTenant { number, customer, kind, name, available, balance })
}

/// `K5003-EUR` is what a receivables account will be called: nobody else may have that name.
fn check(number: &AccountNumber, input: &AccountInput) -> Answer<()> {
    let mut errors = FieldErrors::default();
    let fits = input.name.chars().count() <= MAX_NAME && !input.name.chars().any(char::is_control);
    errors.require(fits, "name", "invalid", "must have at most 80 characters");
    let currency = number.as_str().rsplit_once('-').map(|(_, currency)| currency).unwrap_or_default();
    let is_reserved = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    errors.require(!is_reserved, "number", "reserved", "is the name of a receivables account");
    Ok(errors.into_result()?)
}

fn immutable(field: &'static str, message: &'static str) -> Problem {
    Problem::Conflict(FieldErrors::one(field, "immutable", message))
}
