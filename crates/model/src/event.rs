//! Events: what a sender posts, checked against the catalog, and what is kept of it.

use crate::{
    JsonMap,
    catalog::{EventKind, QueueType},
    delivery::DeliveryRow,
    ids::{EventId, QueueId},
    time::Millis,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that happened in a queue, as accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    pub queue_id: QueueId,
    pub kind: EventKind,
    /// The id that the sender gave; unique per queue.
    pub sender_id: Option<String>,
    /// `data.attempt_id`, which orders deliveries.
    pub call_attempt: Option<i64>,
    pub occurred_at: Millis,
    pub accepted_at: Millis,
    /// The documented fields, each of its type.
    pub data: JsonMap,
    /// The queue's variables, and over them the sender's.
    pub variables: JsonMap,
    /// Sent by a person to try a hook.
    pub test: bool,
}

impl Event {
    /// What it weighs in memory, roughly, in bytes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + weight_of(&self.data) + weight_of(&self.variables)
    }

    /// What a flow and a condition see of the event: variables, over them the fields, over them
    /// the event's own names.
    pub fn flow_variables(&self, queue_name: &str, queue_type: QueueType) -> JsonMap {
        let own = [
            ("event", self.kind.as_str().into()),
            ("event_id", self.id.to_string().into()),
            ("occurred_at", self.occurred_at.to_string().into()),
            ("queue_id", self.queue_id.0.into()),
            ("queue_name", queue_name.into()),
            ("queue_type", queue_type.as_str().into()),
        ];
        // Those who run the flow add two of theirs.
        let room = self.variables.len() + self.data.len() + own.len() + 2;
        let mut all = JsonMap::with_capacity(room);
        all.extend(self.variables.clone());
        all.extend(self.data.clone());
        for (name, value) in own {
            all.insert(name.into(), value);
        }
        all
    }
}

fn weight_of(all: &JsonMap) -> usize {
    all.iter().map(|(name, value)| size_of::<String>() + name.len() + weight(value)).sum()
}

fn weight(value: &Value) -> usize {
    let inside: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(weight).sum(),
        Value::Object(all) => weight_of(all),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inside
}

/// An event as it was accepted, and the deliveries that it made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventDetail {
    pub id: EventId,
    /// The id that the sender gave; unique per queue.
    pub sender_id: Option<String>,
    pub event: EventKind,
    pub queue_id: QueueId,
    /// Empty when the queue has been deleted.
    pub queue_name: String,
    /// The dialler's `attempt_id`, which orders deliveries.
    pub call_attempt: Option<i64>,
    pub occurred_at: Millis,
    pub accepted_at: Millis,
    /// The documented fields, each of its type.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: JsonMap,
    /// The queue's variables, and over them the sender's.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub variables: JsonMap,
    /// Sent by a person to try a hook.
    pub test: bool,
    /// In the order of acceptance; replays are among them.
    pub deliveries: Vec<DeliveryRow>,
    /// Whether there are more deliveries than are listed.
    pub more: bool,
}
