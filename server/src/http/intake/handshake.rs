//! Senders that ask whether they may post before they do: the validation request of CloudEvents'
//! HTTP web hooks (section 4, abuse protection).

use super::{refusal::Refusal, shape::ACCEPT_POST, unpack::ACCEPT_ENCODING};
use crate::http::auth::Bearer;
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header::ALLOW},
    response::{IntoResponse, Response},
};
use engine::EngineError;
use model::user::Permission;

const ALLOW_POST: HeaderValue = HeaderValue::from_static("POST, OPTIONS");

/// Says what is taken here, and agrees to whoever asks with a token that may post: which origin a
/// sender names adds nothing to what its token tells.
pub async fn options_events(
    Bearer(actor): Bearer,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    actor.require(Permission::Ingest).map_err(EngineError::from)?;
    let mut response = [ACCEPT_POST, ACCEPT_ENCODING].into_response();
    let told = response.headers_mut();
    told.insert(ALLOW, ALLOW_POST);
    if let Some(origin) = headers.get("webhook-request-origin") {
        told.insert(HeaderName::from_static("webhook-allowed-origin"), origin.clone());
        let any = HeaderValue::from_static("*");
        told.insert(HeaderName::from_static("webhook-allowed-rate"), any);
    }
    Ok(response)
}
