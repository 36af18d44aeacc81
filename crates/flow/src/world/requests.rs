//! Requests over HTTP.

use crate::Tokens;
use model::trace::Failure;
use std::{future::Future, time::Duration};

/// A request that a step makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Absolute, `http` or `https`.
    pub url: String,
    /// In order, `webhook-id` and `webhook-timestamp` included.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// For everything, the answer's body included.
    pub timeout: Duration,
    pub tls: Tls,
}

/// What a request asks of TLS beside the usual.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Tls {
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// The name of a stored certificate that says who is calling.
    pub certificate: Option<String>,
}

/// What came back: any status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body has more than is read, and so is here only as far as that.
    pub cut: bool,
}

/// Sends requests.
pub trait Requests: Sync {
    /// A request is about to go to this address, before which others may go elsewhere.
    fn heads_for(&self, _url: &str) {}
    /// Whether a request may go to this address now. Where it may not, the run rests before its
    /// step, and goes on there.
    fn admits(&self, url: &str) -> impl Future<Output = bool> + Send;
    /// Sends a request. Any status is a `Response`; a `Failure` means that no answer came, or
    /// that it broke off.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Failure>> + Send;
    /// The tokens that requests have fetched.
    fn tokens(&self) -> &Tokens;
    /// The value of `webhook-signature` for a message, in the way of Standard Webhooks.
    ///
    /// # Errors
    /// When there is no key to sign with.
    fn sign(
        &self,
        id: &str,
        timestamp_s: i64,
        body: &[u8],
    ) -> impl Future<Output = Result<String, Failure>> + Send;
}
