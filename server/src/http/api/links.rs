//! What of an answer leads to which other operation, for the document.

use utoipa::openapi::{
    OpenApi, RefOr,
    link::Link,
    path::{Operation, PathItem},
};

/// A link: from an operation's answer of a status, by a name, to another operation.
struct Leads {
    from: &'static str,
    status: &'static str,
    name: &'static str,
    to: &'static str,
    /// The other operation's parameters, and where their values stand.
    with: &'static [(&'static str, &'static str)],
}

const fn leads(
    from: &'static str,
    status: &'static str,
    name: &'static str,
    to: &'static str,
    with: &'static [(&'static str, &'static str)],
) -> Leads {
    Leads { from, status, name, to, with }
}

const ID: &str = "$response.body#/id";
const QUEUE: &str = "$request.path.queue";

/// Every link.
const LINKS: [Leads; 18] = [
    leads("postEvents", "202", "event", "getEvent", &[("id", ID)]),
    leads(
        "getEvent",
        "200",
        "delivery",
        "getDelivery",
        &[("id", "$response.body#/deliveries/0/id")],
    ),
    leads(
        "listDeliveries",
        "200",
        "delivery",
        "getDelivery",
        &[("id", "$response.body#/items/0/id")],
    ),
    leads(
        "listDeliveries",
        "200",
        "event",
        "getEvent",
        &[("id", "$response.body#/items/0/event_id")],
    ),
    leads(
        "listDeliveries",
        "200",
        "replay",
        "replayDelivery",
        &[("id", "$response.body#/items/0/id")],
    ),
    leads(
        "listDestinations",
        "200",
        "destination",
        "getDestination",
        &[("key", "$response.body#/items/0/now/key")],
    ),
    leads("replayDelivery", "202", "delivery", "getDelivery", &[("id", ID)]),
    leads("createQueue", "200", "read", "readQueue", &[("queue", ID)]),
    leads("createQueue", "200", "change", "patchQueue", &[("queue", ID)]),
    leads("createQueue", "200", "delete", "deleteQueue", &[("queue", ID)]),
    leads("createQueue", "200", "hooks", "searchQueueHooks", &[("queue", ID)]),
    leads("createQueue", "200", "hook", "createQueueHook", &[("queue", ID)]),
    leads("createQueueHook", "200", "read", "readQueueHook", &[("queue", QUEUE), ("hook", ID)]),
    leads("createQueueHook", "200", "change", "patchQueueHook", &[("queue", QUEUE), ("hook", ID)]),
    leads("createQueueHook", "200", "delete", "deleteQueueHook", &[("queue", QUEUE), ("hook", ID)]),
    leads("createRoutingSchema", "200", "read", "readRoutingSchema", &[("schema", ID)]),
    leads("createRoutingSchema", "200", "change", "patchRoutingSchema", &[("schema", ID)]),
    leads("createRoutingSchema", "200", "delete", "deleteRoutingSchema", &[("schema", ID)]),
];

/// How many links there are.
#[cfg(test)]
pub const COUNT: usize = LINKS.len();

/// Adds the links to the document.
pub fn add(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for Leads { from, status, name, to, with } in LINKS {
            if operation.operation_id.as_deref() != Some(from) {
                continue;
            }
            if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
                let link =
                    with.iter().fold(Link::builder().operation_id(to), |link, (name, value)| {
                        link.parameter(*name, *value)
                    });
                response.links.insert(name.into(), link.build().into());
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    item.get.iter_mut().chain(item.post.iter_mut())
}
