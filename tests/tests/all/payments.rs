//! Money that arrives: in steps, killed anywhere, by many at once. What holds between two transactions is held.

use booking::{Applied, BookingError, Books, apply, finish, spend};
use domain::{
    Currency, Money,
    change::{Actor, Change, Event, EventKind},
    payment::{Method, Payment, ProviderName, Refused},
};
use futures_util::future::join_all;
use payments::What;
use store::CommitError;
use testkit::{
    Payer, Portal,
    faults::{Fault, Kill},
};

/// Gross of each sample invoice, in cents.
const GROSS: i64 = 11_900;

fn arrived(reference: &str, minor: i64) -> What {
    let amount = Money::of_minor(minor, Currency::Eur);
    What::Arrived { reference: reference.to_owned(), amount }
}

async fn write_down(books: &Books, payment: &Payment) {
    let event = Event::new(EventKind::PaymentStarted, Actor::Customer, books.now, payment.id.as_str());
    let started = Change::new(payment.clone(), event);
    // Two hundred at once are more than one engine answers in time: what got no answer is written again.
    for _ in 0..20 {
        match books.store.create_payment(&started).await {
            Ok(()) | Err(CommitError::Refused("payment")) => return,
            Err(_) => {}
        }
    }
    panic!("{} could not be written down", payment.id);
}

/// What is open on a customer's invoices, in cents.
async fn open(books: &Books, payer: &Payer) -> i64 {
    books.store.open_items(&payer.id).await.unwrap().iter().map(|item| item.open.minor()).sum()
}

/// The ledgers replay, and together they are zero.
async fn check(books: &Books) {
    let mut after = None;
    let mut sum = 0;
    loop {
        let page = books.store.check_accounts(100, after).await.unwrap();
        for account in page.items {
            assert_eq!(account.faults, [], "{}", account.account);
            sum += account.totals.values().sum::<i64>();
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sum, 0);
}

#[tokio::test]
async fn a_payment_over_sixty_invoices_killed_at_any_call_ends_right() {
    let portal = Portal::behind_faults(7).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let books = tenant.books().await;
    let points: Vec<(usize, Kill)> = (0..9).flat_map(|nth| [(nth, Kill::Before), (nth, Kill::After)]).collect();
    let payers = tenant.payers(&books, &vec![60; points.len()]).await;
    let mut killed = 0;
    for (payer, (nth, kill)) in payers.iter().zip(points) {
        let payment = payer.paying(&payer.invoices, Method::Sandbox, 60 * GROSS, &books, 1);
        write_down(&books, &payment).await;
        let fact = arrived(&format!("ch-{nth}-{kill:?}"), 60 * GROSS);
        let done =
            portal.dynamodb().killing_at(nth, kill, apply(&books, ProviderName::Sandbox, &payment.id, &fact)).await;
        killed += usize::from(done.is_none());
        let account = books.store.account(&payer.id, &payer.receivables).await.unwrap().unwrap().value;
        let stored = books.store.payment(&payment.id).await.unwrap().unwrap().value;
        assert_eq!(account.held, stored.pending, "what is still to be distributed is held ({nth} {kill:?})");
        assert_eq!(account.available().unwrap().minor(), 0, "nobody else can spend it ({nth} {kill:?})");
        // The provider tells it again, and the sweep goes on with it.
        apply(&books, ProviderName::Sandbox, &payment.id, &fact).await.unwrap();
        let ended = finish(&books, &payment.id).await.unwrap();
        assert_eq!(ended.standing.len(), 60);
        assert_eq!((open(&books, payer).await, ended.credit.minor()), (0, 0), "{nth} {kill:?}");
        assert_eq!(books.store.account_entries(&payer.receivables, 100, None).await.unwrap().items.len(), 61);
    }
    assert!(killed >= 12, "only {killed} kill points were met");
    check(&books).await;
}

#[tokio::test]
async fn what_was_read_a_moment_ago_is_no_reason_to_refuse() {
    let portal = Portal::behind_faults(8).await;
    let tenant = portal.tenant("webhosting-ag").await;
    let books = tenant.books().await;
    let payer = tenant.payers(&books, &[1]).await.remove(0);
    let payment = payer.paying(&payer.invoices, Method::Sandbox, GROSS, &books, 1);
    write_down(&books, &payment).await;
    // This reads the payment as it is before its money comes, and the table answers so once more afterwards.
    apply(&books, ProviderName::Sandbox, &payment.id, &arrived("ch-1", GROSS)).await.unwrap();
    portal.dynamodb().next(&[Fault::Stale]);
    let amount = Money::of_minor(1_900, Currency::Eur);
    let back = What::TakenBack { reference: "re-1".to_owned(), amount };
    let applied = apply(&books, ProviderName::Sandbox, &payment.id, &back).await.unwrap();
    assert_eq!((applied, open(&books, &payer).await), (Applied::Changed, 1_900));
}

#[tokio::test]
async fn two_hundred_payers_at_once_on_a_thousand_invoices_settle_never_more_than_is_open() {
    let portal = Portal::start().await;
    let tenant = portal.tenant("webhosting-ag").await;
    let books = tenant.books().await;
    let payers = tenant.payers(&books, &[250; 4]).await;
    for (seed, payer) in (0..).zip(&payers) {
        let topup = payer.topping_up(Method::Sandbox, 500_000, &books, seed);
        write_down(&books, &topup).await;
        apply(&books, ProviderName::Sandbox, &topup.id, &arrived(&format!("top-{seed}"), 500_000)).await.unwrap();
    }
    // Fifty tasks each: neighbours overlap by half of their invoices, one in three pays from the balance.
    // Whoever comes late gets credit, here: every cent is to be found.
    let nothing = Money::zero(Currency::Eur);
    let tasks = (0..200_u8).map(|task| {
        let (books, payer) = (books.clone(), payers[usize::from(task % 4)].clone());
        async move {
            let from = usize::from(task / 4) * 5;
            let invoices = &payer.invoices[from..(from + 10).min(250)];
            let minor = GROSS * i64::try_from(invoices.len()).unwrap();
            let method = if task % 3 == 0 { Method::Balance } else { Method::Sandbox };
            let payment = payer.paying(invoices, method, minor, &books, task.wrapping_add(10));
            let mut spent = 0;
            if method == Method::Sandbox {
                write_down(&books, &payment).await;
            }
            for _ in 0..100 {
                let done = match method {
                    Method::Balance => spend(&books, &payment, &payer.prepaid, nothing).await.map(|_| ()),
                    _ => {
                        let fact = arrived(&format!("ch-{task}"), minor);
                        apply(&books, ProviderName::Sandbox, &payment.id, &fact).await.map(|_| ())
                    }
                };
                match done {
                    Ok(()) => return minor,
                    Err(BookingError::Refused(Refused::BalanceTooLow)) => return 0,
                    Err(_) => spent += 1,
                }
            }
            panic!("not booked after {spent} tries");
        }
    });
    let booked: i64 = join_all(tasks).await.into_iter().sum();
    check(&books).await;
    let mut credit = 0;
    let mut still_open = 0;
    for payer in &payers {
        let account = books.store.account(&payer.id, &payer.receivables).await.unwrap().unwrap().value;
        let prepaid = books.store.account(&payer.id, &payer.prepaid).await.unwrap().unwrap().value;
        assert!(!prepaid.available().unwrap().is_negative(), "spending never overdraws");
        assert!(account.held.is_zero(), "nothing is held for ever");
        credit += account.credit.minor();
        still_open += open(&books, payer).await;
    }
    assert_eq!(1_000 * GROSS - still_open + credit, booked, "what is not settled is credit, to the cent");
}
