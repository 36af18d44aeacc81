//! The dispatch engine.

mod error;

pub use error::{EngineError, Result};

use model::{
    JsonMap,
    ids::{DeliveryId, HookId},
    user::Actor,
};

/// A handle to the engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {}

impl Engine {
    /// Fires one hook with an event that a person made up. It is marked as a test, counts in no
    /// statistic, and is not held by other deliveries' order.
    pub async fn send_test(
        &self,
        actor: &Actor,
        hook: HookId,
        data: JsonMap,
        variables: JsonMap,
    ) -> Result<DeliveryId> {
        let _ = (actor, data, variables);
        Err(EngineError::NotFound { what: "hook", id: hook.to_string() })
    }

    /// Makes a new delivery of the same event for the same hook's flow, linked to this one.
    pub async fn replay(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryId> {
        let _ = actor;
        Err(EngineError::NotFound { what: "delivery", id: id.to_string() })
    }

    /// Makes a delivery that waits for its next attempt due at once.
    pub async fn retry_now(&self, actor: &Actor, id: DeliveryId) -> Result<()> {
        let _ = actor;
        Err(EngineError::NotFound { what: "delivery", id: id.to_string() })
    }
}
