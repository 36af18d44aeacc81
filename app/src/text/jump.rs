//! Jumping: what is found, and what the dialog says.

use super::time::plural;
#[cfg(feature = "ssr")]
use super::{
    actions, cache, calendars, catalog, deliveries, flows, help, hooks, imports, lists, queues,
    shell, state, tokens, users, views,
};
use model::jump::HitKind;
#[cfg(feature = "ssr")]
use model::jump::{Fit, Hit, Target};

pub const TITLE: &str = "Jump to…";
pub const FIELD: &str = "Queue, flow, hook, call or id";
pub const GO: &str = "Search";
pub const KEYS: &str = "Ctrl K";
pub const RESULTS: &str = "What is found";
pub const RECENT: &str = "Recently used";
pub const SEARCHING: &str = "Searching…";
pub const NOTHING: &str = "Nothing found";
pub const NOTHING_ABOUT: &str =
    "A name or words of it, a number, or an id: its first eight digits are enough.";
pub const HINT: &str = "Type a name, a call's number, or the beginning of an id.";
pub const FOOT: &[(&str, &str)] = &[("↑ ↓", "choose"), ("Enter", "open"), ("Esc", "close")];

/// What a hit leads to, in a word.
pub fn kind(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Page => "Page",
        HitKind::Queue => "Queue",
        HitKind::Flow => "Flow",
        HitKind::Hook => "Hook",
        HitKind::Call => "Call",
        HitKind::Delivery => "Delivery",
        HitKind::Event => "Event",
    }
}

/// How many there are, for those who do not see them.
pub fn count(count: usize) -> String {
    plural(count as u64, "result", "results")
}

/// What a hook is called where its queue is named beside it.
pub fn hook(event: model::catalog::EventKind, flow: &str) -> String {
    format!("{} → {flow}", super::catalog::event(event))
}

/// The pages of the panel that can be jumped to: title, path, and what seeing it needs.
#[cfg(feature = "ssr")]
pub const PAGES: [(&str, &str, Option<model::user::Permission>); 23] = {
    use model::user::Permission::{Administer, Edit};
    [
        (shell::OVERVIEW, "/overview", None),
        (shell::QUEUES, "/queues", None),
        (queues::NEW, "/queues/new", Some(Edit)),
        (hooks::TITLE, "/hooks", None),
        (shell::FLOWS, "/flows", None),
        (flows::NEW, "/flows/new", Some(Edit)),
        (imports::TITLE, "/flows/import", Some(Edit)),
        (deliveries::TITLE, "/deliveries", None),
        (shell::EVENTS, "/events", None),
        (shell::DESTINATIONS, "/destinations", None),
        (lists::TITLE, "/lists", None),
        (calendars::TITLE, "/calendars", None),
        (cache::TITLE, "/cache", None),
        (shell::NODES, "/nodes", None),
        (help::TITLE, "/help/failures", None),
        (actions::TITLE, actions::PATH, None),
        (views::TITLE, "/views", None),
        (shell::ACCOUNT, "/account", None),
        (shell::VARIABLES, "/settings/variables", Some(Edit)),
        (shell::SECRETS, "/settings/secrets", Some(Edit)),
        (shell::MAIL_PROFILES, "/settings/mail-profiles", Some(Edit)),
        (users::TITLE, "/users", Some(Administer)),
        (tokens::TITLE, "/tokens", Some(Administer)),
    ]
};

/// How well a page's title fits what is searched, if at all.
#[cfg(feature = "ssr")]
pub fn fit(title: &str, search: &str) -> Option<Fit> {
    let (title, search) = (title.to_lowercase(), search.trim().to_lowercase());
    if search.is_empty() {
        None
    } else if title == search {
        Some(Fit::Exact)
    } else if title.starts_with(&search) {
        Some(Fit::Start)
    } else {
        title.split(' ').any(|word| word.starts_with(&search)).then_some(Fit::Word)
    }
}

/// What was found, in words, for somebody who may change hooks or not.
#[cfg(feature = "ssr")]
pub fn hit(target: Target, editor: bool) -> Hit {
    let named = |name: String, gone: &str| if name.is_empty() { gone.to_owned() } else { name };
    let (kind, title, note, href) = match target {
        Target::Queue { id, name, kind, enabled } => {
            let kind = catalog::queue_type(kind);
            let note =
                if enabled { kind.into() } else { format!("{kind}, {}", queues::NOT_RECEIVING) };
            (HitKind::Queue, name, note, format!("/queues/{id}/hooks"))
        }
        Target::Flow { id, name, kind } => {
            (HitKind::Flow, name, flows::kind(kind).into(), format!("/flows/{id}"))
        }
        Target::Hook { id, queue_id, queue_name, event, flow_name } => (
            HitKind::Hook,
            hook(event, &flow_name),
            queue_name,
            super::hooks::path(queue_id, id, editor),
        ),
        Target::Call { attempt, queue_name, at } => (
            HitKind::Call,
            format!("Call {attempt}"),
            format!("{}, {}", named(queue_name, deliveries::DELETED_QUEUE), at.exact()),
            format!("/calls/{attempt}"),
        ),
        Target::Delivery { id, event, flow_name, state: is, at } => (
            HitKind::Delivery,
            hook(event, &named(flow_name, deliveries::DELETED_FLOW)),
            format!("{}, {}", state::state(is), at.exact()),
            format!("/deliveries/{id}"),
        ),
        Target::Event { id, event, queue_name, sender_id, at, call } => {
            let queue = named(queue_name, deliveries::DELETED_QUEUE);
            let note = match sender_id {
                Some(sender) => format!("{sender}, {}", at.exact()),
                None => at.exact(),
            };
            let title = format!("{} · {queue}", catalog::event(event));
            let log = || format!("/deliveries?search={id}");
            (HitKind::Event, title, note, call.map_or_else(log, |call| format!("/calls/{call}")))
        }
    };
    Hit { kind, title, note, href }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_page_fits_by_the_beginning_of_its_words() {
        assert_eq!(fit("New flow", "new FLOW "), Some(Fit::Exact));
        assert_eq!(fit("New flow", "ne"), Some(Fit::Start));
        assert_eq!(fit("New flow", "flo"), Some(Fit::Word));
        assert_eq!(fit("New flow", "low"), None);
        assert_eq!(fit("New flow", ""), None);
    }

    #[test]
    fn a_hit_names_what_it_leads_to() {
        let target = Target::Hook {
            id: model::ids::HookId(7),
            queue_id: model::ids::QueueId(3),
            queue_name: "Support line".into(),
            event: model::catalog::EventKind::Missed,
            flow_name: "Call back".into(),
        };
        assert_eq!(
            hit(target, true),
            Hit {
                kind: HitKind::Hook,
                title: "Missed → Call back".into(),
                note: "Support line".into(),
                href: "/queues/3/hooks/7".into(),
            }
        );
    }
}
