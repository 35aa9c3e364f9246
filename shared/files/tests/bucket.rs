//! The files against the local cloud's bucket, through the real SDK.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use axum::body::Body;
use domain::{
    document::DocumentType,
    id::{CustomerId, JobId, TenantId},
};
use files::{Files, FilesConfig, FilesError, Kept, Object, Presigned, Put};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use jiff::Timestamp;
use local::{ACCESS_KEY, Cloud, CloudOptions, SECRET_KEY};

type Outcome = Result<(), Box<dyn Error>>;

const PDF: Presigned<'_> = Presigned {
    content_type: "application/pdf",
    file_name: "Rechnung für \"RE1000\".pdf",
    inline: false,
    lifetime: Duration::from_secs(60),
};

fn aws(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build()
}

fn files(endpoint: &str, bucket: &str) -> Files {
    Files::connect(&aws(endpoint), FilesConfig { bucket: bucket.to_owned(), path_style: true })
}

async fn cloud_and_files() -> Result<(Cloud, Files), String> {
    let cloud = Cloud::start(CloudOptions::default()).await?;
    let files = files(&cloud.s3_url(), cloud.bucket_name());
    Ok((cloud, files))
}

fn tenant() -> TenantId {
    TenantId::new(Timestamp::UNIX_EPOCH, [7; 10])
}

fn original<'a>(tenant: &'a TenantId, number: &'a str) -> Object<'a> {
    Object::OriginalPdf { tenant, document: DocumentType::Invoice, number, sha256: "abc" }
}

async fn get(url: &str) -> Result<(u16, http::HeaderMap, Vec<u8>), Box<dyn Error>> {
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(http::Request::get(url).body(Body::empty())?).await?.into_parts();
    let body = axum::body::to_bytes(Body::new(body), 1_000_000).await?;
    Ok((head.status.as_u16(), head.headers, body.to_vec()))
}

#[tokio::test]
async fn a_file_is_written_once_and_stays_what_it_was() -> Outcome {
    let (cloud, files) = cloud_and_files().await?;
    let tenant = tenant();
    let object = original(&tenant, "RE 2026/11 für Ä");
    assert!(!files.exists(object).await?);
    assert_eq!(files.get(object, 100).await, Err(FilesError::NotFound));
    assert_eq!(files.put_once(object, b"first".to_vec(), Kept::freely("application/pdf")).await?, Put::Stored);
    assert_eq!(files.put_once(object, b"second".to_vec(), Kept::freely("application/pdf")).await?, Put::AlreadyThere);
    assert!(files.exists(object).await?);
    assert_eq!(files.get(object, 5).await?, b"first");
    assert_eq!(files.get(object, 4).await, Err(FilesError::TooLarge { limit_bytes: 4 }));
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_locked_is_written_once_like_any_other() -> Outcome {
    let (cloud, files) = cloud_and_files().await?;
    let tenant = tenant();
    let kept = Kept { content_type: "application/pdf", until: Some("2034-12-31T23:00:00Z".parse()?) };
    assert_eq!(files.put_once(original(&tenant, "RE1"), b"first".to_vec(), kept).await?, Put::Stored);
    assert_eq!(files.put_once(original(&tenant, "RE1"), b"second".to_vec(), kept).await?, Put::AlreadyThere);
    assert_eq!(files.get(original(&tenant, "RE1"), 5).await?, b"first");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_deleting_it_again_is_the_same() -> Outcome {
    let (cloud, files) = cloud_and_files().await?;
    let tenant = tenant();
    let [mine, theirs] = [1, 2].map(|last| CustomerId::new(Timestamp::UNIX_EPOCH, [last; 10]));
    let job = JobId::new(Timestamp::UNIX_EPOCH, [3; 10]);
    let of = |customer, sha256| Object::Packed { tenant: &tenant, customer, job: &job, sha256 };
    for object in [original(&tenant, "RE1"), of(&mine, "a"), of(&mine, "b"), of(&theirs, "a")] {
        assert_eq!(files.put_once(object, b"x".to_vec(), Kept::freely("application/zip")).await?, Put::Stored);
    }
    for _ in 0..2 {
        files.delete(original(&tenant, "RE1")).await?;
        files.delete_packed(&tenant, &mine).await?;
    }
    for (object, is_there) in
        [(original(&tenant, "RE1"), false), (of(&mine, "a"), false), (of(&mine, "b"), false), (of(&theirs, "a"), true)]
    {
        assert_eq!(files.exists(object).await?, is_there, "{}", object.key());
    }
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_longest_number_has_a_file_too() -> Outcome {
    let (cloud, files) = cloud_and_files().await?;
    let (tenant, number) = (tenant(), "Ü".repeat(64));
    assert_eq!(files.put_once(original(&tenant, &number), vec![], Kept::freely("application/pdf")).await?, Put::Stored);
    assert_eq!(files.put_once(original(&tenant, ".."), vec![1], Kept::freely("application/pdf")).await?, Put::Stored);
    assert_eq!(files.get(original(&tenant, &number), 0).await?, b"");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_link_hands_the_file_out_with_its_type_and_name() -> Outcome {
    let (cloud, files) = cloud_and_files().await?;
    let tenant = tenant();
    let object = original(&tenant, "RE1000");
    let _ = files.put_once(object, b"%PDF".to_vec(), Kept::freely("application/octet-stream")).await?;
    let link = files.presigned_get(object, PDF).await?;
    let (status, headers, body) = get(&link).await?;
    assert_eq!((status, body.as_slice()), (200, &b"%PDF"[..]));
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"Rechnung f_r -RE1000-.pdf\"; filename*=UTF-8''Rechnung%20f%C3%BCr%20-RE1000-.pdf"
    );
    assert_eq!(get(&link.replace("application%2Fpdf", "text%2Fhtml")).await?.0, 403, "the type is signed");
    assert_eq!(get(&link.replace("RE1000_", "RE1001_")).await?.0, 403, "the key is signed");
    cloud.stop().await;
    Ok(())
}

#[tokio::test]
async fn no_link_lives_longer_than_five_minutes() -> Outcome {
    let files = files("http://127.0.0.1:9", "bucket");
    let tenant = tenant();
    let how = Presigned { lifetime: Duration::from_secs(86_400), ..PDF };
    let link = files.presigned_get(original(&tenant, "RE1"), how).await?;
    assert!(link.contains("X-Amz-Expires=300"), "{link}");
    Ok(())
}

#[tokio::test]
async fn a_bucket_that_is_down_is_unavailable() -> Outcome {
    let files = files("http://127.0.0.1:9", "bucket");
    let tenant = tenant();
    let object = original(&tenant, "RE1");
    assert!(matches!(files.get(object, 10).await, Err(FilesError::Unavailable(_))));
    assert!(matches!(files.exists(object).await, Err(FilesError::Unavailable(_))));
    let put = files.put_once(object, vec![], Kept::freely("text/plain")).await;
    assert!(matches!(put, Err(FilesError::Unavailable(_))));
    Ok(())
}

#[tokio::test]
async fn a_bucket_that_hangs_is_given_up_in_time() -> Outcome {
    // Takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let files = files(&format!("http://{}", listener.local_addr()?), "bucket");
    let (tenant, before) = (tenant(), Instant::now());
    assert!(matches!(files.get(original(&tenant, "RE1"), 10).await, Err(FilesError::Unavailable(_))));
    assert!(before.elapsed() < Duration::from_millis(3_300), "{:?}", before.elapsed());
    Ok(())
}
