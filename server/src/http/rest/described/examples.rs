//! What bodies and answers look like, for the document.

use serde_json::{Value, json};

/// What a queue is made of.
pub fn new_queue() -> Value {
    json!({"name": "Support line", "type": 1, "enabled": true, "variables": {"region": "Kyiv"}})
}

/// A queue.
pub fn queue() -> Value {
    json!({
        "id": "3", "name": "Support line", "type": 1, "description": "", "enabled": true,
        "variables": {"region": "Kyiv"},
        "created_at": "1795339800120", "updated_at": "1795339800120",
    })
}

/// What a hook is made of.
pub fn new_hook() -> Value {
    json!({
        "event": "leaving", "schema": {"id": "5"}, "enabled": true,
        "condition": "cc_result == 'abandoned'",
        "policy": {"ordered": true, "max_hold_ms": 30_000},
    })
}

/// A hook.
pub fn hook() -> Value {
    json!({
        "id": 12, "event": "leaving", "enabled": true,
        "schema": {"id": "5", "name": "Tell the CRM"}, "properties": [],
        "condition": "cc_result == 'abandoned'",
        "policy": {"ordered": true, "max_hold_ms": 30_000},
    })
}

/// What a flow is made of.
pub fn new_schema() -> Value {
    json!({"name": "Tell the CRM", "type": "service", "schema": steps(), "mode": "strict"})
}

/// A flow.
pub fn schema() -> Value {
    json!({
        "id": "5", "name": "Tell the CRM", "type": "service", "schema": steps(),
        "description": "", "tags": [], "editor": false, "debug": false, "mode": "strict",
        "created_at": "1795339800120", "updated_at": "1795339800120",
    })
}

/// A page with just this item.
pub fn page(item: Value) -> Value {
    json!({"next": false, "items": [item]})
}

fn steps() -> Value {
    json!([{"httpRequest": {
        "url": "https://crm.example/calls", "data": {"call": "${attempt_id}"},
    }}])
}
