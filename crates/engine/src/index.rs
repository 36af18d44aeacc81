//! What is set up, in the form that intake and workers look things up in: (queue, event) → hooks.

use crate::backlog::{Rate, Resumed};
use flow::{Condition, Reference};
use model::{
    calendar::Calendar,
    catalog::EventKind,
    destination::{DestinationKey, DestinationSettings},
    hook::Hook,
    ids::{CalendarId, FlowId, HookId, ListId, QueueId},
    policy::Priority,
    queue::Queue,
    time::Millis,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use storage::journal::Configuration;

/// A hook, ready to be matched.
#[derive(Debug)]
pub struct IndexedHook {
    pub hook: Hook,
    /// Whether its deliveries are parked: it is paused, or its queue is.
    pub parks: bool,
    /// The newest version of its flow.
    pub flow_version: u32,
    /// Nothing where it has none; an error where the stored one no longer compiles.
    pub condition: Option<Result<Condition, String>>,
}

impl IndexedHook {
    /// Whether this version of this flow is what it runs now.
    pub fn runs(&self, flow: FlowId, version: u32) -> bool {
        (self.hook.flow_id, self.flow_version) == (flow, version)
    }
}

/// A queue with its enabled hooks by event.
#[derive(Debug)]
pub struct IndexedQueue {
    pub queue: Queue,
    hooks: HashMap<EventKind, Vec<Arc<IndexedHook>>>,
}

impl IndexedQueue {
    /// The enabled hooks for this event; none while the queue is disabled.
    pub fn hooks(&self, event: EventKind) -> &[Arc<IndexedHook>] {
        if !self.queue.enabled {
            return &[];
        }
        self.hooks.get(&event).map_or(&[], Vec::as_slice)
    }
}

/// Everything that is set up, as of one revision.
#[derive(Debug, Default)]
pub struct Index {
    pub revision: i64,
    queues: HashMap<QueueId, IndexedQueue>,
    hooks: HashMap<HookId, Arc<IndexedHook>>,
    flow_names: HashMap<FlowId, String>,
    /// The newest version of each flow.
    flow_versions: HashMap<FlowId, u32>,
    failure_flows: HashMap<FlowId, FlowId>,
    destinations: HashMap<DestinationKey, DestinationSettings>,
    /// Lists of numbers, by name and by number.
    list_names: HashMap<String, ListId>,
    lists: HashSet<ListId>,
    calendar_names: HashMap<String, CalendarId>,
    calendars: HashMap<CalendarId, Calendar>,
}

impl Index {
    /// Builds the index.
    pub fn new(configuration: Configuration) -> Self {
        let mut index = Self { revision: configuration.revision, ..Self::default() };
        let set = configuration.destinations.into_iter();
        index.destinations = set.map(|one| (one.key.clone(), one)).collect();
        index.lists = configuration.lists.iter().map(|(id, _)| *id).collect();
        index.list_names = configuration.lists.into_iter().map(|(id, name)| (name, id)).collect();
        for calendar in configuration.calendars {
            index.calendar_names.insert(calendar.name.clone(), calendar.id);
            index.calendars.insert(calendar.id, calendar);
        }
        for flow in configuration.flows {
            index.flow_versions.insert(flow.id, flow.number);
            index.failure_flows.extend(flow.failure_flow.map(|failure| (flow.id, failure)));
            index.flow_names.insert(flow.id, flow.name);
        }
        for queue in configuration.queues {
            index.queues.insert(queue.id, IndexedQueue { queue, hooks: HashMap::new() });
        }
        for hook in configuration.hooks {
            let Some(flow_version) = index.flow_version(hook.flow_id) else { continue };
            let condition = (!hook.condition.is_empty())
                .then(|| Condition::compile(&hook.condition).map_err(|error| error.to_string()));
            let queue = index.queues.get(&hook.queue_id);
            let parks = hook.paused.is_some() || queue.is_some_and(|queue| queue.queue.paused);
            let hook = Arc::new(IndexedHook { hook, parks, flow_version, condition });
            if hook.hook.enabled
                && let Some(queue) = index.queues.get_mut(&hook.hook.queue_id)
            {
                queue.hooks.entry(hook.hook.event).or_default().push(hook.clone());
            }
            index.hooks.insert(hook.hook.id, hook);
        }
        index
    }

    /// A flow's name, if the flow exists.
    pub fn flow_name(&self, id: FlowId) -> Option<&str> {
        self.flow_names.get(&id).map(String::as_str)
    }

    /// The newest version of a flow, if the flow exists.
    pub fn flow_version(&self, id: FlowId) -> Option<u32> {
        self.flow_versions.get(&id).copied()
    }

    /// The flow that runs when a delivery of this one dies, and its newest version.
    pub fn failure_flow(&self, of: FlowId) -> Option<(FlowId, u32)> {
        let flow = self.failure_flows.get(&of)?;
        Some((*flow, self.flow_version(*flow)?))
    }

    /// A queue, if it exists.
    pub fn queue(&self, id: QueueId) -> Option<&IndexedQueue> {
        self.queues.get(&id)
    }

    /// A hook, if it exists, enabled or not.
    pub fn hook(&self, id: HookId) -> Option<&Arc<IndexedHook>> {
        self.hooks.get(&id)
    }

    /// A list of numbers, if it exists.
    pub fn list(&self, reference: &Reference) -> Option<ListId> {
        match reference {
            Reference::Id(id) => self.lists.get(&ListId(*id)).copied(),
            Reference::Name(name) => self.list_names.get(name.trim()).copied(),
        }
    }

    /// A calendar, if it exists.
    pub fn calendar(&self, reference: &Reference) -> Option<&Calendar> {
        let id = match reference {
            Reference::Id(id) => CalendarId(*id),
            Reference::Name(name) => *self.calendar_names.get(name.trim())?,
        };
        self.calendars.get(&id)
    }

    /// The hooks whose deliveries are parked.
    pub fn paused(&self) -> HashSet<HookId> {
        self.hooks.values().filter(|one| one.parks).map(|one| one.hook.id).collect()
    }

    /// The priorities of those hooks that have not the normal one.
    pub fn priorities(&self) -> HashMap<HookId, Priority> {
        let hooks = self.hooks.values().map(|one| (one.hook.id, one.hook.policy.priority));
        hooks.filter(|(_, priority)| *priority != Priority::default()).collect()
    }

    /// The hooks whose deliveries keep no order.
    pub fn unordered(&self) -> HashSet<HookId> {
        let hooks = self.hooks.values().filter(|one| !one.hook.ordered);
        hooks.map(|one| one.hook.id).collect()
    }

    /// At which rates what of this hook was parked goes out; none where that is as fast as it can.
    pub fn rates(&self, hook: HookId) -> Vec<Rate> {
        let Some(one) = self.hooks.get(&hook) else { return Vec::new() };
        let hook = &one.hook;
        let own =
            hook.release_per_s.zip(hook.resumed_at).map(|rate| (Resumed::Hook(hook.id), rate));
        let queue = self.queues.get(&hook.queue_id).map(|one| &one.queue);
        let queue = queue.and_then(|queue| {
            let rate = queue.release_per_s.zip(queue.resumed_at)?;
            Some((Resumed::Queue(queue.id), rate))
        });
        let rates = own.into_iter().chain(queue);
        rates.map(|(of, (per_s, before))| Rate { of, per_s, before }).collect()
    }

    /// When this hook was resumed last, with its queue or by itself.
    pub fn resumed(&self, hook: HookId) -> Option<Millis> {
        let one = self.hooks.get(&hook)?;
        let queue = self.queues.get(&one.hook.queue_id).and_then(|one| one.queue.resumed_at);
        one.hook.resumed_at.max(queue)
    }

    /// What is set for destinations.
    pub fn destinations(&self) -> HashMap<DestinationKey, DestinationSettings> {
        self.destinations.clone()
    }
}
