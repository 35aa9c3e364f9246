//! What the template must say for the local cloud to be like the real one.

const TEMPLATE: &str = include_str!("../../../template.yaml");

#[test]
fn nobody_may_scan_and_nobody_may_do_everything() {
    assert!(
        !TEMPLATE.contains("dynamodb:Scan") && !TEMPLATE.contains("dynamodb:*") && !TEMPLATE.contains("Action: \"*\"")
    );
}

#[test]
fn both_readers_of_the_stream_share_one_filter() {
    let filter = r#"{"eventName":["INSERT"],"dynamodb":{"NewImage":{"wake":{"S":[{"exists":true}]}}}}"#;
    assert_eq!(TEMPLATE.matches(filter).count(), 1);
    assert_eq!(TEMPLATE.matches("Stream: *stream").count(), 1);
}

#[test]
fn the_generated_routes_are_those_of_the_functions() -> Result<(), String> {
    let functions = local::functions::paths();
    assert_eq!(local::routes::gateway_routes(TEMPLATE, &functions)?, TEMPLATE);
    Ok(())
}
