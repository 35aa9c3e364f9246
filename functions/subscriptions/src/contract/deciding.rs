//! What every change of a contract has in common: it is read, decided on and kept, and decided anew where somebody else was
//! faster.

use domain::{
    FieldErrors,
    change::Change,
    id::CustomerId,
    number::SubscriptionNumber,
    subscription::{Moment, NotNow, Subscription},
    tenant::{Area, Right},
};
use jiff::SignedDuration;
use serde::Deserialize;
use store::{Budget, Loaded, deciding_again};
use utoipa::ToSchema;
use web::{
    Answer, ContractContext, Problem, SeeOther,
    door::{AreaMark, RightMark},
    page::Flash,
};

/// Acts of a customer in a day, over all contracts.
const ACTS_PER_DAY: u32 = 50;
const DAY_SECONDS: u32 = 24 * 60 * 60;

/// Which contract, as its slug.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    number: String,
}

impl Ask {
    /// The number of a contract that may be looked at.
    pub(super) fn number<A: AreaMark, R: RightMark>(&self, cx: &ContractContext<A, R>) -> Answer<SubscriptionNumber> {
        if cx.tenant().settings.right(Area::Contracts) == Right::Off {
            return Err(Problem::NotFound);
        }
        SubscriptionNumber::from_slug(&self.number).map_err(|_| Problem::NotFound)
    }
}

/// One contract of whoever is signed in.
pub(super) async fn find<A: AreaMark, R: RightMark>(
    cx: &ContractContext<A, R>,
    ask: &Ask,
) -> Answer<Loaded<Subscription>> {
    let number = ask.number(cx)?;
    cx.store().subscription(cx.customer(), &number).await?.ok_or(Problem::NotFound)
}

/// The moment of a request, in the tenant's zone.
pub(super) fn moment<A: AreaMark, R: RightMark>(cx: &ContractContext<A, R>) -> Moment<'_> {
    Moment { now: cx.now(), zone: &cx.tenant().settings.zone }
}

/// Decides on a contract and keeps what was decided; nothing is written where nothing differs. `NotNow` when it stands
/// otherwise than whoever asks believes.
pub(super) async fn keep<A: AreaMark, R: RightMark>(
    cx: &ContractContext<A, R>,
    ask: &Ask,
    decide: impl Fn(&Subscription) -> Result<Option<Change<Subscription>>, NotNow>,
) -> Answer<Result<Subscription, NotNow>> {
    deciding_again(|| async {
        let seen = find(cx, ask).await?;
        let change = match decide(&seen.value) {
            Ok(Some(change)) => change,
            Ok(None) => return Ok(Ok(seen.value)),
            Err(not_now) => return Ok(Err(not_now)),
        };
        if !cx.store().take(&acts_of(cx.customer()), cx.now()).await? {
            return Err(Problem::TooMany { retry_after: DAY_SECONDS });
        }
        cx.store().save_subscription(cx.customer(), &change, Some(seen.rev)).await?;
        Ok::<_, Problem>(Ok(change.into_parts().0))
    })
    .await
}

/// Each act sends a mail, and nobody does so many in a day by hand.
fn acts_of(customer: &CustomerId) -> Budget<'_> {
    let window = Some(SignedDuration::from_secs(DAY_SECONDS.into()));
    Budget { what: "contract-acts", subject: customer.as_str(), window, max: ACTS_PER_DAY }
}

/// Back to the contract's page, which shows how it stands.
pub(super) fn to_page(number: &SubscriptionNumber, flash: Flash) -> SeeOther {
    SeeOther::to(format!("/contracts/{}", number.slug())).saying(flash)
}

/// What a page says of what was decided.
pub(super) fn said(kept: &Result<Subscription, NotNow>, done: Flash) -> Flash {
    if kept.is_ok() { done } else { Flash::StandsOtherwise }
}

/// What a program is told when the contract stands otherwise.
pub(super) fn conflict(not_now: NotNow) -> Problem {
    Problem::Conflict(FieldErrors::one("phase", "state", not_now.to_string()))
}
