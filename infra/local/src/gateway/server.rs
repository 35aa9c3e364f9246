//! The gateway on a socket: reads a request no further than AWS would and gives up where AWS would.

use super::{Gateway, MAX_WIRE_BYTES, Refusal, SourceIp, event, named};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::Response,
};
use futures_util::StreamExt;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, time::timeout};

/// After this long API Gateway stops waiting for a function.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that sends too much is heard out this far, so that it reads the answer instead of a broken pipe.
const MAX_DRAINED_BYTES: usize = 8 * MAX_WIRE_BYTES;

/// Serves until `stop` resolves and the running requests are answered.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    gateway: Gateway,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Router::new().fallback(answer).with_state(gateway);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(stop).await
}

async fn answer(
    State(gateway): State<Gateway>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (mut head, body) = request.into_parts();
    head.extensions.insert(SourceIp(client.ip()));
    let response = match read(body).await {
        None => named(Refusal::TOO_LARGE.into_response(), &event::request_id()),
        Some(body) => {
            let answer = timeout(TIMEOUT, gateway.call(Request::from_parts(head, body))).await;
            answer.unwrap_or_else(|_| named(Refusal::TIMED_OUT.into_response(), &event::request_id()))
        }
    };
    response.map(Body::from)
}

/// The whole body, unless it is too large or breaks off.
async fn read(body: Body) -> Option<Bytes> {
    let mut body = body.into_data_stream();
    let mut read = Vec::new();
    let mut count = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.ok()?;
        count += chunk.len();
        if count <= MAX_WIRE_BYTES {
            read.extend_from_slice(&chunk);
        } else if count > MAX_DRAINED_BYTES {
            return None;
        }
    }
    (count <= MAX_WIRE_BYTES).then(|| read.into())
}
