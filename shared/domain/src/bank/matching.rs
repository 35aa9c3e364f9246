//! Whose money an entry is: by reference, by text, by payer, or a person decides.

use serde::{Deserialize, Serialize};

use super::{BankEntry, Direction, References};
use crate::{
    Currency, Money, Pii, creditor_reference::CreditorReference, deposit::DepositNumber, id::CustomerId,
    number::InvoiceNumber,
};

/// A number of digits only is in a text by chance (a year, a postal code) unless it has this many.
const STRONG_DIGITS: usize = 7;

/// What a transfer was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimFor {
    /// A top-up; also an expired or paid one, for money may come late or twice.
    Deposit(DepositNumber),
    /// An open invoice.
    Invoice(InvoiceNumber),
}

/// Money that somebody was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Claim {
    /// Who was asked.
    pub customer: CustomerId,
    /// For what.
    pub what: ClaimFor,
    /// How much is still asked.
    pub amount: Money,
    /// The reference that was printed, when it is not the deposit number's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<CreditorReference>,
}

/// A credit of an earlier entry that a return can take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierCredit {
    /// [`super::Statement::key`] of the earlier entry.
    pub key: String,
    /// How much it credited and what is not yet taken back.
    pub amount: Money,
    /// Its `EndToEndId`.
    pub end_to_end_id: Option<Pii<String>>,
    /// The bank's reference of it.
    pub servicer_reference: Option<String>,
    /// Who paid. The payer chooses the `EndToEndId`, so two may have chosen the same.
    pub payer_iban: Option<Pii<String>>,
}

/// What the caller looked up for one entry. More than was named does no harm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Claims found under [`References`].
    pub named: Vec<Claim>,
    /// Open claims of all customers known to pay from the entry's IBAN.
    pub of_payer: Vec<Claim>,
    /// Earlier credits with the entry's `EndToEndId` or bank reference; only asked for when it is a return.
    pub earlier: Vec<EarlierCredit>,
}

/// The account of ours that books, and its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnAccount<'a> {
    /// Without spaces.
    pub iban: &'a str,
    /// What it is kept in.
    pub currency: Currency,
}

/// A customer to credit, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Credited {
    /// Whose money it is.
    pub customer: CustomerId,
    /// What it pays, in the order of the claims; never empty.
    pub claims: Vec<ClaimFor>,
    /// What came. It is credited as it came, whatever was asked.
    pub amount: Money,
    /// What was asked; another amount is said to the customer and to staff.
    pub asked: Money,
}

impl Credited {
    /// Came another amount than was asked?
    #[must_use]
    pub fn is_other_amount(&self) -> bool {
        self.amount != self.asked
    }
}

/// Why nobody is credited; the entry goes to the staff's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmatched {
    /// Not the account that books.
    OtherAccount,
    /// Not the currency of the account, or not the one that was asked.
    OtherCurrency,
    /// Money that went, and no return.
    Debit,
    /// A payment of ours came back.
    ReturnedDebit,
    /// A return that names no earlier credit.
    UnknownReturn,
    /// A return of more than the credit it names.
    ReturnTooLarge,
    /// More than one could be meant.
    Ambiguous,
    /// Nothing we know is named.
    NothingNamed,
}

/// The decision about one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// A reference in its own field.
    ByReference(Credited),
    /// A deposit number or invoice numbers in the text.
    ByText(Credited),
    /// Known account of the payer and exactly the amount of one claim.
    ByPayer(Credited),
    /// Takes an earlier credit back, wholly or in part.
    Return {
        /// Key of the entry that was credited.
        of: String,
        /// What goes back.
        amount: Money,
    },
    /// A person decides.
    Unmatched(Unmatched),
}

/// Decides whose money an entry is. `booked_on` is the IBAN of its statement.
#[must_use]
pub fn match_entry(entry: &BankEntry, booked_on: &str, own: OwnAccount<'_>, candidates: &Candidates) -> Match {
    let decided = if booked_on != own.iban {
        Err(Unmatched::OtherAccount)
    } else if entry.amount.currency() != own.currency {
        Err(Unmatched::OtherCurrency)
    } else {
        match (entry.direction, entry.is_reversal()) {
            (Direction::Credit, false) => match_credit(entry, candidates),
            (Direction::Debit, true) => match_return(entry, &candidates.earlier),
            (Direction::Debit, false) => Err(Unmatched::Debit),
            (Direction::Credit, true) => Err(Unmatched::ReturnedDebit),
        }
    };
    decided.unwrap_or_else(Match::Unmatched)
}

fn match_credit(entry: &BankEntry, candidates: &Candidates) -> Result<Match, Unmatched> {
    let references = entry.references();
    let distinct = distinct(&candidates.named);
    let by = |holds: &dyn Fn(&Claim) -> bool| -> Vec<&Claim> {
        distinct.iter().copied().filter(|claim| holds(claim)).collect()
    };
    let named = by(&|claim| is_referenced(claim, &references.structured));
    if !named.is_empty() {
        return one(entry, &named).map(Match::ByReference);
    }
    let named = by(&|claim| is_referenced(claim, &references.text) || is_invoice_named(claim, entry, &references));
    if !named.is_empty() {
        return credited(entry, &named).map(Match::ByText);
    }
    let same_amount: Vec<_> =
        self::distinct(&candidates.of_payer).into_iter().filter(|claim| claim.amount == entry.amount).collect();
    if entry.payer_iban.is_none() || same_amount.is_empty() {
        return Err(Unmatched::NothingNamed);
    }
    one(entry, &same_amount).map(Match::ByPayer)
}

/// The caller may have found one claim in two ways.
fn distinct(claims: &[Claim]) -> Vec<&Claim> {
    let mut distinct = Vec::<&Claim>::new();
    for claim in claims {
        if !distinct.iter().any(|known| known.what == claim.what && known.customer == claim.customer) {
            distinct.push(claim);
        }
    }
    distinct
}

fn is_referenced(claim: &Claim, named: &super::Named) -> bool {
    let by_number = matches!(&claim.what, ClaimFor::Deposit(number) if named.deposits.contains(number));
    by_number || claim.reference.as_ref().is_some_and(|reference| named.creditor.contains(reference))
}

/// A short number of digits only counts when the amount is exactly the one that is open.
fn is_invoice_named(claim: &Claim, entry: &BankEntry, references: &References) -> bool {
    let ClaimFor::Invoice(number) = &claim.what else { return false };
    let number = number.as_str();
    let is_weak = number.len() < STRONG_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
    references.has_word(number) && (!is_weak || claim.amount == entry.amount)
}

fn one(entry: &BankEntry, claims: &[&Claim]) -> Result<Credited, Unmatched> {
    if claims.len() == 1 { credited(entry, claims) } else { Err(Unmatched::Ambiguous) }
}

/// One deposit, or any number of invoices of one customer.
fn credited(entry: &BankEntry, claims: &[&Claim]) -> Result<Credited, Unmatched> {
    let first = claims.first().ok_or(Unmatched::NothingNamed)?;
    let all_invoices = claims.iter().all(|claim| matches!(claim.what, ClaimFor::Invoice(_)));
    let one_customer = claims.iter().all(|claim| claim.customer == first.customer);
    if claims.len() > 1 && !(all_invoices && one_customer) {
        return Err(Unmatched::Ambiguous);
    }
    let asked = Money::sum(entry.amount.currency(), claims.iter().map(|claim| claim.amount));
    Ok(Credited {
        customer: first.customer.clone(),
        claims: claims.iter().map(|claim| claim.what.clone()).collect(),
        amount: entry.amount,
        asked: asked.map_err(|_| Unmatched::OtherCurrency)?,
    })
}

/// By `EndToEndId`, which a return carries unchanged; else by the bank's reference, which is not unique, with the amount.
fn match_return(entry: &BankEntry, earlier: &[EarlierCredit]) -> Result<Match, Unmatched> {
    let named: Vec<_> = earlier
        .iter()
        .filter(|credit| match (&entry.payer_iban, &credit.payer_iban) {
            (Some(returned), Some(paid)) => returned == paid,
            _ => true,
        })
        .filter(|credit| match &entry.end_to_end_id {
            Some(id) => credit.end_to_end_id.as_ref() == Some(id),
            None => {
                let by_bank =
                    entry.servicer_reference.is_some() && credit.servicer_reference == entry.servicer_reference;
                by_bank && credit.amount == entry.amount
            }
        })
        .collect();
    let exact: Vec<_> = named.iter().copied().filter(|credit| credit.amount == entry.amount).collect();
    let credit = match (named.as_slice(), exact.as_slice()) {
        ([], _) => return Err(Unmatched::UnknownReturn),
        ([credit], _) | (_, [credit]) => credit,
        _ => return Err(Unmatched::Ambiguous),
    };
    if credit.amount.currency() != entry.amount.currency() {
        return Err(Unmatched::OtherCurrency);
    }
    if entry.amount.minor() > credit.amount.minor() {
        return Err(Unmatched::ReturnTooLarge);
    }
    Ok(Match::Return { of: credit.key.clone(), amount: entry.amount })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{
        super::{
            Reversal,
            statement::tests::{OWN_IBAN, credit, eur},
        },
        *,
    };

    const OWN: OwnAccount<'_> = OwnAccount { iban: OWN_IBAN, currency: Currency::Eur };

    fn customer(n: u8) -> CustomerId {
        CustomerId::new(Timestamp::UNIX_EPOCH, [n; 10])
    }

    fn deposit(random: u16) -> DepositNumber {
        DepositNumber::new("2026-03-05T12:30:45Z".parse().unwrap(), random)
    }

    fn asked(who: u8, what: ClaimFor, minor: i64) -> Claim {
        Claim { customer: customer(who), what, amount: eur(minor), reference: None }
    }

    fn top_up(who: u8, random: u16, minor: i64) -> Claim {
        asked(who, ClaimFor::Deposit(deposit(random)), minor)
    }

    fn invoice(who: u8, number: &str, minor: i64) -> Claim {
        asked(who, ClaimFor::Invoice(number.parse().unwrap()), minor)
    }

    fn decide(entry: &BankEntry, named: &[Claim], of_payer: &[Claim]) -> Match {
        let candidates = Candidates { named: named.to_vec(), of_payer: of_payer.to_vec(), earlier: vec![] };
        match_entry(entry, OWN_IBAN, OWN, &candidates)
    }

    fn by_reference(number: &DepositNumber, minor: i64) -> BankEntry {
        BankEntry { creditor_reference: Some(Pii(number.creditor_reference().to_string())), ..credit(minor, "") }
    }

    #[test]
    fn a_reference_in_its_field_decides() {
        let named = [top_up(1, 7, 10_000), top_up(2, 8, 10_000)];
        let Match::ByReference(found) = decide(&by_reference(&deposit(7), 10_000), &named, &[]) else { panic!() };
        assert_eq!((found.customer.clone(), found.is_other_amount()), (customer(1), false));
        assert_eq!(found.claims, [ClaimFor::Deposit(deposit(7))]);
        let typed = BankEntry { end_to_end_id: Some(Pii(deposit(8).to_string())), ..credit(1, "") };
        assert!(matches!(decide(&typed, &named, &[]), Match::ByReference(found) if found.customer == customer(2)));
    }

    #[test]
    fn another_amount_is_credited_as_it_came_and_said_so() {
        let Match::ByReference(found) = decide(&by_reference(&deposit(7), 9_999), &[top_up(1, 7, 10_000)], &[]) else {
            panic!()
        };
        assert_eq!((found.amount, found.asked, found.is_other_amount()), (eur(9_999), eur(10_000), true));
    }

    #[test]
    fn a_printed_reference_finds_its_invoice() {
        let reference = CreditorReference::of("RE1000").unwrap();
        let claim = Claim { reference: Some(reference.clone()), ..invoice(1, "RE1000", 1591) };
        let entry = BankEntry { creditor_reference: Some(Pii(reference.to_string())), ..credit(1591, "") };
        assert!(matches!(decide(&entry, &[claim], &[]), Match::ByReference(_)));
    }

    #[test]
    fn a_text_names_one_deposit_or_invoices_of_one_customer() {
        let text = format!("Einzahlung {}", deposit(7));
        assert!(matches!(decide(&credit(1, &text), &[top_up(1, 7, 10_000)], &[]), Match::ByText(_)));
        let both = [invoice(1, "RE1000", 1591), invoice(1, "RE1001", 409), invoice(1, "RE1002", 7)];
        let Match::ByText(found) = decide(&credit(2000, "RE1000, RE1001"), &both, &[]) else { panic!() };
        assert_eq!((found.claims.len(), found.asked, found.is_other_amount()), (2, eur(2000), false));
    }

    #[test]
    fn what_is_ambiguous_is_never_matched() {
        let text = format!("{} {}", deposit(7), deposit(8));
        for (entry, named) in [
            (credit(1, &text), vec![top_up(1, 7, 1), top_up(1, 8, 1)]),
            (credit(1, "RE1000 RE1001"), vec![invoice(1, "RE1000", 1), invoice(2, "RE1001", 1)]),
            (credit(1, &format!("RE1000 {}", deposit(7))), vec![invoice(1, "RE1000", 1), top_up(1, 7, 1)]),
            (
                BankEntry { end_to_end_id: Some(Pii(text.clone())), ..credit(1, "") },
                vec![top_up(1, 7, 1), top_up(2, 8, 1)],
            ),
        ] {
            // Not even when the payer is known.
            let decided = decide(&entry, &named, &[invoice(1, "RE1000", 1)]);
            assert_eq!(decided, Match::Unmatched(Unmatched::Ambiguous));
        }
        let twice = [invoice(1, "RE1000", 1591), invoice(1, "RE1000", 1591)];
        assert!(
            matches!(decide(&credit(1591, "RE1000"), &twice, &[]), Match::ByText(found) if found.claims.len() == 1)
        );
    }

    #[test]
    fn a_short_number_of_digits_counts_only_with_its_exact_amount() {
        let named = [invoice(1, "2026", 1591)];
        assert!(matches!(decide(&credit(1591, "Rechnung 2026"), &named, &[]), Match::ByText(_)));
        assert_eq!(decide(&credit(1590, "Miete 2026"), &named, &[]), Match::Unmatched(Unmatched::NothingNamed));
    }

    #[test]
    fn a_known_payer_needs_exactly_one_claim_of_exactly_this_amount() {
        let entry = credit(1591, "danke");
        let open = [invoice(1, "RE1000", 1591), invoice(1, "RE1001", 409)];
        assert!(matches!(decide(&entry, &[], &open), Match::ByPayer(found) if found.claims.len() == 1));
        assert_eq!(decide(&credit(1592, ""), &[], &open), Match::Unmatched(Unmatched::NothingNamed));
        let two = [invoice(1, "RE1000", 1591), invoice(2, "RE1009", 1591)];
        assert_eq!(decide(&entry, &[], &two), Match::Unmatched(Unmatched::Ambiguous));
        let nobody = BankEntry { payer_iban: None, ..entry };
        assert_eq!(decide(&nobody, &[], &open), Match::Unmatched(Unmatched::NothingNamed));
    }

    #[test]
    fn another_account_or_currency_is_never_matched() {
        let (entry, named) = (by_reference(&deposit(7), 10_000), [top_up(1, 7, 10_000)]);
        let candidates = Candidates { named: named.to_vec(), ..Candidates::default() };
        let elsewhere = match_entry(&entry, "DE89370400440532013000", OWN, &candidates);
        assert_eq!(elsewhere, Match::Unmatched(Unmatched::OtherAccount));
        let francs = BankEntry { amount: Money::of_minor(10_000, Currency::Chf), ..entry.clone() };
        assert_eq!(decide(&francs, &named, &[]), Match::Unmatched(Unmatched::OtherCurrency));
        let asked_in_francs = [Claim { amount: Money::of_minor(10_000, Currency::Chf), ..top_up(1, 7, 1) }];
        assert_eq!(decide(&entry, &asked_in_francs, &[]), Match::Unmatched(Unmatched::OtherCurrency));
    }

    fn earlier(key: &str, minor: i64, id: &str, bank: &str) -> EarlierCredit {
        EarlierCredit {
            key: key.to_owned(),
            amount: eur(minor),
            end_to_end_id: (!id.is_empty()).then(|| Pii(id.to_owned())),
            servicer_reference: (!bank.is_empty()).then(|| bank.to_owned()),
            payer_iban: None,
        }
    }

    fn returned(minor: i64, id: Option<&str>, bank: Option<&str>) -> BankEntry {
        BankEntry {
            direction: Direction::Debit,
            reversal: Some(Reversal::default()),
            end_to_end_id: id.map(|id| Pii(id.to_owned())),
            servicer_reference: bank.map(str::to_owned),
            ..credit(minor, "")
        }
    }

    #[test]
    fn a_return_takes_back_the_credit_it_names_and_only_that() {
        let credits = vec![earlier("a", 1591, "E1", "B"), earlier("b", 2000, "E2", "B"), earlier("c", 7, "E2", "")];
        let candidates = Candidates { earlier: credits, ..Candidates::default() };
        let decide = |entry: &BankEntry| match_entry(entry, OWN_IBAN, OWN, &candidates);
        let back = |key: &str, minor| Match::Return { of: key.to_owned(), amount: eur(minor) };
        assert_eq!(decide(&returned(1591, Some("E1"), None)), back("a", 1591));
        assert_eq!(decide(&returned(591, Some("E1"), None)), back("a", 591));
        assert_eq!(decide(&returned(2000, Some("E2"), None)), back("b", 2000));
        assert_eq!(decide(&returned(2000, None, Some("B"))), back("b", 2000));
        for (entry, reason) in [
            (returned(1592, Some("E1"), None), Unmatched::ReturnTooLarge),
            (returned(5, Some("E2"), None), Unmatched::Ambiguous),
            (returned(1591, Some("E9"), Some("B")), Unmatched::UnknownReturn),
            (returned(5, None, Some("B")), Unmatched::UnknownReturn),
            (returned(5, None, None), Unmatched::UnknownReturn),
            (BankEntry { reversal: None, ..returned(1591, Some("E1"), None) }, Unmatched::Debit),
        ] {
            assert_eq!(decide(&entry), Match::Unmatched(reason));
        }
    }

    #[test]
    fn two_payers_with_the_same_end_to_end_id_are_told_apart() {
        let of = |key: &str, iban: &str| EarlierCredit {
            payer_iban: Some(Pii(iban.to_owned())),
            ..earlier(key, 1591, "RECHNUNG", "")
        };
        let entry = returned(1591, Some("RECHNUNG"), None);
        let decide = |earlier: Vec<EarlierCredit>| {
            match_entry(&entry, OWN_IBAN, OWN, &Candidates { earlier, ..Candidates::default() })
        };
        let (hers, his) = (of("a", "DE89370400440532013000"), of("b", "DE02100500000054540402"));
        assert_eq!(decide(vec![hers.clone(), his.clone()]), Match::Return { of: "a".into(), amount: eur(1591) });
        assert_eq!(decide(vec![his]), Match::Unmatched(Unmatched::UnknownReturn));
        assert_eq!(decide(vec![hers.clone(), hers]), Match::Unmatched(Unmatched::Ambiguous));
    }

    #[test]
    fn our_own_payment_that_comes_back_is_no_new_money() {
        let entry = BankEntry { reversal: Some(Reversal::default()), ..by_reference(&deposit(7), 10_000) };
        let decided = decide(&entry, &[top_up(1, 7, 10_000)], &[]);
        assert_eq!(decided, Match::Unmatched(Unmatched::ReturnedDebit));
    }
}
