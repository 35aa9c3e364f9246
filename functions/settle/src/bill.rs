//! What a customer can settle: receivables accounts with their open invoices, and the accounts a balance may come from.

use checkout::{Own, Way, ways};
use domain::{
    Currency, Money,
    customer::{Customer, EmailAddress},
    id::PaymentMethodId,
    invoice::InvoiceRow,
    ledger::{Account, AccountKind},
    number::{AccountNumber, InvoiceNumber},
    payment::{Claim, Preview, SettlementRefused, preview},
    payment_method::PaymentMethod,
    tenant::Settings,
};
use jiff::civil::Date;
use store::{Overview, TenantStore};
use web::{Answer, Problem};

/// Open invoices that are looked at; far more than one payment may name.
const MAX_OPEN: u16 = 1_000;

/// Everything about a customer that paying needs.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    /// Where confirmations go.
    pub(crate) email: Option<EmailAddress>,
    /// All accounts.
    pub(crate) accounts: Vec<Account>,
    /// Ways to pay that the customer keeps here.
    methods: Vec<PaymentMethod>,
    /// The one that comes first.
    default: Option<PaymentMethodId>,
    today: Date,
    /// Receivables accounts on which something is open.
    pub(crate) open: Vec<OpenAccount>,
}

/// A receivables account with its open invoices.
#[derive(Debug, Clone)]
pub(crate) struct OpenAccount {
    pub(crate) account: Account,
    /// Those first that get money first.
    pub(crate) rows: Vec<InvoiceRow>,
}

impl Bill {
    /// Reads it in one round trip.
    pub(crate) async fn load(store: &TenantStore, customer: &domain::id::CustomerId, today: Date) -> Answer<Self> {
        let rows = store.rows_of_open_items(customer, |_| true, MAX_OPEN, None);
        let (overview, rows) = tokio::try_join!(store.overview(customer), rows)?;
        let Overview { customer: profile, accounts, methods, .. } = overview.ok_or(Problem::NotFound)?;
        let mut open = Vec::new();
        for account in accounts.iter().filter(|account| account.kind == AccountKind::Receivables) {
            let own = |row: &&InvoiceRow| row.account == account.number && row.open.is_positive();
            let rows: Vec<InvoiceRow> = rows.items.iter().filter(own).cloned().collect();
            if !rows.is_empty() {
                open.push(OpenAccount { account: account.clone(), rows: in_order(rows, today)? });
            }
        }
        let Customer { default_method: default, facts, .. } = profile.value;
        Ok(Self { email: facts.email, accounts, methods, default, today, open })
    }

    /// The account that is meant: the named one, or the only one.
    pub(crate) fn account(&self, named: Option<&str>) -> Option<&OpenAccount> {
        match (named.filter(|named| !named.is_empty()), self.open.as_slice()) {
            (Some(named), open) => open.iter().find(|one| one.account.number.as_str() == named),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// The ways in which something on an account can be paid.
    pub(crate) fn ways(&self, settings: &Settings, has_sandbox: bool, currency: Currency) -> Vec<Way> {
        let (accounts, methods, default) = (&self.accounts, &self.methods, self.default.as_ref());
        ways(settings, has_sandbox, Own { accounts, methods, default, today: self.today }, currency)
    }
}

/// Overdue ones first, then the oldest: the order of distributing, which the smallest payment shows.
fn in_order(rows: Vec<InvoiceRow>, today: Date) -> Answer<Vec<InvoiceRow>> {
    let Some(currency) = rows.first().map(|row| row.open.currency()) else { return Ok(rows) };
    let claims = rows.iter().map(Claim::from).collect();
    let order = preview(Some(Money::of_minor(1, currency)), claims, today)
        .map_err(|error| Problem::Internal(error.to_string()))?;
    let place = |row: &InvoiceRow| order.allocations.iter().position(|share| share.invoice == row.number);
    let mut rows = rows;
    rows.sort_by_cached_key(place);
    Ok(rows)
}

impl OpenAccount {
    pub(crate) fn number(&self) -> &AccountNumber {
        &self.account.number
    }

    pub(crate) fn currency(&self) -> Currency {
        self.account.balance.currency()
    }

    /// The open invoices among those named.
    pub(crate) fn chosen(&self, numbers: &[InvoiceNumber]) -> Vec<InvoiceNumber> {
        let rows = self.rows.iter().filter(|row| numbers.contains(&row.number));
        rows.map(|row| row.number.clone()).collect()
    }

    /// What an amount does; over all that is open where nothing is named.
    pub(crate) fn preview(
        &self,
        amount: Option<Money>,
        named: Option<&[InvoiceNumber]>,
        today: Date,
    ) -> Result<Preview, SettlementRefused> {
        let wanted = |row: &&InvoiceRow| named.is_none_or(|named| named.contains(&row.number));
        preview(amount, self.rows.iter().filter(wanted).map(Claim::from).collect(), today)
    }

    /// Sum of what is open, and of what is overdue.
    pub(crate) fn sums(&self, today: Date) -> Answer<(Money, Money)> {
        let sum = |rows: &mut dyn Iterator<Item = &InvoiceRow>| {
            Money::sum(self.currency(), rows.map(|row| row.open)).map_err(|error| Problem::Internal(error.to_string()))
        };
        let overdue = sum(&mut self.rows.iter().filter(|row| row.due_on < today))?;
        Ok((sum(&mut self.rows.iter())?, overdue))
    }
}
