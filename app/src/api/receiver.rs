//! What the sample's receiver was sent.

use crate::{error::AppError, receiver::ReceivedRequest};
use leptos::prelude::*;

/// The newest requests that hold the text, newest first; nothing where the sample is not loaded. What
/// flows send may be secret, so it is for those who write them.
#[server(prefix = "/api/panel", endpoint = "receiver/latest")]
pub async fn latest_requests(search: String) -> Result<Option<Vec<ReceivedRequest>>, AppError> {
    use model::user::Permission;
    super::actor().await?.require(Permission::Edit)?;
    Ok(use_context::<crate::receiver::ReceiverLog>().map(|log| log.latest(&search)))
}
