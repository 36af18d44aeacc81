//! Where a run stands and what it holds: enough to go on elsewhere and later, on the same version of
//! its flow. Steps are named by their `_id`, which an upgrade of this program does not change.

use crate::{Inherited, variables::Used};
use model::{
    JsonMap,
    trace::{Failure, FailureClass, step_in_run},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A run at rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The flow first, the function that runs last.
    pub(crate) frames: Vec<Place>,
    /// How often each step was reached, by its `_id`; those of a flow that was called by another
    /// have its number and a dot in front.
    pub(crate) visits: BTreeMap<String, u32>,
    pub(crate) variables: JsonMap,
    /// The secrets that the run has used, which may stand in those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hidden: Vec<String>,
    /// How many steps it has run.
    #[serde(default)]
    pub(crate) steps: u64,
    /// How often the step that it stands before has been tried, by its own `retry`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) tries: u32,
    /// The first step's error of a lenient flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_error: Option<Failure>,
    /// The time zone that the flow has chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// The secrets and encrypted variables that the run has used, where an older release has kept it:
    /// what they hold now is hidden.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) used: BTreeSet<Used>,
}

/// Where a scope stands: the flow, or a function's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The number of the flow, where that was called by another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flow: Option<i64>,
    /// The function's name, if it is one's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) function: Option<String>,
    /// The `_id` of the `list` step, if it is one's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<String>,
    pub(crate) at: At,
    /// The `_id` of the step.
    pub(crate) step: String,
    #[serde(default)]
    pub(crate) jumps: u32,
    /// How often the steps with a `limit` were passed; nothing where an older release has kept it, which
    /// counted them by `visits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) passes: Option<BTreeMap<String, u32>>,
    /// The loops that have been entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) loops: Vec<Round>,
}

/// Which side of a step comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum At {
    /// The step itself.
    Before,
    /// What a loop does after each pass.
    EndOfPass,
    /// What comes after it, and after all that is inside it.
    After,
}

/// How far a loop has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Round {
    /// The `_id` of its step.
    pub(crate) step: String,
    pub(crate) passes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<u64>,
    /// Of a `forEach`, what is still to come, the next item last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) items: Vec<Value>,
}

impl Checkpoint {
    /// Reads what [`Self::to_text`] has written.
    ///
    /// # Errors
    /// Where the text is no checkpoint.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| unusable(&error.to_string()))
    }

    /// What a run gets that goes on with this one's variables.
    pub fn into_inherited(self) -> Inherited {
        Inherited { variables: self.variables, hidden: self.hidden }
    }

    /// The step before which the run stands, or behind which it has waited, as [`Child::step`] names
    /// one, and how often that is then reached; nothing between two passes of a loop.
    ///
    /// [`Child::step`]: crate::Child::step
    pub fn stands_at(&self) -> Option<(String, u32)> {
        let place = self.frames.last()?;
        let step = step_in_run(place.flow, &place.step);
        let reached = self.visits.get(&step).copied().unwrap_or_default();
        match place.at {
            At::Before => Some((step, reached + 1)),
            At::After => Some((step, reached)),
            At::EndOfPass => None,
        }
    }

    /// Lets the step that the run stands before be tried as often as its own `retry` says, however often
    /// it was tried by an attempt that has failed since.
    pub fn try_anew(&mut self) {
        self.tries = 0;
    }

    /// Whether the run stands behind a step, which is a wait.
    pub fn has_waited(&self) -> bool {
        self.frames.last().is_some_and(|place| place.at == At::After)
    }

    /// Whether the run has used secrets or encrypted variables, so that they may stand in its own.
    pub fn may_hold_secrets(&self) -> bool {
        !self.used.is_empty() || !self.hidden.is_empty()
    }

    /// The same run for another delivery, where its variable says that it is this one's. What it stands
    /// before has not been tried for that one.
    pub fn handed_on(mut self, from: &str, to: &str) -> Self {
        if let Some(id) = self.variables.get_mut("delivery_id").filter(|id| *id == from) {
            *id = to.into();
        }
        self.tries = 0;
        self
    }

    /// As text, to be kept.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn is_zero(tries: &u32) -> bool {
    *tries == 0
}

/// What is kept of a run does not fit its flow.
pub(crate) fn unusable(why: &str) -> Failure {
    let detail = format!("what was kept of this run cannot be gone on with: {why}");
    Failure::new(FailureClass::Flow, detail)
}
