//! How long a payment may wait.

use super::*;
use crate::Currency;

fn started(method: Method) -> Payment {
    let now = Timestamp::UNIX_EPOCH;
    let new = NewPayment {
        id: PaymentId::new(now, [1; 10]),
        customer: CustomerId::new(now, [2; 10]),
        purpose: Purpose::TopUp { reference_text: String::new() },
        method,
        provider: ProviderName::first_for(method),
        saved: None,
        account: "00001008".parse().unwrap(),
        amount: Money::of_minor(1_000, Currency::Eur),
        deposit: None,
        language: Language::De,
    };
    Payment::start(new, Actor::Customer, now).unwrap().into_parts().0
}

#[test]
fn a_payment_waits_too_long_when_its_provider_decides_nothing_in_a_day_and_a_debit_in_a_fortnight() {
    let (begin, second) = (Timestamp::UNIX_EPOCH, SignedDuration::from_secs(1));
    for (method, at_most) in [(Method::Card, PENDING_AT_MOST), (Method::SepaDebit, DEBIT_PENDING_AT_MOST)] {
        let payment = started(method);
        assert!(!payment.pends_too_long(begin + at_most), "{method:?}");
        let later = begin + at_most + second;
        assert!(payment.pends_too_long(later), "{method:?}");
        assert!(!payment.left_to_staff(later).unwrap().next().pends_too_long(later), "staff are asked");
        assert!(!payment.ended(Ending::Failed, later).unwrap().next().pends_too_long(later), "it is decided");
    }
    assert!(!started(Method::BankTransfer).pends_too_long(begin + DEBIT_PENDING_AT_MOST * 2));
}
