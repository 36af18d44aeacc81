//! `offhook sample`: a contact centre to try things with, and the receiver that its flows call.

mod content;
mod kept;

use admin::{Admin, AdminError};
use content::{FLOWS, QUEUES, SampleFlow, SampleQueue};
use model::{
    JsonMap,
    flow::{FlowDraft, FlowFilter, FlowKind},
    hook::{DEFAULT_MAX_HOLD_MS, HookDraft, HookFilter},
    ids::{FlowId, QueueId},
    page::Paging,
    policy::Policy,
    queue::{QueueDraft, QueueFilter},
    user::Actor,
};
use std::{collections::HashMap, net::SocketAddr};
use storage::{InstallationStore, StorageError};

/// The fact that says that the sample is loaded: its receiver's host and port.
pub const RECEIVER_FACT: &str = "sample_receiver";
/// More than the sample has of anything, and than a search for one of its names finds.
const ALL: Paging = Paging { page: 1, size: 500 };

/// Loads the sample contact centre: a queue of every type, flows, hooks, what flows ask
/// (lists of numbers, a calendar, variables), and a receiver.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the receiver listens, an address of this machine's loopback.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3100", value_parser = loopback)]
    receiver: SocketAddr,
}

/// Why the sample could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("the sample's {what} cannot be made")]
    Refused {
        what: String,
        #[source]
        source: AdminError,
    },
    #[error("the sample's own {what} does not read")]
    Content {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("the database cannot be used")]
    Storage(#[from] StorageError),
}

/// What was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    pub queues: usize,
    pub flows: usize,
    pub hooks: usize,
}

/// Loads the sample, unless it is there, and says so.
pub async fn run(
    args: Args,
    admin: &Admin,
    facts: &dyn InstallationStore,
) -> Result<(), SampleError> {
    match load(args.receiver, admin, facts).await? {
        Ok(made) => println!(
            "The sample contact centre is loaded: {} queues, {} flows, {} hooks.\n\
             From its next start on, the server receives what they send on http://{}.",
            made.queues, made.flows, made.hooks, args.receiver
        ),
        Err(receiver) => println!(
            "The sample contact centre is there already, with its receiver on http://{receiver}; \
             nothing was changed."
        ),
    }
    Ok(())
}

/// Loads what is missing of the sample; where it is loaded, answers the receiver's address.
pub async fn load(
    receiver: SocketAddr,
    admin: &Admin,
    facts: &dyn InstallationStore,
) -> Result<Result<Made, String>, SampleError> {
    if let Some(there) = facts.fact(RECEIVER_FACT).await? {
        return Ok(Err(there));
    }
    let mut made = Made::default();
    kept::put_all(admin).await?;
    let mut flows = HashMap::new();
    for flow in FLOWS {
        let (id, new) = put_flow(admin, flow, receiver).await.map_err(refused(flow.name))?;
        made.flows += usize::from(new);
        flows.insert(flow.name, id);
    }
    for flow in FLOWS {
        put_failure_flow(admin, flow, &flows).await.map_err(refused(flow.name))?;
    }
    for queue in QUEUES {
        let variables: JsonMap = serde_json::from_str(queue.variables)
            .map_err(|source| SampleError::Content { what: queue.name, source })?;
        let (id, new) = put_queue(admin, queue, variables).await.map_err(refused(queue.name))?;
        made.queues += usize::from(new);
        made.hooks += put_hooks(admin, queue, id, &flows).await.map_err(refused(queue.name))?;
    }
    // Last, so that a load that was broken off is completed by the next one.
    facts.put_fact(RECEIVER_FACT, &receiver.to_string()).await?;
    Ok(Ok(made))
}

fn refused(what: &str) -> impl FnOnce(AdminError) -> SampleError + use<> {
    let what = what.to_owned();
    move |source| SampleError::Refused { what, source }
}

/// The flow's id, and whether it is new.
async fn put_flow(
    admin: &Admin,
    flow: &SampleFlow,
    receiver: SocketAddr,
) -> admin::Result<(FlowId, bool)> {
    let actor = Actor::operator();
    let filter = FlowFilter { search: flow.name.into(), ..FlowFilter::default() };
    let found = admin.flows(&actor, &filter, ALL).await?;
    if let Some(there) = found.items.iter().find(|row| row.name == flow.name) {
        return Ok((there.id, false));
    }
    let draft = FlowDraft {
        name: flow.name.into(),
        kind: FlowKind::Service,
        description: flow.description.into(),
        mode: flow.mode,
        source: flow.source.replace("RECEIVER", &receiver.to_string()),
        extras: None,
    };
    Ok((admin.create_flow(&actor, draft).await?.id, true))
}

/// Gives the flow its failure flow, unless it has one.
async fn put_failure_flow(
    admin: &Admin,
    flow: &SampleFlow,
    flows: &HashMap<&str, FlowId>,
) -> admin::Result<()> {
    let actor = Actor::operator();
    let wanted = flow.failure_flow.and_then(|name| flows.get(name).copied());
    let (Some(id), Some(to)) = (flows.get(flow.name).copied(), wanted) else { return Ok(()) };
    if admin.failure_flow(&actor, id).await?.is_none() {
        admin.set_failure_flow(&actor, id, Some(to)).await?;
    }
    Ok(())
}

/// The queue's id, and whether it is new.
async fn put_queue(
    admin: &Admin,
    queue: &SampleQueue,
    variables: JsonMap,
) -> admin::Result<(QueueId, bool)> {
    let actor = Actor::operator();
    let filter = QueueFilter { search: queue.name.into(), ..QueueFilter::default() };
    let found = admin.queues(&actor, &filter, ALL).await?;
    if let Some(there) =
        found.items.iter().find(|row| row.name == queue.name && row.kind == queue.kind)
    {
        return Ok((there.id, false));
    }
    let draft = QueueDraft {
        name: queue.name.into(),
        kind: queue.kind,
        description: queue.description.into(),
        enabled: true,
        variables: Some(variables),
        extras: None,
    };
    Ok((admin.create_queue(&actor, draft).await?.id, true))
}

/// Makes the hooks that the queue lacks; how many they were.
async fn put_hooks(
    admin: &Admin,
    queue: &SampleQueue,
    id: QueueId,
    flows: &HashMap<&str, FlowId>,
) -> admin::Result<usize> {
    let actor = Actor::operator();
    let filter = HookFilter::of_queue(id);
    let there = admin.hooks(&actor, &filter, ALL).await?;
    let mut made = 0;
    for (event, flow, condition) in queue.hooks {
        let Some(flow_id) = flows.get(flow).copied() else { continue };
        let waits = FLOWS.iter().find(|one| one.name == *flow).and_then(|one| one.retry_waits_ms);
        let is_there = |event, flow_id| {
            there.items.iter().any(|row| row.hook.event == event && row.hook.flow_id == flow_id)
        };
        if is_there(*event, flow_id) {
            continue;
        }
        let draft = HookDraft {
            event: *event,
            flow_id,
            condition: (*condition).to_owned(),
            enabled: true,
            ordered: true,
            max_hold_ms: DEFAULT_MAX_HOLD_MS,
            policy: Policy { retry_waits_ms: waits.map(<[i64]>::to_vec), ..Policy::default() },
            extras: None,
        };
        admin.create_hook(&actor, id, draft).await?;
        made += 1;
    }
    Ok(made)
}

/// An address that only this machine reaches.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let text = text.replace("localhost:", "127.0.0.1:");
    match text.parse::<SocketAddr>() {
        Ok(addr) if addr.ip().is_loopback() => Ok(addr),
        Ok(addr) => Err(format!("{} is not an address of the loopback", addr.ip())),
        Err(_) => Err("an address and a port, such as 127.0.0.1:3100".to_owned()),
    }
}

#[cfg(test)]
mod tests;
