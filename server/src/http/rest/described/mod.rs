//! What the routes take and answer, for the API's document; the wire itself is made of maps, so that
//! members which are kept for other tools pass through.

#![expect(dead_code, reason = "the types only describe")]

pub mod examples;
pub mod faults;

use super::super::api::posted::id_schema;
use model::{
    catalog::EventKind,
    delivery::Rest,
    flow::{FlowKind, FlowMode},
};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Which page of a list is asked for, in which order, with which members.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParameters {
    /// The page, from 1.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 1000, default = 40)]
    size: Option<u32>,
    /// The member to sort by, after `+` or `-`.
    #[param(example = "+name")]
    sort: Option<String>,
    /// The members that the items are to have; all, if none is named.
    #[param(required = false)]
    fields: Vec<String>,
    /// The whole name, in which `*` stands for anything.
    q: Option<String>,
}

/// What a list is narrowed to, of what can be switched off.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SwitchParameters {
    /// Only the enabled ones, or only the others.
    enabled: Option<bool>,
}

/// A reference.
#[derive(ToSchema)]
pub struct Lookup {
    #[schema(schema_with = id_schema)]
    id: i64,
    /// Its name, in answers.
    name: Option<String>,
}

/// A queue. In an answer whose list named `fields` it has only those. Other members are kept and
/// given back.
#[derive(ToSchema)]
pub struct CallCenterQueue {
    #[schema(read_only)]
    id: Option<String>,
    name: Option<String>,
    /// The number of its type: 0 offline, 1 inbound, 2 outbound IVR, 3 preview, 4 progressive,
    /// 5 predictive, 6 chat, 7 task, 8 outbound task.
    #[schema(required = false)]
    r#type: u8,
    #[schema(required = false)]
    description: String,
    #[schema(required = false)]
    enabled: bool,
    /// Given to every flow that its hooks run.
    #[schema(value_type = Object, required = false)]
    variables: Value,
    /// Milliseconds since 1970, as a text.
    #[schema(read_only)]
    created_at: Option<String>,
    /// Milliseconds since 1970, as a text.
    #[schema(read_only)]
    updated_at: Option<String>,
}

/// What a queue is made of. Other members are kept and given back.
#[derive(ToSchema)]
pub struct NewCallCenterQueue {
    #[schema(min_length = 1)]
    name: String,
    /// The number of its type, which is chosen once.
    #[schema(maximum = 8)]
    r#type: u8,
    description: Option<String>,
    enabled: Option<bool>,
    /// Given to every flow that its hooks run.
    #[schema(value_type = Option<Object>)]
    variables: Value,
}

/// What becomes of the unfinished deliveries of what is deleted. An addition of Offhook.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RestParameter {
    /// Whether they are delivered all the same (finish, as without it) or called off (cancel).
    #[param(inline, required = false)]
    deliveries: Rest,
}

/// A page of queues.
#[derive(ToSchema)]
pub struct CallCenterQueues {
    /// Whether another page follows.
    next: bool,
    items: Vec<CallCenterQueue>,
}

/// How a hook delivers.
#[derive(ToSchema)]
pub struct HookPolicy {
    /// Whether the deliveries of a call go in order.
    #[schema(required = false)]
    ordered: bool,
    /// How long a late delivery holds back the others of its call, in milliseconds.
    #[schema(required = false)]
    max_hold_ms: i64,
}

/// A hook of a queue. In an answer whose list named `fields` it has only those. Other members are
/// kept and given back.
#[derive(ToSchema)]
pub struct QueueHook {
    #[schema(read_only, required = false)]
    id: i64,
    #[schema(required = false)]
    event: EventKind,
    #[schema(required = false)]
    enabled: bool,
    /// The flow that it runs.
    #[schema(required = false)]
    schema: Lookup,
    /// The hook runs if this CEL expression is true; always, if it is empty. An addition of Offhook.
    #[schema(required = false)]
    condition: String,
    /// An addition of Offhook.
    #[schema(required = false)]
    policy: HookPolicy,
}

/// What a hook is made of. Other members are kept and given back.
#[derive(ToSchema)]
pub struct NewQueueHook {
    event: EventKind,
    /// The flow that it runs.
    schema: Lookup,
    enabled: Option<bool>,
    /// The hook runs if this CEL expression is true; always, if it is empty. An addition of Offhook.
    condition: Option<String>,
    /// An addition of Offhook.
    policy: Option<HookPolicy>,
}

/// A page of hooks.
#[derive(ToSchema)]
pub struct QueueHooks {
    /// Whether another page follows.
    next: bool,
    items: Vec<QueueHook>,
}

/// A flow with its newest version. In an answer whose list named `fields` it has only those. Other
/// members are kept and given back.
#[derive(ToSchema)]
pub struct RoutingSchema {
    #[schema(read_only)]
    id: Option<String>,
    name: Option<String>,
    #[schema(required = false)]
    r#type: FlowKind,
    /// The steps.
    #[schema(required = false)]
    schema: Vec<Value>,
    #[schema(required = false)]
    description: String,
    /// What happens when a step fails. An addition of Offhook.
    #[schema(required = false)]
    mode: FlowMode,
    /// Milliseconds since 1970, as a text.
    #[schema(read_only)]
    created_at: Option<String>,
    /// Milliseconds since 1970, as a text.
    #[schema(read_only)]
    updated_at: Option<String>,
}

/// What a flow is made of. Other members are kept and given back.
#[derive(ToSchema)]
pub struct NewRoutingSchema {
    #[schema(min_length = 1)]
    name: String,
    r#type: Option<FlowKind>,
    /// The steps.
    schema: Vec<Value>,
    description: Option<String>,
    /// What happens when a step fails. An addition of Offhook.
    mode: Option<FlowMode>,
}

/// A page of flows.
#[derive(ToSchema)]
pub struct RoutingSchemas {
    /// Whether another page follows.
    next: bool,
    items: Vec<RoutingSchema>,
}
