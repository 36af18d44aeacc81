//! Serving connections, and ending those on which nothing comes any more, or of which nothing is taken:
//! whoever opens them and is silent would else hold as many as there may be.

mod expected;

use super::problem::ApiProblem;
use axum::{
    Router,
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, EXPECT},
    },
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
    /// How many bytes of a body have to come in a second beyond that, on the whole.
    pub slowest: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(75), body: Duration::from_secs(30), slowest: 4 << 10 }
    }
}

/// After how long without a word the system asks whether the other side is still there, how often, and
/// how many times in vain: those who wait for what we send say nothing themselves.
const ASKED_AFTER: Duration = Duration::from_secs(60);
const ASKED_EVERY: Duration = Duration::from_secs(10);
const ASKED_TIMES: u32 = 3;
/// How long what we send may stay without being taken: whoever does not read would hold a connection as
/// well. Where it is set, the system goes by it when it asks, too.
#[cfg(target_os = "linux")]
const TAKEN_MAX: Duration = Duration::from_secs(90);

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
        let service = service_fn(move |request| answer(router.clone(), request, patience));
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
    patience: Patience,
) -> Result<Response, Infallible> {
    let stalled = Stalled::default();
    let is_asked_for = request.headers().contains_key(EXPECT);
    let request = request.map(|body| Expected::new(body, is_asked_for, patience, stalled.clone()));
    let answer = router.call(request).await?;
    Ok(if stalled.is_so() { stalled_answer(patience) } else { answer })
}

fn stalled_answer(patience: Patience) -> Response {
    let (silent, slowest) = (patience.body.as_secs(), patience.slowest);
    let detail =
        format!("nothing of the body came for {silent} s, or less than {slowest} bytes a second");
    let mut answer = ApiProblem::new(StatusCode::REQUEST_TIMEOUT, detail).into_response();
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn keep_asking(stream: &TcpStream) -> io::Result<()> {
    let asks = TcpKeepalive::new().with_time(ASKED_AFTER).with_interval(ASKED_EVERY);
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(TAKEN_MAX))?;
    socket.set_tcp_keepalive(&asks.with_retries(ASKED_TIMES))
}

#[cfg(test)]
mod tests;
