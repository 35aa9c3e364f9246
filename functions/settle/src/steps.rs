//! The pages of „Rechnungen ausgleichen": nothing to do, account, and the four steps.

use checkout::Way;
use domain::{
    Money,
    customer::EmailAddress,
    invoice::{InvoiceRow, Status},
    number::{AccountNumber, InvoiceNumber},
    payment::{Preview, Share},
};
use jiff::civil::Date;
use serde::Serialize;
use text::Words;
use web::page::{Frame, View};

use crate::carried::{Carried, How, Step};

/// The page of the step one is at.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SettlePage {
    /// Nothing is open.
    Nothing(NothingPage),
    /// Step 0.
    Account(AccountPage),
    /// Step 1.
    Amount(AmountPage),
    /// Step 2.
    Allocation(AllocationPage),
    /// Step 3.
    Method(MethodPage),
    /// Step 4.
    Check(Box<CheckPage>),
}

/// Everything is paid.
#[derive(Debug, Clone, Serialize)]
pub struct NothingPage {
    /// What is left of earlier payments.
    pub credit: Option<Money>,
}

/// The accounts on which something is open.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPage {
    /// One card each.
    pub accounts: Vec<AccountCard>,
}

/// An account in short, beside every step.
#[derive(Debug, Clone, Serialize)]
pub struct AccountCard {
    /// „Kundenkonto".
    pub number: AccountNumber,
    /// „Kontostand (offene Forderungen)".
    pub open: Money,
    /// „davon überfällig".
    pub overdue: Money,
    /// How many invoices are open.
    pub count: usize,
    /// What is left of earlier payments.
    pub credit: Money,
    /// „Ihre Zahlung", and what is open after it, once they are known.
    pub paying: Option<(Money, Money)>,
}

/// Step 1: which invoices, or how much.
#[derive(Debug, Clone, Serialize)]
pub struct AmountPage {
    /// The account.
    pub card: AccountCard,
    /// Is an amount asked for rather than invoices?
    pub by_amount: bool,
    /// Every open invoice, overdue ones first.
    pub invoices: Vec<InvoiceChoice>,
    /// Sum of the chosen ones.
    pub chosen: Money,
    /// What was typed.
    pub typed: String,
}

/// An open invoice to choose.
#[derive(Debug, Clone, Serialize)]
pub struct InvoiceChoice {
    /// „Re.-Nummer".
    pub number: InvoiceNumber,
    /// As of today.
    pub status: Status,
    /// What is still to pay.
    pub open: Money,
    /// Is it chosen?
    pub chosen: bool,
}

impl InvoiceChoice {
    pub(crate) fn of(row: &InvoiceRow, today: Date, chosen: bool) -> Self {
        Self { number: row.number.clone(), status: row.status(today), open: row.open, chosen }
    }
}

/// Step 2: what the amount does.
#[derive(Debug, Clone, Serialize)]
pub struct AllocationPage {
    /// What is carried along.
    pub carried: Carried,
    /// The account.
    pub card: AccountCard,
    /// What was typed, or the amount.
    pub typed: String,
    /// The shares; none while what was typed is no amount.
    pub shares: Option<Shares>,
}

/// Step 2 while somebody types: what that amount does.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewPart {
    /// The shares; none while what was typed is no amount.
    pub shares: Option<Shares>,
}

/// An amount over invoices.
#[derive(Debug, Clone, Serialize)]
pub struct Shares {
    /// The amount.
    pub amount: Money,
    /// One row per invoice.
    pub rows: Vec<ShareRow>,
    /// Sums of the three columns.
    pub totals: (Money, Money, Money),
    /// What becomes credit.
    pub credit: Money,
}

/// What one invoice gets.
#[derive(Debug, Clone, Serialize)]
pub struct ShareRow {
    /// The share.
    #[serde(flatten)]
    pub share: Share,
    /// Days since it was due; 0 when it is not overdue.
    pub overdue: i32,
}

/// Step 3: the ways to pay.
#[derive(Debug, Clone, Serialize)]
pub struct MethodPage {
    /// What is carried along.
    pub carried: Carried,
    /// The account, with the payment.
    pub card: AccountCard,
    /// What is offered.
    pub ways: Vec<Way>,
    /// Position of the one that is chosen.
    pub chosen: usize,
}

/// Step 4: everything again, and the button.
#[derive(Debug, Clone, Serialize)]
pub struct CheckPage {
    /// What is carried along.
    pub carried: Carried,
    /// The account, with the payment.
    pub card: AccountCard,
    /// How it is paid.
    pub way: Way,
    /// The shares.
    pub shares: Shares,
    /// Who gets the money, in one line.
    pub payee: String,
    /// Other payments over the same invoices that still run.
    pub running: Vec<Running>,
    /// Where the confirmation goes.
    pub email: Option<EmailAddress>,
}

/// A payment that still runs.
#[derive(Debug, Clone, Serialize)]
pub struct Running {
    /// How much.
    pub amount: Money,
    /// Its page.
    pub href: String,
}

impl SettlePage {
    /// What an amount does, on the page that shows it.
    pub(crate) fn shares(self) -> Option<Shares> {
        match self {
            Self::Allocation(page) => page.shares,
            _ => None,
        }
    }
}

impl Shares {
    /// The shares of a preview.
    pub(crate) fn of(preview: Preview, today: Date) -> Result<Self, domain::money::MoneyError> {
        let currency = preview.amount.currency();
        let sum = |of: fn(&Share) -> Money| Money::sum(currency, preview.allocations.iter().map(of));
        let totals = (sum(|share| share.open)?, sum(|share| share.amount)?, sum(|share| share.remaining)?);
        let row = |share: Share| ShareRow { overdue: domain::time::days_between(share.due_on, today).max(0), share };
        Ok(Self {
            amount: preview.amount,
            totals,
            credit: preview.credit,
            rows: preview.allocations.into_iter().map(row).collect(),
        })
    }

    /// What it comes to, in sentences: what is settled, what stays open, what becomes credit (B-04).
    #[must_use]
    pub fn words(&self, t: &Words) -> Vec<String> {
        let settled = self.rows.iter().filter(|row| row.share.remaining.is_zero()).count();
        let part = self.rows.iter().find(|row| row.share.amount.is_positive() && row.share.remaining.is_positive());
        let untouched = self.rows.iter().filter(|row| row.share.amount.is_zero()).count();
        let mut words = Vec::new();
        if settled > 0 {
            words.push(t.settle_will_settle(settled));
        }
        if let Some(ShareRow { share, .. }) = part {
            words.push(t.settle_stays_open(t.money(share.remaining), t.date(share.due_on), &share.invoice));
        }
        if untouched > 0 {
            words.push(t.settle_untouched(untouched));
        }
        if self.credit.is_positive() {
            words.push(t.settle_becomes_credit(t.money(self.credit)));
        }
        words
    }

    /// „RE1040 119,00 €, RE1041 20,00 €".
    #[must_use]
    pub fn in_short(&self, t: &Words) -> String {
        let paid = self.rows.iter().map(|row| &row.share).filter(|share| share.amount.is_positive());
        let mut parts: Vec<String> =
            paid.map(|share| format!("{}\u{a0}{}", share.invoice, t.money(share.amount))).collect();
        if self.credit.is_positive() {
            parts.push(t.settle_credit_of(t.money(self.credit)));
        }
        parts.join(", ")
    }
}

/// Word, the way back to a step that is done, and whether one is there.
pub type StepLink = (String, Option<String>, bool);

impl AmountPage {
    /// The steps at the head of the page.
    #[must_use]
    pub fn steps(&self, t: &Words) -> Vec<StepLink> {
        steps(Step::Amount, None, t)
    }
}

impl AllocationPage {
    /// The steps at the head of the page.
    #[must_use]
    pub fn steps(&self, t: &Words) -> Vec<StepLink> {
        steps(Step::Allocation, Some(&self.carried), t)
    }
}

impl MethodPage {
    /// The steps at the head of the page.
    #[must_use]
    pub fn steps(&self, t: &Words) -> Vec<StepLink> {
        steps(Step::Method, Some(&self.carried), t)
    }

    /// The ways, and which one is ticked.
    #[must_use]
    pub fn cards(&self) -> Vec<(&Way, bool)> {
        self.ways.iter().enumerate().map(|(position, way)| (way, position == self.chosen)).collect()
    }
}

impl CheckPage {
    /// The steps at the head of the page.
    #[must_use]
    pub fn steps(&self, t: &Words) -> Vec<StepLink> {
        steps(Step::Check, Some(&self.carried), t)
    }
}

fn steps(here: Step, carried: Option<&Carried>, t: &Words) -> Vec<StepLink> {
    let all = [
        (Step::Amount, t.settle_step_amount()),
        (Step::Allocation, t.settle_step_allocation()),
        (Step::Method, t.settle_step_method()),
        (Step::Check, t.settle_step_check()),
    ];
    let step = |(number, (step, word)): (usize, (Step, &str))| {
        let href = carried.filter(|_| step < here).map(|carried| carried.href(step));
        (format!("{} {word}", number + 1), href, step == here)
    };
    all.into_iter().enumerate().map(step).collect()
}

impl AccountCard {
    /// The address of the first step with this account.
    #[must_use]
    pub fn href(&self) -> String {
        let (account, how) = (self.number.clone(), How::Amount);
        let carried = Carried { account, how, invoices: vec![], amount: None, choice: None, payment: None };
        let pairs = [("account", carried.account.as_str())];
        format!("/settle?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }
}

web::page!(NothingPage => "pages/settle/nothing.html");
web::page!(AccountPage => "pages/settle/account.html");
web::page!(AmountPage => "pages/settle/amount.html");
web::page!(AllocationPage => "pages/settle/allocation.html");
web::page!(PreviewPart => "pages/settle/preview.html");
web::page!(MethodPage => "pages/settle/method.html");
web::page!(CheckPage => "pages/settle/check.html");

impl View for SettlePage {
    fn html(&self, frame: &Frame) -> web::page::Html {
        match self {
            Self::Nothing(page) => page.html(frame),
            Self::Account(page) => page.html(frame),
            Self::Amount(page) => page.html(frame),
            Self::Allocation(page) => page.html(frame),
            Self::Method(page) => page.html(frame),
            Self::Check(page) => page.html(frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Currency,
        id::PaymentId,
        payment::{Claim, Method, Named, preview},
    };
    use jiff::civil::date;
    use web::page::{ErrorSummary, testing};

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    fn eur(minor: i64) -> Money {
        Money::of_minor(minor, Currency::Eur)
    }

    fn card(paying: Option<i64>) -> AccountCard {
        AccountCard {
            number: "K5003-EUR".parse().unwrap(),
            open: eur(138_850),
            overdue: eur(11_900),
            count: 3,
            credit: eur(0),
            paying: paying.map(|minor| (eur(minor), eur((138_850 - minor).max(0)))),
        }
    }

    fn carried(how: How) -> Carried {
        Carried {
            account: "K5003-EUR".parse().unwrap(),
            how,
            invoices: ["RE1040", "RE1041", "RE1043"].map(|number| number.parse().unwrap()).to_vec(),
            amount: Some(eur(100_000)),
            choice: None,
            payment: None,
        }
    }

    fn shares(amount: i64) -> Shares {
        let claim = |number: &str, due_on, minor| Claim {
            invoice: Named { number: number.parse().unwrap(), issued_on: date(2026, 11, 5) },
            due_on,
            open: eur(minor),
        };
        let claims = vec![
            claim("RE1040", date(2026, 11, 15), 11_900),
            claim("RE1041", date(2026, 12, 5), 2_000),
            claim("RE1043", date(2026, 11, 30), 124_950),
        ];
        Shares::of(preview(Some(eur(amount)), claims, TODAY).unwrap(), TODAY).unwrap()
    }

    fn amount_page() -> AmountPage {
        let choice = |number: &str, status, minor| InvoiceChoice {
            number: number.parse().unwrap(),
            status,
            open: eur(minor),
            chosen: true,
        };
        let due_on = date(2026, 12, 5);
        AmountPage {
            card: card(None),
            by_amount: false,
            invoices: vec![
                choice("RE1040", Status::Overdue { days: 7, open: eur(11_900) }, 11_900),
                choice("RE1041", Status::PartlyPaid { open: eur(2_000), due_on }, 2_000),
                choice("RE1043", Status::Open { due_on }, 124_950),
            ],
            chosen: eur(138_850),
            typed: String::new(),
        }
    }

    fn ways() -> Vec<Way> {
        let choice = "balance:00001012".parse().unwrap();
        let balance = Way {
            choice,
            balance: Some(eur(4_210)),
            name: "Domain-Reserve".to_owned(),
            ..Way::by(Method::Balance, None)
        };
        vec![Way::by(Method::Sandbox, None), Way::by(Method::BankTransfer, None), balance]
    }

    fn check_page(way: usize, minor: i64) -> CheckPage {
        let way = ways().swap_remove(way);
        let payment = PaymentId::new(jiff::Timestamp::UNIX_EPOCH, [1; 10]);
        CheckPage {
            carried: Carried {
                choice: Some(way.choice.clone()),
                payment: Some(payment),
                amount: Some(eur(minor)),
                ..carried(How::Part)
            },
            card: card(Some(minor)),
            way,
            shares: shares(minor),
            payee: "Webhosting AG, Musterweg 1, 12345 Musterhausen".to_owned(),
            running: vec![],
            email: "tine@example.org".parse().ok(),
        }
    }

    #[test]
    fn nothing_and_accounts_are_sound() {
        testing::check("settle-nothing", &NothingPage { credit: None }, |_| {});
        testing::check("settle-nothing-credit", &NothingPage { credit: Some(eur(500)) }, testing::extreme);
        let francs = AccountCard { number: "K5003-CHF".parse().unwrap(), overdue: eur(0), count: 1, ..card(None) };
        let accounts = vec![card(None), AccountCard { credit: eur(700), ..francs }];
        testing::check("settle-account", &AccountPage { accounts }, |_| {});
    }

    #[test]
    fn the_first_step_is_sound() {
        testing::check("settle-amount", &amount_page(), |_| {});
        let wrong = AmountPage { by_amount: true, typed: "zehn".to_owned(), ..amount_page() };
        testing::check("settle-amount-wrong", &wrong, |frame| {
            frame.errors = Some(ErrorSummary::one("amount", frame.t.settle_error_amount()));
        });
        let mut long = amount_page();
        long.invoices[0].number = "RECHNUNG-2026-NORDDEUTSCHLAND-0000004711".parse().unwrap();
        testing::check("settle-amount-long", &SettlePage::Amount(long), testing::extreme);
    }

    #[test]
    fn the_second_step_is_sound() {
        let page = |minor, how| AllocationPage {
            carried: carried(how),
            card: card(None),
            typed: "1.000,00".to_owned(),
            shares: Some(shares(minor)),
        };
        testing::check("settle-allocation", &page(100_000, How::Part), |_| {});
        testing::check("settle-allocation-credit", &page(150_000, How::Amount), testing::extreme);
        let wrong = AllocationPage { typed: "0".to_owned(), shares: None, ..page(1, How::Part) };
        testing::check("settle-allocation-wrong", &wrong, |frame| {
            frame.errors = Some(ErrorSummary::one("amount", frame.t.settle_error_amount()));
        });
    }

    #[test]
    fn the_third_step_is_sound() {
        let page = MethodPage { carried: carried(How::Part), card: card(Some(100_000)), ways: ways(), chosen: 1 };
        testing::check("settle-method", &page, |_| {});
        testing::check("settle-method-none", &MethodPage { ways: vec![], ..page.clone() }, testing::extreme);
        testing::check("settle-method-wrong", &page, |frame| {
            frame.errors = Some(ErrorSummary::one("method", frame.t.pay_error_method()));
        });
    }

    #[test]
    fn the_last_step_is_sound() {
        for way in 0..3 {
            testing::check(&format!("settle-check-{way}"), &check_page(way, 100_000), |_| {});
        }
        let running = vec![Running { amount: eur(11_900), href: "/payments/1".to_owned() }];
        let page = CheckPage { running, email: None, ..check_page(2, 150_000) };
        testing::check("settle-check-running", &page, |frame| {
            testing::extreme(frame);
            frame.errors = Some(ErrorSummary::one("method", frame.t.pay_error_balance()));
        });
    }

    #[test]
    fn a_preview_is_said_in_words() {
        let t = Words::new(domain::Language::De);
        assert_eq!(
            shares(100_000).words(&t),
            [
                "Nach dieser Zahlung sind 2 Rechnungen ausgeglichen.",
                "Von Rechnung RE1043 bleiben 388,50\u{a0}€ offen, fällig am 30.11.2026.",
            ]
        );
        let over = shares(150_000).words(&t);
        assert_eq!(over[1], "111,50\u{a0}€ davon werden Guthaben auf Ihrem Kundenkonto.");
        assert!(shares(11_900).words(&t)[1].contains('2'), "two invoices get nothing");
    }
}
