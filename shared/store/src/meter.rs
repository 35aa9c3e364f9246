//! Counts what one request costs at DynamoDB: calls, sequential depth and capacity units.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
            BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
        },
    },
    error::BoxError,
    operation,
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};

/// What was counted so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metered {
    /// Calls, each try once.
    pub calls: u32,
    /// How many calls had to wait for another one's answer.
    pub depth: u32,
    /// Read request units consumed.
    pub reads: f64,
    /// Write request units consumed, those in indexes among them.
    pub writes: f64,
    in_flight: u32,
}

/// Shared counter of one request.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Metered>>);

impl Meter {
    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> Metered {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Metered)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

tokio::task_local! {
    static METER: Meter;
}

/// Runs a future and counts its calls on the meter.
pub async fn metered<F: Future>(meter: Meter, work: F) -> F::Output {
    METER.scope(meter, work).await
}

fn on_meter(change: impl FnOnce(&mut Metered)) {
    // Work outside a request (jobs, start-up) is not metered.
    let _outside = METER.try_with(|meter| meter.change(change));
}

/// The SDK's hook: asks every operation for its consumed capacity and adds it up.
#[derive(Debug)]
pub(crate) struct CountCalls;

fn ask_for_capacity(context: &mut BeforeSerializationInterceptorContextMut<'_>) {
    let input = context.input_mut();
    macro_rules! ask {
        ($($input:ty),*) => {$(if let Some(input) = input.downcast_mut::<$input>() {
            input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
            return;
        })*};
    }
    ask!(
        operation::get_item::GetItemInput,
        operation::query::QueryInput,
        operation::put_item::PutItemInput,
        operation::update_item::UpdateItemInput,
        operation::delete_item::DeleteItemInput,
        operation::batch_get_item::BatchGetItemInput,
        operation::transact_write_items::TransactWriteItemsInput
    );
}

/// Adds the units of an answer.
fn count_units(context: &AfterDeserializationInterceptorContextRef<'_>, metered: &mut Metered) {
    let Ok(output) = context.output_or_error() else { return };
    macro_rules! add {
        ($side:ident: $($output:ty),*) => {$(if let Some(output) = output.downcast_ref::<$output>() {
            metered.$side += sum(output.consumed_capacity());
        })*};
    }
    add!(
        reads: operation::get_item::GetItemOutput,
        operation::query::QueryOutput,
        operation::batch_get_item::BatchGetItemOutput
    );
    add!(
        writes: operation::put_item::PutItemOutput,
        operation::update_item::UpdateItemOutput,
        operation::delete_item::DeleteItemOutput,
        operation::transact_write_items::TransactWriteItemsOutput
    );
}

fn sum<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> f64 {
    consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

impl Intercept for CountCalls {
    fn name(&self) -> &'static str {
        "CountCalls"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        on_meter(|metered| {
            metered.calls += 1;
            metered.depth += u32::from(metered.in_flight == 0);
            metered.in_flight += 1;
        });
        Ok(())
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        ask_for_capacity(context);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        on_meter(|metered| count_units(context, metered));
        Ok(())
    }

    fn read_after_execution(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        on_meter(|metered| metered.in_flight = metered.in_flight.saturating_sub(1));
        Ok(())
    }
}
