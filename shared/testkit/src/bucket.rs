//! A file that a page hands out by an address of the bucket, fetched as a browser would.

use axum::body::Body;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::Answer;

/// Largest file that a test fetches.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// What the bucket answered.
#[derive(Debug, Clone)]
pub struct HandedOut {
    /// The name under which a browser keeps it, and whether it shows it.
    pub disposition: String,
    /// Its type.
    pub content_type: String,
    /// The file itself.
    pub bytes: Vec<u8>,
}

impl HandedOut {
    /// The file as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Answer {
    /// Follows the answer to the bucket.
    pub async fn file(&self) -> HandedOut {
        let address = self.header("location").to_owned();
        let wrong = |error: &dyn std::fmt::Display| -> ! { panic!("{} leads to no file: {error}", self.what()) };
        let request = http::Request::get(&address).body(Body::empty()).unwrap_or_else(|error| wrong(&error));
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.unwrap_or_else(|error| wrong(&error));
        let header = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (status, disposition, content_type) =
            (answer.status(), header("content-disposition"), header("content-type"));
        let bytes = axum::body::to_bytes(Body::new(answer.into_body()), MAX_BYTES).await;
        let bytes = bytes.unwrap_or_else(|error| wrong(&error)).to_vec();
        assert!(status.is_success(), "{}: {status} {}", self.what(), String::from_utf8_lossy(&bytes));
        HandedOut { disposition, content_type, bytes }
    }
}
