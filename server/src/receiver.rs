//! The sample's receiver: what the sample's flows call, so that nothing outside is needed to see
//! the main job. It listens on the loopback only, answers as a CRM and the like would, and keeps
//! each request for the panel.

use app::receiver::{ReceivedRequest, ReceiverLog};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use model::time::Millis;
use serde_json::{Value, json};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The largest body that is taken, in bytes.
const BODY_MAX: usize = 64 << 10;
/// How long a callback takes to be booked, in milliseconds.
const BOOKING_MS: i64 = 400;

/// Why the receiver does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    #[error("the sample's receiver listens on the loopback only, and {0} is not")]
    NotLoopback(SocketAddr),
    #[error("the sample's receiver cannot listen on {addr}")]
    Listen {
        addr: SocketAddr,
        #[source]
        source: std::io::Error,
    },
}

/// Listens on `addr` until `shutdown` resolves, and pushes each request into `log`. Answers once
/// it listens, with the task that does.
pub async fn start(
    addr: SocketAddr,
    log: ReceiverLog,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<JoinHandle<()>, ReceiverError> {
    if !addr.ip().is_loopback() {
        return Err(ReceiverError::NotLoopback(addr));
    }
    let listener =
        TcpListener::bind(addr).await.map_err(|source| ReceiverError::Listen { addr, source })?;
    Ok(tokio::spawn(async move {
        let served = axum::serve(listener, router(log)).with_graceful_shutdown(shutdown);
        if let Err(error) = served.await {
            tracing::error!(%addr, %error, "the sample's receiver ended");
        }
    }))
}

fn router(log: ReceiverLog) -> Router {
    Router::new().fallback(receive).with_state(log)
}

/// Answers a request, and keeps both.
async fn receive(State(log): State<ReceiverLog>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let at = now();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let (body, (status, answer)) = match to_bytes(body, BODY_MAX).await {
        Ok(body) => {
            let body = String::from_utf8_lossy(&body).into_owned();
            (body, answer(&head.method, head.uri.path(), at))
        }
        Err(_) => {
            let detail = json!({"error": format!("a body has at most {BODY_MAX} bytes")});
            (String::new(), (StatusCode::PAYLOAD_TOO_LARGE, detail))
        }
    };
    let text =
        |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    log.push(ReceivedRequest {
        number: 0,
        at,
        method: head.method.to_string(),
        path,
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body,
        status: status.as_u16(),
    });
    (status, [(CONTENT_TYPE, "application/json")], Body::from(answer.to_string())).into_response()
}

/// What the systems that the receiver stands for would answer. It remembers nothing: what it
/// answers follows from the request and the time.
fn answer(method: &Method, path: &str, at: Millis) -> (StatusCode, Value) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        // A number of a switchboard is nobody's.
        ("PUT", ["crm", "contacts", phone])
            if phone.starts_with("%2B") && phone.ends_with("00") =>
        {
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                json!({"error": "this is the number of a switchboard, not of a person"}),
            )
        }
        ("PUT", ["crm", "contacts", phone]) => {
            let number = digest(phone);
            // Two of three have called before.
            let status =
                if number.is_multiple_of(3) { StatusCode::CREATED } else { StatusCode::OK };
            let segment = ["new", "regular", "regular", "gold"][(number % 4) as usize];
            let id = format!("C-{:05}", number % 100_000);
            (status, json!({"data": {"id": id, "segment": segment}}))
        }
        ("POST", ["crm", "activities"]) => {
            (StatusCode::CREATED, json!({"data": {"id": format!("T-{}", at.0 % 1_000_000)}}))
        }
        ("POST", ["texts"]) => (
            StatusCode::ACCEPTED,
            json!({"data": {"id": format!("sms-{}", at.0), "state": "queued"}}),
        ),
        ("POST", ["callbacks"]) => (
            StatusCode::ACCEPTED,
            json!({"data": {"id": format!("cb-{}", at.0), "state": "asked"}}),
        ),
        ("GET", ["callbacks", id]) => callback(id, at),
        ("POST", ["alerts", room]) => {
            // Now and then nobody looks.
            let seen = at.0 % 4 != 0;
            (StatusCode::OK, json!({"data": {"room": room, "seen": seen}}))
        }
        _ => (StatusCode::OK, json!({"data": {"ok": true}})),
    }
}

/// How a callback stands: its id says when it was asked for.
fn callback(id: &str, at: Millis) -> (StatusCode, Value) {
    let Some(asked) = id.strip_prefix("cb-").and_then(|at| at.parse::<i64>().ok()) else {
        return (StatusCode::NOT_FOUND, json!({"error": "there is no such callback"}));
    };
    let state = if at.0.saturating_sub(asked) < BOOKING_MS { "asked" } else { "booked" };
    let due = Millis(asked).plus(30 * 60_000).to_string();
    (StatusCode::OK, json!({"data": {"id": id, "state": state, "at": due}}))
}

/// The same number for the same text, as long as the process lives.
fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt;

    async fn send(log: &ReceiverLog, method: Method, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let response = router(log.clone()).oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), BODY_MAX).await.expect("a body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    #[tokio::test]
    async fn each_request_is_answered_and_kept() {
        let log = ReceiverLog::default();
        let path = "/crm/contacts/%2B380441234567?x=1";
        let (status, answer) = send(&log, Method::PUT, path, r#"{"name":"Олена"}"#).await;
        assert!([200, 201].contains(&status));
        assert!(answer["data"]["id"].as_str().is_some_and(|id| id.starts_with("C-")));
        let kept = &log.latest("")[0];
        assert_eq!((kept.method.as_str(), kept.path.as_str()), ("PUT", path));
        assert_eq!((kept.body.as_str(), kept.status), (r#"{"name":"Олена"}"#, status));
    }

    #[tokio::test]
    async fn a_body_has_a_limit() {
        let log = ReceiverLog::default();
        let body = "x".repeat(BODY_MAX + 1);
        let (status, _) = send(&log, Method::POST, "/alerts/support", &body).await;
        assert_eq!(status, 413);
        assert_eq!(log.latest("")[0].status, 413);
    }

    #[test]
    fn a_callback_is_booked_after_a_while() {
        let asked = Millis(1_800_000_000_000);
        let (_, made) = answer(&Method::POST, "/callbacks", asked);
        let path = format!("/callbacks/{}", made["data"]["id"].as_str().expect("an id"));
        let state =
            |after| answer(&Method::GET, &path, asked.plus(after)).1["data"]["state"].clone();
        assert_eq!(state(0), "asked");
        assert_eq!(state(BOOKING_MS), "booked");
        assert_eq!(answer(&Method::GET, "/callbacks/7", asked).0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn it_listens_on_the_loopback_only() {
        let addr = "0.0.0.0:0".parse().expect("an address");
        let started = start(addr, ReceiverLog::default(), std::future::pending()).await;
        assert!(matches!(started, Err(ReceiverError::NotLoopback(_))));
    }
}
