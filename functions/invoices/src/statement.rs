//! `/statement` and `/statement.csv`: an account between two days, with the balance before and afterwards („Kontoauszug").

use domain::{FieldErrors, Money, ledger::Account, number::AccountNumber};
use jiff::civil::Date;
use serde::Serialize;
use statement::{Ask, EntryRow, MAX_ENTRIES, NoStatement, Statement, account_word};
use text::Words;
use web::{
    Answer, Asked, CustomerContext, Door as _, File, Page, Problem, area,
    page::ErrorSummary,
    sheet::{Sheet, amount, guarded},
};

/// Entries on the page; all of them are in the file and on paper.
const SHOWN: usize = 1_000;

type Cx = CustomerContext<area::Accounts>;

/// Shows the statement, or says what is wrong with its days.
pub(crate) async fn show(cx: Cx, ask: Asked<Ask>) -> Answer<Page<StatementPage>> {
    let (ask, t) = (ask.0, Words::new(cx.arrival().language()));
    let accounts = accounts(&cx).await?;
    let Some(account) = ask.choose(&accounts) else {
        // Whoever has none yet sees that; another customer's is the same 404 as none.
        return if accounts.is_empty() {
            Ok(Page::new(page(&ask, &[], None, cx.today())))
        } else {
            Err(Problem::NotFound)
        };
    };
    let flaw = match made(&cx, account, &ask).await? {
        Ok(statement) => return Ok(Page::new(page(&ask, &accounts, Some(statement), cx.today()))),
        Err(flaw) => flaw,
    };
    let errors = ErrorSummary::one("from", flaw.message(&t));
    Ok(Page::with_errors(page(&ask, &accounts, None, cx.today()), errors))
}

/// Hands the same out as a file.
pub(crate) async fn csv(cx: Cx, ask: Asked<Ask>) -> Answer<File> {
    let (ask, t) = (ask.0, Words::new(cx.arrival().language()));
    let accounts = accounts(&cx).await?;
    let account = ask.choose(&accounts).ok_or(Problem::NotFound)?;
    let statement = made(&cx, account, &ask).await?;
    let statement = statement.map_err(|flaw| FieldErrors::one("from", flaw.code(), flaw.message(&t)))?;
    write(&statement, t)?.download(&t.statement_csv_name(statement.account.slug(), statement.from, statement.to))
}

/// What is wrong with the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    Days,
    TooMany,
    TooLong,
}

impl Flaw {
    fn message(self, t: &Words) -> String {
        match self {
            Self::Days => t.statement_days().to_owned(),
            Self::TooMany => t.statement_too_many(MAX_ENTRIES),
            Self::TooLong => t.statement_too_long().to_owned(),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Days => "invalid",
            Self::TooMany => "too_many",
            Self::TooLong => "too_long",
        }
    }
}

async fn accounts(cx: &Cx) -> Answer<Vec<Account>> {
    let overview = cx.store().overview_now(cx.customer()).await?.ok_or(Problem::NotFound)?;
    Ok(overview.accounts)
}

async fn made(cx: &Cx, account: &Account, ask: &Ask) -> Answer<Result<Statement, Flaw>> {
    let Some((from, to)) = ask.days(cx.today()) else { return Ok(Err(Flaw::Days)) };
    match Statement::of(&cx.store(), account, from, to).await {
        Ok(statement) => Ok(Ok(statement)),
        Err(NoStatement::TooMany) => Ok(Err(Flaw::TooMany)),
        Err(NoStatement::TooLong) => Ok(Err(Flaw::TooLong)),
        Err(NoStatement::Table(error)) => Err(error.into()),
    }
}

fn page(ask: &Ask, accounts: &[Account], statement: Option<Statement>, today: Date) -> StatementPage {
    let chosen = ask.choose(accounts).map(|account| account.number.clone());
    let choice = |account: &Account| Choice {
        number: account.number.clone(),
        name: account.name.clone(),
        kind: account.kind,
        chosen: Some(&account.number) == chosen.as_ref(),
    };
    let days = ask.days(today);
    let typed = |typed: &Option<String>, day: Option<Date>| {
        typed.clone().or_else(|| day.map(|day| day.to_string())).unwrap_or_default()
    };
    StatementPage {
        accounts: accounts.iter().map(choice).collect(),
        from: typed(&ask.from, days.map(|(from, _)| from)),
        to: typed(&ask.to, days.map(|(_, to)| to)),
        count: statement.as_ref().map_or(0, |statement| statement.entries.len()),
        statement: statement.map(|mut statement| {
            statement.entries.truncate(SHOWN);
            statement
        }),
    }
}

fn write(statement: &Statement, t: Words) -> Answer<Sheet> {
    let mut sheet = Sheet::with_header([
        t.prepaid_entry(),
        t.prepaid_date(),
        t.prepaid_reference(),
        t.prepaid_amount(),
        t.prepaid_balance(),
        t.invoices_csv_currency(),
    ])?;
    let balance = |what: &str, on: Date, balance: Money| {
        let currency = balance.currency().code().to_owned();
        [what.to_owned(), t.date(on), String::new(), String::new(), amount(balance, t), currency]
    };
    sheet.row(balance(t.statement_opening(), statement.from, statement.opening))?;
    for EntryRow { what, on, reference, amount: sum, balance, .. } in &statement.entries {
        sheet.row([
            guarded(&what.words(&t)),
            t.date(*on),
            guarded(reference),
            amount(*sum, t),
            amount(*balance, t),
            sum.currency().code().to_owned(),
        ])?;
    }
    sheet.row(balance(t.statement_closing(), statement.to, statement.closing))?;
    Ok(sheet)
}

/// The form, and the statement it leads to.
#[derive(Debug, Clone, Serialize)]
pub struct StatementPage {
    /// What can be chosen; none yet for whoever has no account.
    pub accounts: Vec<Choice>,
    /// What stands in the first field.
    pub from: String,
    /// What stands in the last field.
    pub to: String,
    /// The statement, with at most so many entries as a page shows.
    pub statement: Option<Statement>,
    /// How many entries it has.
    pub count: usize,
}

/// An account that can be chosen.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// Its number.
    pub number: AccountNumber,
    /// What people call it, may be empty.
    pub name: String,
    /// What it is for.
    pub kind: domain::ledger::AccountKind,
    /// Is it the one?
    pub chosen: bool,
}

impl Choice {
    /// „Prepaid-Konto 00001008, Reserve".
    #[must_use]
    pub fn label(&self, t: &Words) -> String {
        let word = account_word(&self.number, self.kind, t);
        if self.name.is_empty() { word } else { format!("{word}, {}", self.name) }
    }
}

impl StatementPage {
    /// Addresses of the same statement as a file and on paper.
    #[must_use]
    pub fn files(&self) -> Option<(String, String)> {
        let statement = self.statement.as_ref()?;
        let ask = Ask {
            account: Some(statement.account.to_string()),
            from: Some(statement.from.to_string()),
            to: Some(statement.to.to_string()),
        };
        let query = serde_html_form::to_string(ask).ok()?;
        Some((format!("/statement.csv?{query}"), format!("/statement/pdf?{query}")))
    }

    /// Are there more entries than the page shows?
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.statement.as_ref().is_some_and(|statement| statement.entries.len() < self.count)
    }
}

web::page!(StatementPage => "pages/invoices/statement.html");

#[cfg(test)]
mod tests {
    use statement::testing as sample;
    use web::page::testing;

    use super::*;

    fn shown(count: usize) -> StatementPage {
        let statement = sample::statement(count).unwrap();
        let account = Account::open(statement.account.clone(), statement.kind, domain::Currency::Eur);
        let today = statement.to;
        page(&Ask::default(), &[account], Some(statement), today)
    }

    #[test]
    fn the_page_is_sound() {
        testing::check("statement", &shown(3), |_| {});
        testing::check("statement-long", &shown(SHOWN + 1), testing::extreme);
        testing::check("statement-empty", &shown(0), |_| {});
        testing::check("statement-none", &page(&Ask::default(), &[], None, shown(0).statement.unwrap().to), |_| {});
        let refused = StatementPage { statement: None, count: 0, from: "<b>".to_owned(), ..shown(1) };
        testing::check("statement-refused", &refused, |frame| {
            frame.errors = Some(ErrorSummary::one("from", frame.t.statement_days()));
        });
    }

    #[test]
    fn a_page_shows_a_thousand_entries_and_says_that_there_are_more() {
        let long = shown(SHOWN + 1);
        assert_eq!(long.statement.as_ref().unwrap().entries.len(), SHOWN);
        assert!(long.has_more() && !shown(SHOWN).has_more());
    }

    #[test]
    fn the_file_begins_and_ends_with_a_balance_and_no_cell_is_a_formula() {
        let t = Words::new(domain::Language::De);
        let mut statement = sample::statement(2).unwrap();
        statement.entries[0].reference = "=1+1".to_owned();
        let csv = String::from_utf8(write(&statement, t).unwrap().into_bytes().unwrap()).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 5, "{csv}");
        assert!(lines[1].starts_with(t.statement_opening()) && lines[1].ends_with("0,00;EUR"), "{csv}");
        assert!(lines[2].contains("'=1+1") && lines[4].ends_with("2,00;EUR"), "{csv}");
    }

    #[test]
    fn every_flaw_has_its_sentence() {
        for language in domain::Language::ALL {
            let t = Words::new(language);
            let mut messages = [Flaw::Days, Flaw::TooMany, Flaw::TooLong].map(|flaw| flaw.message(&t)).to_vec();
            assert!(messages.iter().all(|message| message.ends_with('.')), "{messages:?}");
            messages.sort();
            messages.dedup();
            assert_eq!(messages.len(), 3, "{messages:?}");
        }
    }
}
