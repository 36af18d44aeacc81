//! Senders that ask whether they may post before they do: the validation request of CloudEvents'
//! HTTP web hooks (section 4, abuse protection).

use super::{refusal::Refusal, shape::ACCEPT_POST, unpack::ACCEPT_ENCODING};
use crate::http::{api::refusals::Refusals, auth::Bearer};
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header::ALLOW},
    response::{IntoResponse, Response},
};
use engine::EngineError;
use model::user::Permission;

const ALLOW_POST: HeaderValue = HeaderValue::from_static("POST, OPTIONS");

/// Asks whether events may be posted
///
/// The validation request of CloudEvents' web hooks: it says which types and encodings are read, and
/// agrees to every sender whose token may post. Needs a token of scope ingest.
// Which origin a sender names adds nothing to what its token tells.
#[utoipa::path(
    options,
    path = "/events",
    operation_id = "askToPostEvents",
    tag = "events",
    params(("WebHook-Request-Origin" = Option<String>, Header,
        description = "The system that is going to post", example = "dialler.example")),
    responses(
        (status = 200, description = "Events may be posted", headers(
            ("Allow" = String, description = "The methods: POST and OPTIONS"),
            ("Accept-Post" = String, description = "The content types that are read"),
            ("Accept-Encoding" = String, description = "The encodings that are unpacked"),
        )),
        Refusals,
    )
)]
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
