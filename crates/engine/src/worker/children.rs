//! Deliveries that a run begins beside itself: what is `async`, and the failure flow of one that dies.

use crate::{
    clock,
    index::Index,
    scheduler::{self, Job, Lane},
    vault::Vault,
};
use flow::{Child, ChildCall, Inherited};
use model::{
    delivery::{Begun, DeliveryState},
    ids::{DeliveryId, FlowId},
    time::Millis,
    trace::{Failure, FailureClass},
};
use serde_json::json;
use storage::journal::{NewChild, NewDelivery, Start};
use uuid::Uuid;

/// How many parents a delivery may have above one another.
pub(super) const DEPTH_MAX: u32 = 16;
/// How many children a delivery may have.
pub(super) const CHILDREN_MAX: u64 = 1_000;
/// Bytes of the variables that a child gets a copy of, as JSON.
const VARIABLES_MAX: usize = 256 << 10;

/// A child that is still to be written, and the job that it becomes.
pub type NewRun = (NewChild, Job);

/// What is gathered of the children of an attempt.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// Those that are still to be written.
    new: Vec<NewRun>,
    /// How many the delivery has, once that has been asked.
    pub many: Option<u64>,
}

impl Children {
    /// Adds one, where there may be more.
    pub fn add(&mut self, child: NewRun) -> Result<(), Failure> {
        let many = self.many.unwrap_or_default();
        if many >= CHILDREN_MAX {
            let detail = format!("a delivery may begin {CHILDREN_MAX} runs beside itself, no more");
            return Err(limited(CHILDREN_MAX, detail));
        }
        self.many = Some(many + 1);
        self.new.push(child);
        Ok(())
    }

    /// Gives what is to be written now.
    pub fn take(&mut self) -> Vec<NewRun> {
        std::mem::take(&mut self.new)
    }
}

/// What a step begins, of the flow in this version.
pub(super) fn of_step(
    parent: &Job,
    depth: u32,
    child: Child,
    vault: &Vault,
    (flow, version): (FlowId, u32),
) -> Result<NewRun, Failure> {
    if depth >= DEPTH_MAX {
        let detail = format!("runs begin one another more than {DEPTH_MAX} deep");
        return Err(limited(DEPTH_MAX.into(), detail));
    }
    let size = serde_json::to_string(&child.inherited.variables).map_or(0, |text| text.len());
    if size > VARIABLES_MAX {
        let detail = format!(
            "the variables take {} KiB, and a run that goes on by itself gets a copy of no more \
             than {} KiB",
            size >> 10,
            VARIABLES_MAX >> 10
        );
        return Err(limited(VARIABLES_MAX as u64, detail));
    }
    let function = match child.call {
        ChildCall::Function { name, .. } => Some(name),
        ChildCall::Flow(_) => None,
    };
    let start = Start {
        begun: Begun { step: Some(child.step), visit: child.visit, function },
        depth: depth + 1,
        inherited: vault.kept_inherited(parent.event.id, &child.inherited),
        zone: child.zone,
    };
    Ok(begin(parent, start, flow, version, clock::now()))
}

/// What runs when a delivery dies: its flow's failure flow, with the variables as they were and why
/// it died. What a failure flow dies of begins nothing. `dead` is as it was before its last attempt.
pub(super) fn of_death(
    dead: &Job,
    start: Option<&Start>,
    (index, vault): (&Index, &Vault),
    mut left: Inherited,
    failure: &Failure,
    now: Millis,
) -> Option<NewRun> {
    let (flow, version) = index.failure_flow(dead.flow_id)?;
    let depth = start.map_or(0, |start| start.depth);
    if depth >= DEPTH_MAX || start.is_some_and(|start| start.begun.step.is_none()) {
        return None;
    }
    let error = json!({
        "class": failure.class.as_str(),
        "message": failure.detail,
        "step": failure.step,
    });
    left.variables.insert("error".into(), error);
    let start = Start {
        begun: Begun { step: None, visit: dead.attempts + 1, function: None },
        depth: depth + 1,
        inherited: vault.kept_inherited(dead.event.id, &left),
        zone: None,
    };
    Some(begin(dead, start, flow, version, now))
}

fn begin(parent: &Job, start: Start, flow: FlowId, version: u32, now: Millis) -> NewRun {
    let id = DeliveryId(Uuid::now_v7());
    let delivery = NewDelivery {
        id,
        event_id: parent.event.id,
        hook_id: parent.hook_id,
        queue_id: parent.event.queue_id,
        flow_id: flow,
        flow_version: version,
        state: DeliveryState::Pending,
        warning: None,
        replay_of: None,
        parent: Some(parent.id),
        test: parent.test,
        created_at: now,
        shard: scheduler::shard(&parent.event, flow, id),
    };
    let job = Job {
        // The writer knows its row number.
        seq: 0,
        lane: Lane::Alone(0),
        id,
        flow_id: flow,
        flow_version: version,
        attempts: 0,
        due: None,
        hold_until: None,
        out_of_order: false,
        state: DeliveryState::Pending,
        rests: false,
        parent: delivery.parent,
        created_at: now,
        target: None,
        shard: delivery.shard,
        timed: false,
        ..parent.clone()
    };
    (NewChild { delivery, start }, job)
}

fn limited(limit: u64, detail: String) -> Failure {
    Failure { limit: Some(limit), ..Failure::new(FailureClass::Flow, detail) }
}
