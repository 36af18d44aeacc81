//! What the panel tells browsers, and what it refuses from them.

use crate::config::PublicUrl;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::{nonce::Nonce, prelude::*};

/// For answers that are no page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Lets the page that is about to be drawn give its scripts the nonce that its policy names. Called
/// for every page, before it is drawn.
pub fn provide_page_nonce() {
    let parts = use_context::<Parts>();
    if let Some(nonce) = parts.and_then(|parts| parts.extensions.get::<Nonce>().cloned()) {
        provide_context(nonce);
    }
}

/// For pages: what the panel itself serves, and scripts that have the nonce.
fn page_policy(nonce: &Nonce) -> String {
    // `make dev` reloads the page by a socket of its own.
    let sockets = if cfg!(debug_assertions) { " ws://127.0.0.1:* ws://localhost:*" } else { "" };
    format!(
        "default-src 'none'; \
         script-src 'self' 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'{sockets}; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Adds the headers that every answer of the panel has. The nonce of a page is made here, so that
/// whatever becomes of the request, a page and its policy name the same one.
pub async fn add_headers(mut request: Request, next: Next) -> Response {
    let file = request.uri().path().starts_with("/pkg/");
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let policy = is_page(&response).then(|| HeaderValue::from_str(&page_policy(&nonce)).ok());
    let headers = response.headers_mut();
    let mut unless_set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    let fixed = HeaderValue::from_static;
    unless_set(header::CONTENT_SECURITY_POLICY, policy.flatten().unwrap_or(fixed(NOTHING)));
    unless_set(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    // Forms without JavaScript are led back by the referer, which no other site gets to see.
    unless_set(header::REFERRER_POLICY, fixed("same-origin"));
    unless_set(header::X_FRAME_OPTIONS, fixed("DENY"));
    unless_set(HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin"));
    // Files keep their names from one release to the next, so browsers must ask.
    unless_set(header::CACHE_CONTROL, fixed(if file { "no-cache" } else { "no-store" }));
    response
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// Refuses what another site makes a browser send: a request that changes something must come
/// from the panel itself. Requests without any sign of a browser pass only without a cookie.
pub async fn check_origin(
    State(public_url): State<PublicUrl>,
    request: Request,
    next: Next,
) -> Response {
    if is_safe(request.method()) || is_own(request.headers(), public_url.as_str()) {
        return next.run(request).await;
    }
    tracing::warn!(
        path = request.uri().path(),
        origin = ?request.headers().get(header::ORIGIN),
        public_url = public_url.as_str(),
        "refused a request from elsewhere; is OFFHOOK_PUBLIC_URL the address in use?"
    );
    let told = "This request did not come from the panel's own address and was refused. \
                The administrator sets that address by OFFHOOK_PUBLIC_URL.";
    (StatusCode::FORBIDDEN, told).into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.eq_ignore_ascii_case(public_url),
        (None, None) => !headers.contains_key(header::COOKIE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_own(&headers.collect(), "https://hooks.example")
    }

    #[test]
    fn only_the_panels_own_pages_change_things() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("origin", "https://hooks.example")]));
        assert!(!own(&[("sec-fetch-site", "cross-site"), ("origin", "https://hooks.example")]));
        assert!(!own(&[("sec-fetch-site", "same-site")]));
        assert!(!own(&[("origin", "https://evil.example")]));
        assert!(!own(&[("origin", "null")]));
        assert!(!own(&[("cookie", "offhook=x")]));
        assert!(own(&[]));
    }
}
