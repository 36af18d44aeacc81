//! What is posted to the panel is read here, whole, before anything looks at it: leptos would read
//! less of it, and could not say that there was too much.

use crate::http::body;
use app::{
    api::{Visitor, form::answer_unread},
    error::AppError,
    text,
};
use axum::{
    extract::{DefaultBodyLimit, Request},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::{problem::Problem, settings::BATCH_BYTES_MAX};

/// The most that somebody who is not signed in may post, in bytes: it is held in memory before it is
/// refused.
const STRANGER_MAX: usize = 1 << 20;

/// Reads what is posted, within the limit of who posts it.
pub async fn read_whole(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (parts, posted) = request.into_parts();
    let (max, refusal) = match parts.extensions.get::<Visitor>() {
        Some(Visitor(Ok(Some(_)))) => (BATCH_BYTES_MAX, too_large()),
        Some(Visitor(Err(error))) => (STRANGER_MAX, error.clone()),
        Some(Visitor(Ok(None))) | None => (STRANGER_MAX, AppError::SignedOut),
    };
    match body::read(posted, max).await {
        Ok(Some(read)) => {
            let mut request = Request::from_parts(parts, read.into());
            DefaultBodyLimit::max(max).apply(&mut request);
            next.run(request).await
        }
        Ok(None) => answer_unread(&parts, refusal).await,
        // It was cut off: hardly anybody hears this.
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

fn too_large() -> AppError {
    AppError::Invalid(vec![Problem::new("", text::error::too_large(BATCH_BYTES_MAX))])
}
