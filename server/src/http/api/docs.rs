//! The page at `/api/docs`, on which the API can be read and tried: Swagger UI, built in, fed with
//! the API's document.

use super::super::{Services, panel, security};
use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;
use utoipa_swagger_ui::Config;

const PAGE: &str = include_str!("docs/page.html");
const SCRIPT: &str = include_str!("docs/docs.js");
const STYLE: &str = include_str!("docs/docs.css");

/// Nothing but this server's own files, no inline script or style; the page calls this server only.
/// Swagger UI draws its arrows from `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// How browsers keep the files, whose names stay the same from one release to the next.
const KEEP: &str = "max-age=600";

/// The page and its files. It holds no secret, so nobody needs to sign in.
pub fn router() -> Router<Services> {
    Router::new()
        .route("/api/docs", get(page))
        .route("/api/docs/{file}", get(file))
        .layer(from_fn(security::add_headers))
}

async fn page(headers: HeaderMap) -> Response {
    let theme = panel::theme(&headers).as_str();
    let mut page = Html(PAGE.replace("{theme}", theme)).into_response();
    let policy = HeaderValue::from_static(POLICY);
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    page
}

async fn file(Path(name): Path<String>) -> Response {
    let own = |kind: &'static str, text: &'static str| {
        ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEEP)], text).into_response()
    };
    match name.as_str() {
        "docs.js" => own("text/javascript", SCRIPT),
        "docs.css" => own("text/css", STYLE),
        "swagger-ui-bundle.js" | "swagger-ui.css" => swagger(&name),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file of Swagger UI.
fn swagger(name: &str) -> Response {
    match utoipa_swagger_ui::serve(name, Arc::new(Config::default())) {
        Ok(Some(file)) => {
            let mut response = file.bytes.into_owned().into_response();
            let headers = response.headers_mut();
            if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
                headers.insert(header::CONTENT_TYPE, kind);
            }
            if file.gzpipped {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEEP));
            response
        }
        Ok(None) | Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
