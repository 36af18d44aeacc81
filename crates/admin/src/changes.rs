//! What a change names of a queue, a hook or a flow: the rest stays as it is. Tools of the original
//! change things so, member by member, and make new ones of the same members. Forms of the panel name
//! what they show, and when that was last changed.

use crate::{AdminError, Result};
use model::{
    JsonMap,
    catalog::{EventKind, QueueType},
    flow::{Flow, FlowDraft, FlowKind, FlowMode, check::are_same},
    hook::{DEFAULT_MAX_HOLD_MS, Hook, HookDraft},
    ids::FlowId,
    policy::{Policy, PolicyChange},
    problem::Problem,
    queue::{CODE_EXTRA, Queue, QueueDraft},
    time::Millis,
};

/// What a change does to the members kept for other tools.
#[derive(Debug, Clone, PartialEq)]
pub enum Extras {
    /// Some are set, some are removed, the others stay.
    Some { set: JsonMap, removed: Vec<String> },
    /// These are all there are.
    All(JsonMap),
}

impl Default for Extras {
    fn default() -> Self {
        Self::Some { set: JsonMap::new(), removed: Vec::new() }
    }
}

impl Extras {
    fn applied_to(self, was: &JsonMap) -> JsonMap {
        match self {
            Self::All(all) => all,
            Self::Some { set, removed } => {
                let mut all = was.clone();
                for name in removed {
                    all.shift_remove(&name);
                }
                all.extend(set);
                all
            }
        }
    }
}

/// What a change names of a queue.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueueChange {
    /// When what was shown had last been changed: a queue that has been changed since stays as it is.
    pub base: Option<Millis>,
    pub name: Option<String>,
    /// The original's number of the type.
    pub code: Option<u8>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    pub variables: Option<JsonMap>,
    pub extras: Extras,
}

impl QueueChange {
    pub(crate) fn into_new(self) -> Result<QueueDraft> {
        let known = self.code.and_then(|code| Some((code, QueueType::from_code(code)?)));
        let Some((code, kind)) = known else { return Err(kind_needed(self.code)) };
        Ok(QueueDraft {
            name: self.name.unwrap_or_default(),
            kind,
            description: self.description.unwrap_or_default(),
            enabled: self.enabled.unwrap_or(true),
            variables: self.variables,
            extras: Some(with_code(self.extras.applied_to(&JsonMap::new()), kind, code)),
        })
    }

    pub(crate) fn applied_to(self, was: &Queue) -> Result<QueueDraft> {
        let code = self.code.unwrap_or_else(|| was.code());
        match QueueType::from_code(code) {
            None => return Err(kind_needed(self.code)),
            Some(kind) if kind != was.kind => {
                let detail =
                    format!("a queue keeps its type, which is {} ({})", was.code(), was.kind);
                return Err(AdminError::Invalid(vec![Problem::new("/kind", detail)]));
            }
            Some(_) => {}
        }
        Ok(QueueDraft {
            name: self.name.unwrap_or_else(|| was.name.clone()),
            kind: was.kind,
            description: self.description.unwrap_or_else(|| was.description.clone()),
            enabled: self.enabled.unwrap_or(was.enabled),
            variables: self.variables,
            extras: Some(with_code(self.extras.applied_to(&was.extras), was.kind, code)),
        })
    }
}

fn kind_needed(given: Option<u8>) -> AdminError {
    let types = QueueType::ALL.map(|kind| format!("{} ({kind})", kind.code()));
    let detail = match given {
        None => format!("is needed: one of {}", types.join(", ")),
        Some(code) => format!("there is no type {code}; one of {}", types.join(", ")),
    };
    AdminError::Invalid(vec![Problem::new("/kind", detail)])
}

/// Notes the original's number of the type where it is not the type's first.
fn with_code(mut extras: JsonMap, kind: QueueType, code: u8) -> JsonMap {
    extras.shift_remove(CODE_EXTRA);
    if code != kind.code() {
        extras.insert(CODE_EXTRA.to_owned(), code.into());
    }
    extras
}

/// What a change names of a hook.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HookChange {
    /// When what was shown had last been changed: a hook that has been changed since stays as it is.
    pub base: Option<Millis>,
    pub event: Option<EventKind>,
    pub flow_id: Option<FlowId>,
    pub condition: Option<String>,
    pub enabled: Option<bool>,
    pub ordered: Option<bool>,
    pub max_hold_ms: Option<i64>,
    pub policy: PolicyChange,
    pub extras: Extras,
}

impl HookChange {
    pub(crate) fn into_new(self) -> Result<HookDraft> {
        let (Some(event), Some(flow_id)) = (self.event, self.flow_id) else {
            let mut problems = Vec::new();
            if self.event.is_none() {
                let words = EventKind::ALL.map(EventKind::as_str).join(", ");
                problems.push(Problem::new("/event", format!("is needed: one of {words}")));
            }
            if self.flow_id.is_none() {
                problems.push(Problem::new("/flow_id", "is needed: the flow to run"));
            }
            return Err(AdminError::Invalid(problems));
        };
        Ok(HookDraft {
            event,
            flow_id,
            condition: self.condition.unwrap_or_default(),
            enabled: self.enabled.unwrap_or(true),
            ordered: self.ordered.unwrap_or(true),
            max_hold_ms: self.max_hold_ms.unwrap_or(DEFAULT_MAX_HOLD_MS),
            policy: self.policy.applied_to(&Policy::default()),
            extras: Some(self.extras.applied_to(&JsonMap::new())),
        })
    }

    pub(crate) fn applied_to(self, was: &Hook) -> HookDraft {
        HookDraft {
            event: self.event.unwrap_or(was.event),
            flow_id: self.flow_id.unwrap_or(was.flow_id),
            condition: self.condition.unwrap_or_else(|| was.condition.clone()),
            enabled: self.enabled.unwrap_or(was.enabled),
            ordered: self.ordered.unwrap_or(was.ordered),
            max_hold_ms: self.max_hold_ms.unwrap_or(was.max_hold_ms),
            policy: self.policy.applied_to(&was.policy),
            extras: Some(self.extras.applied_to(&was.extras)),
        }
    }
}

/// All that a draft has.
impl From<HookDraft> for HookChange {
    fn from(draft: HookDraft) -> Self {
        Self {
            base: None,
            event: Some(draft.event),
            flow_id: Some(draft.flow_id),
            condition: Some(draft.condition),
            enabled: Some(draft.enabled),
            ordered: Some(draft.ordered),
            max_hold_ms: Some(draft.max_hold_ms),
            policy: draft.policy.into(),
            extras: draft.extras.map(Extras::All).unwrap_or_default(),
        }
    }
}

/// What a change names of a flow.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlowChange {
    pub name: Option<String>,
    pub kind: Option<FlowKind>,
    pub description: Option<String>,
    pub mode: Option<FlowMode>,
    /// The array of steps as JSON text. The steps that are there already stay as they are, with
    /// their layout and their ids.
    pub source: Option<String>,
    pub extras: Extras,
}

impl FlowChange {
    pub(crate) fn into_new(self) -> Result<FlowDraft> {
        let Some(source) = self.source else {
            let problem = Problem::new("/source", "is needed: the array of steps");
            return Err(AdminError::Invalid(vec![problem]));
        };
        Ok(FlowDraft {
            name: self.name.unwrap_or_default(),
            kind: self.kind.unwrap_or(FlowKind::Default),
            description: self.description.unwrap_or_default(),
            mode: self.mode.unwrap_or_default(),
            source,
            extras: Some(self.extras.applied_to(&JsonMap::new())),
        })
    }

    pub(crate) fn applied_to(self, was: &Flow) -> FlowDraft {
        let kept = &was.version.source;
        FlowDraft {
            name: self.name.unwrap_or_else(|| was.name.clone()),
            kind: self.kind.unwrap_or(was.kind),
            description: self.description.unwrap_or_else(|| was.description.clone()),
            mode: self.mode.unwrap_or(was.version.mode),
            source: self.source.filter(|new| !are_same(kept, new)).unwrap_or_else(|| kept.clone()),
            extras: Some(self.extras.applied_to(&was.extras)),
        }
    }
}
