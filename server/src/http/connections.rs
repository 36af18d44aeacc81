//! Serving connections, and ending those on which nothing comes any more: whoever opens them and is
//! silent would else hold as many as there may be.

mod expected;

use super::problem::ApiProblem;
use axum::{
    Router,
    http::{HeaderValue, StatusCode, header::CONNECTION},
    response::{IntoResponse, Response},
    serve::{Listener, ListenerExt},
};
use expected::{Expected, Stalled};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use socket2::{SockRef, TcpKeepalive};
use std::{convert::Infallible, io, pin::pin, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tower::Service;

/// How long nothing may come.
#[derive(Clone, Copy)]
pub struct Patience {
    /// For a request's head, and between two requests: longer than balancers let a connection idle, which
    /// close it in order.
    pub head: Duration,
    /// Of a body, while it is being read.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(75), body: Duration::from_secs(30) }
    }
}

/// After how long without a word the system asks whether the other side is still there, how often, and
/// how many times in vain: those who wait for what we send say nothing themselves.
const ASKED_AFTER: Duration = Duration::from_secs(60);
const ASKED_EVERY: Duration = Duration::from_secs(10);
const ASKED_TIMES: u32 = 3;

/// Serves until it is told to stop, and then until what is under way has been answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let mut listener = listener.tap_io(|stream| {
        if let Err(error) = keep_asking(stream) {
            tracing::debug!(%error, "a connection is not asked whether it is still there");
        }
    });
    // Makes it ready once, not for each request.
    let router: Router = router.with_state(());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            (stream, _) = listener.accept() => stream,
            () = &mut stop => break,
        };
        let router = router.clone();
        let service = service_fn(move |request| answer(router.clone(), request, patience.body));
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    silent_max: Duration,
) -> Result<Response, Infallible> {
    let stalled = Stalled::default();
    let request = request.map(|body| Expected::new(body, silent_max, stalled.clone()));
    let answer = router.call(request).await?;
    Ok(if stalled.is_so() { stalled_answer(silent_max) } else { answer })
}

fn stalled_answer(silent_max: Duration) -> Response {
    let detail = format!("nothing of the body came for {} s", silent_max.as_secs());
    let mut answer = ApiProblem::new(StatusCode::REQUEST_TIMEOUT, detail).into_response();
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn keep_asking(stream: &TcpStream) -> io::Result<()> {
    let asks = TcpKeepalive::new().with_time(ASKED_AFTER).with_interval(ASKED_EVERY);
    SockRef::from(stream).set_tcp_keepalive(&asks.with_retries(ASKED_TIMES))
}

#[cfg(test)]
mod tests;
