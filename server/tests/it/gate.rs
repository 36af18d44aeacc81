//! A receiver that holds its answers back.

use axum::{Router, http::Uri};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::watch};

/// Keeps the paths that it is asked for, in order of arrival, and does not answer those that begin
/// with the one that it holds, until it is opened.
pub struct Gate {
    pub addr: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// Listens.
    pub async fn start(held: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (open, opened) = watch::channel(false);
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = asked.clone();
        let router = Router::new().fallback(move |uri: Uri| {
            let (kept, mut opened) = (kept.clone(), opened.clone());
            async move {
                kept.lock().unwrap().push(uri.path().to_owned());
                if uri.path().starts_with(held) {
                    opened.wait_for(|open| *open).await.ok();
                }
                "{}"
            }
        });
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { addr, asked, open }
    }

    /// Answers from now on.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// What it has been asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
