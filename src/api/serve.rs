//! Connections: bounded in number, in headers and in idleness.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::patient::Patient;
use super::router;
use super::state::ApiState;

/// From a connection's opening, or its last answer, to a whole request head: a client that says nothing gives its place to others.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// Bytes of one request head, and of what is read ahead; the API itself refuses large heads earlier, and says so. The longest URL that
/// can be configured (60 KiB) and the headers that the API allows (32 KiB) fit.
const HEAD_BYTES: usize = 96 << 10;
/// Requests of one HTTP/2 connection at a time: a map asks for fewer tiles.
const STREAMS: u32 = 128;
/// Bytes of an answer that the system may hold before it sends them: as many as are written at a time.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 256 << 10;
/// From a request to stop until running answers are cut.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// Serves until `shutdown` is done, then lets running answers finish for ten seconds.
pub async fn serve(
    listener: TcpListener,
    state: Arc<ApiState>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let router = router(&state);
    let places = Arc::new(Semaphore::new(state.settings.connections));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut shutdown => break,
            both = accepted => both,
        };
        match accepted {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                hold_little(&stream);
                let connection = graceful.watch(connection(
                    stream,
                    peer,
                    router.clone(),
                    state.settings.piece_within,
                ));
                tokio::spawn(async move {
                    // What ends a connection is its client's affair.
                    let _ = connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of descriptors, mostly: they come back as connections end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(FINISH_WITHIN, graceful.shutdown()).await;
    Ok(())
}

/// Keeps what is written and not yet sent in our hands. The system would take four megabytes of a download from us, which a slow client
/// would go on receiving long after its right was revoked; what is on its way, and so the throughput, is not bounded by this.
fn hold_little(stream: &TcpStream) {
    // Without it the system's own bound holds: nothing fails.
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES);
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

fn connection(
    stream: TcpStream,
    peer: std::net::SocketAddr,
    router: Router,
    piece_within: Duration,
) -> impl hyper_util::server::graceful::GracefulConnection<
    Error = Box<dyn std::error::Error + Send + Sync>,
> + Send {
    let service = tower::service_fn(move |request: Request<_>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(Some(HEAD_WITHIN));
    builder
        .serve_connection(
            TokioIo::new(Patient::new(stream, HEAD_WITHIN, piece_within)),
            TowerToHyperService::new(service),
        )
        .into_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// What that means for a download is measured by tests/clients/revocation.py.
    #[tokio::test]
    async fn the_system_holds_little_of_an_answer() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let _client = TcpStream::connect(listener.local_addr()?).await?;
        let (stream, _) = listener.accept().await?;
        hold_little(&stream);
        let bound = socket2::SockRef::from(&stream).tcp_notsent_lowat()?;
        assert_eq!(bound, UNSENT_BYTES);
        Ok(())
    }
}
