//! DynamoDB and S3 of the local cloud, and how it starts, stops and keeps.

use crate::{Outcome, any_cloud, dynamodb, get, s3};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use aws_sdk_s3::presigning::PresigningConfig;
use local::{Cloud, CloudOptions, Ports};
use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime},
};

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn item(pairs: &[(&str, &str)]) -> HashMap<String, AttributeValue> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), s(value))).collect()
}

#[tokio::test]
async fn the_cloud_starts_within_fifty_milliseconds() -> Outcome {
    any_cloud().await?.stop().await;
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        let before = Instant::now();
        let cloud = any_cloud().await?;
        fastest = fastest.min(before.elapsed());
        cloud.stop().await;
    }
    assert!(fastest < Duration::from_millis(50), "{fastest:?}");
    Ok(())
}

#[tokio::test]
async fn both_indexes_answer_with_what_the_template_projects() -> Outcome {
    let cloud = any_cloud().await?;
    let client = dynamodb(&cloud);
    let written = item(&[
        ("pk", "T#a#C#1"),
        ("sk", "INV#1"),
        ("l_pk", "L"),
        ("l_sk", "1"),
        ("t_pk", "T#a#C#1#OPEN"),
        ("t_sk", "1"),
        ("open", "1591"),
        ("secret", "not projected"),
    ]);
    client.put_item().table_name(cloud.table_name()).set_item(Some(written)).send().await?;
    let query = |index: &str, key: &str, value: &str| {
        let query = client.query().table_name(cloud.table_name()).index_name(index);
        query.key_condition_expression(format!("{key} = :v")).expression_attribute_values(":v", s(value)).send()
    };
    let todo = query("todo", "t_pk", "T#a#C#1#OPEN").await?;
    let [row] = todo.items() else { return Err("one row".into()) };
    assert_eq!((row.get("open"), row.get("secret")), (Some(&s("1591")), None));
    let lists = query("lists", "l_pk", "L").await?;
    let [row] = lists.items() else { return Err("one row".into()) };
    assert_eq!((row.get("sk"), row.get("open")), (Some(&s("INV#1")), None));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_transaction_names_the_condition_that_failed() -> Outcome {
    let cloud = any_cloud().await?;
    let client = dynamodb(&cloud);
    let put = |sk: &str| {
        let put = Put::builder().table_name(cloud.table_name()).set_item(Some(item(&[("pk", "P"), ("sk", sk)])));
        put.condition_expression("attribute_not_exists(pk)")
            .build()
            .map(|put| TransactWriteItem::builder().put(put).build())
    };
    client.transact_write_items().transact_items(put("1")?).send().await?;
    let again = client.transact_write_items().transact_items(put("2")?).transact_items(put("1")?).send().await;
    let Err(error) = again else { return Err("the second transaction must fail".into()) };
    let reasons = match error.into_service_error() {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(e) => {
            e.cancellation_reasons()
                .iter()
                .map(|reason| reason.code().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        }
        other => return Err(other.into()),
    };
    assert_eq!(reasons, ["None", "ConditionalCheckFailed"]);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_file_is_put_once_and_read_with_its_type() -> Outcome {
    let cloud = any_cloud().await?;
    let client = s3(&cloud);
    let put = |body: &'static str| {
        let put = client.put_object().bucket(cloud.bucket_name()).key("t/doc one.pdf").content_type("application/pdf");
        put.if_none_match("*").body(aws_sdk_s3::primitives::ByteStream::from_static(body.as_bytes())).send()
    };
    put("first").await?;
    let second = put("second").await;
    let status = second.err().and_then(|error| error.raw_response().map(|raw| raw.status().as_u16()));
    assert_eq!(status, Some(412));
    let head = client.head_object().bucket(cloud.bucket_name()).key("t/doc one.pdf").send().await?;
    assert_eq!((head.content_length(), head.content_type()), (Some(5), Some("application/pdf")));
    let got = client.get_object().bucket(cloud.bucket_name()).key("t/doc one.pdf").send().await?;
    assert_eq!(got.body.collect().await?.into_bytes().as_ref(), b"first");
    let missing = client.get_object().bucket(cloud.bucket_name()).key("t/none").send().await;
    assert!(missing.is_err_and(|error| error.into_service_error().is_no_such_key()));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_signed_link_sets_type_and_name_and_ends() -> Outcome {
    let cloud = any_cloud().await?;
    let client = s3(&cloud);
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"%PDF");
    client.put_object().bucket(cloud.bucket_name()).key("a/b").body(body).send().await?;
    let request = client
        .get_object()
        .bucket(cloud.bucket_name())
        .key("a/b")
        .response_content_type("application/pdf")
        .response_content_disposition("attachment; filename=\"RE 1000.pdf\"");
    let link = request.clone().presigned(PresigningConfig::expires_in(Duration::from_secs(60))?).await?;
    let answer = get(link.uri()).await?;
    assert_eq!((answer.status, answer.text().as_str()), (200, "%PDF"));
    assert_eq!(answer.headers.get("content-type").map(http::HeaderValue::as_bytes), Some(&b"application/pdf"[..]));
    let disposition = answer.headers.get("content-disposition").map(http::HeaderValue::as_bytes);
    assert_eq!(disposition, Some(&b"attachment; filename=\"RE 1000.pdf\""[..]));

    let past = SystemTime::now() - Duration::from_secs(120);
    let ended = PresigningConfig::builder().start_time(past).expires_in(Duration::from_secs(60)).build()?;
    let ended = request.clone().presigned(ended).await?;
    assert_eq!(get(ended.uri()).await?.status, 403);
    let unsigned = link.uri().split('?').next().unwrap_or_default();
    assert_eq!(get(unsigned).await?.status, 403);
    let forged = link.uri().replace("application%2Fpdf", "text%2Fhtml");
    assert_eq!(get(&forged).await?.status, 403);
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_signed_upload_link_stores_a_file() -> Outcome {
    let cloud = any_cloud().await?;
    let client = s3(&cloud);
    let expires = PresigningConfig::expires_in(Duration::from_secs(60))?;
    let link = client.put_object().bucket(cloud.bucket_name()).key("uploads/1").presigned(expires).await?;
    let answer = crate::send(http::Request::put(link.uri()), "content").await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let got = client.get_object().bucket(cloud.bucket_name()).key("uploads/1").send().await?;
    assert_eq!(got.body.collect().await?.into_bytes().as_ref(), b"content");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_was_kept_in_a_folder_is_there_after_a_restart() -> Outcome {
    let folder = tempfile::tempdir()?;
    let start = || {
        let data = Some(folder.path().to_owned());
        Cloud::start(CloudOptions { data, ports: Ports::Any, ..CloudOptions::default() })
    };
    let cloud = start().await?;
    let key = item(&[("pk", "P"), ("sk", "1")]);
    dynamodb(&cloud).put_item().table_name(cloud.table_name()).set_item(Some(key.clone())).send().await?;
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"kept");
    s3(&cloud).put_object().bucket(cloud.bucket_name()).key("k").body(body).send().await?;
    cloud.stop().await;

    let cloud = start().await?;
    let found = dynamodb(&cloud).get_item().table_name(cloud.table_name()).set_key(Some(key)).send().await?;
    assert!(found.item().is_some());
    let got = s3(&cloud).get_object().bucket(cloud.bucket_name()).key("k").send().await?;
    assert_eq!(got.body.collect().await?.into_bytes().as_ref(), b"kept");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_named() -> Outcome {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = taken.local_addr()?.port();
    // The mailbox stands one port above the portal.
    let options = CloudOptions { ports: Ports::Fixed(port - 1), ..CloudOptions::default() };
    let refused = Cloud::start(options).await.err().ok_or("the port is taken")?;
    assert!(refused.contains(&port.to_string()) && refused.contains("Mailbox"), "{refused}");
    Ok(())
}
