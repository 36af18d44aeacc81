//! Whom flows call in a test.

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

/// A request that the receiver got.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub webhook_id: String,
    pub has_timestamp: bool,
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver on the loopback, which keeps what it gets in order of arrival and answers what it
/// is told to, by default 200.
#[derive(Clone)]
pub struct Receiver {
    pub addr: SocketAddr,
    state: Arc<Mutex<ReceiverState>>,
}

#[derive(Default)]
struct ReceiverState {
    received: Vec<Received>,
    /// What to answer, the next one last.
    answers: Vec<(u16, Option<&'static str>)>,
}

impl Receiver {
    /// Listens.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self { addr: listener.local_addr().unwrap(), state: Arc::default() };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        receiver
    }

    /// Answers these statuses next, each with a Retry-After or none, then 200 again.
    pub fn answer_next(&self, mut answers: Vec<(u16, Option<&'static str>)>) {
        answers.reverse();
        self.state.lock().unwrap().answers = answers;
    }

    /// What has arrived.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut state = receiver.state.lock().unwrap();
    state.received.push(Received {
        path: uri.path().into(),
        webhook_id: header("webhook-id").unwrap_or_default().into(),
        has_timestamp: header("webhook-timestamp").is_some_and(|text| text.parse::<i64>().is_ok()),
        body: String::from_utf8_lossy(&body).into_owned(),
        headers: headers.clone(),
    });
    let (status, retry_after) = state.answers.pop().unwrap_or((200, None));
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    let body = axum::Json(json!({"status": status.as_u16(), "data": {"id": "C-1"}}));
    match retry_after {
        Some(after) => (status, [("retry-after", after)], body).into_response(),
        None => (status, body).into_response(),
    }
}
