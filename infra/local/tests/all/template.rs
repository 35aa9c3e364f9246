//! What the template must say for the local cloud to be like the real one.

const TEMPLATE: &str = include_str!("../../../template.yaml");

#[test]
fn nobody_may_scan_and_nobody_may_do_everything() {
    assert!(
        !TEMPLATE.contains("dynamodb:Scan") && !TEMPLATE.contains("dynamodb:*") && !TEMPLATE.contains("Action: \"*\"")
    );
}

#[test]
fn only_inserted_items_that_name_a_reader_wake_it() {
    for reader in ["worker", "documents"] {
        let filter = format!(r#"{{"eventName":["INSERT"],"dynamodb":{{"NewImage":{{"wake":{{"S":["{reader}"]}}}}}}}}"#);
        assert_eq!(TEMPLATE.matches(&filter).count(), 1, "{reader}");
    }
}

#[tokio::test]
async fn the_generated_files_are_those_of_the_functions() -> Result<(), String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    local::routes::bring_up_to_date(&root, false).await
}
