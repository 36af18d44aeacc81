//! What there is to copy: a table or column that is added belongs here.

use super::{
    Kind::{self, Bytes, Number, Text, Truth, Uuid as Id},
    Table,
};

type Columns = &'static [(&'static str, Kind)];

/// Every table, those first that others refer to.
pub const TABLES: &[Table] = &[
    table("queues", 1, true, QUEUES),
    table("flows", 1, true, FLOWS),
    table("flow_versions", 2, false, FLOW_VERSIONS),
    table("hooks", 1, true, HOOKS),
    table("users", 1, true, USERS),
    table("setup_links", 1, false, &[("hash", Text), ("expires_at", Number)]),
    table(
        "sign_in_links",
        1,
        false,
        &[("hash", Text), ("user_id", Number), ("expires_at", Number)],
    ),
    table("tokens", 1, true, TOKENS),
    table("sessions", 1, false, &[("key", Text), ("data", Bytes), ("expires_at", Number)]),
    table("installation", 1, false, &[("name", Text), ("value", Text)]),
    table("saved_views", 1, true, SAVED_VIEWS),
    table("destinations", 1, false, DESTINATIONS),
    table("cache", 1, false, &[("key", Text), ("value", Text), ("expires_at", Number)]),
    table("number_lists", 1, true, NUMBER_LISTS),
    table("list_entries", 2, false, LIST_ENTRIES),
    table("calendars", 1, true, CALENDARS),
    table("notes", 2, false, NOTES),
    table("variables", 1, false, VARIABLES),
    table("secrets", 1, false, SECRETS),
    table("mail_profiles", 1, true, MAIL_PROFILES),
    table("counters", 3, false, COUNTERS),
    table("hourly_counters", 3, false, HOURLY_COUNTERS),
    table("latencies", 2, false, &[("minute", Number), ("bucket", Number), ("count", Number)]),
    table("hourly_latencies", 2, false, &[("hour", Number), ("bucket", Number), ("count", Number)]),
    table("events", 1, false, EVENTS),
    table("deliveries", 1, false, DELIVERIES),
    table("attempts", 2, false, ATTEMPTS),
    table("runs", 1, false, RUNS),
    table("called_off", 1, false, &[("seq", Number)]),
    table("begun_at", 1, false, &[("id", Id), ("step", Text), ("visit", Number)]),
    table("children", 1, false, CHILDREN),
    table("replays", 1, true, REPLAYS),
];

const RUNS: Columns = &[
    ("seq", Number),
    ("uncounted", Number),
    ("checkpoint", Text),
    ("called", Text),
    ("logged_bytes", Number),
    ("logged_by", Number),
];

const REPLAYS: &[(&str, Kind)] = &[
    ("id", Number),
    ("made_by", Text),
    ("made_at", Number),
    ("filter", Text),
    ("state", Text),
    ("per_second", Number),
    ("cursor", Number),
    ("last", Number),
    ("found", Number),
    ("made", Number),
    ("finished_at", Number),
    ("note", Text),
    ("matched", Number),
    ("matched_more", Truth),
    ("first", Number),
];

const fn table(
    name: &'static str,
    key: usize,
    numbered: bool,
    columns: &'static [(&'static str, Kind)],
) -> Table {
    Table { name, columns, key, numbered }
}

const QUEUES: Columns = &[
    ("id", Number),
    ("name", Text),
    ("folded", Text),
    ("kind", Text),
    ("description", Text),
    ("enabled", Truth),
    ("variables", Text),
    ("created_at", Number),
    ("updated_at", Number),
    ("extras", Text),
    ("paused", Truth),
    ("release_per_s", Number),
    ("resumed_at", Number),
];

const FLOWS: Columns = &[
    ("id", Number),
    ("name", Text),
    ("folded", Text),
    ("kind", Text),
    ("description", Text),
    ("current", Number),
    ("created_at", Number),
    ("updated_at", Number),
    ("extras", Text),
    ("failure_flow", Number),
];

const FLOW_VERSIONS: Columns = &[
    ("flow_id", Number),
    ("number", Number),
    ("mode", Text),
    ("source", Text),
    ("saved_at", Number),
    ("saved_by", Text),
];

const HOOKS: Columns = &[
    ("id", Number),
    ("queue_id", Number),
    ("event", Text),
    ("flow_id", Number),
    ("condition", Text),
    ("enabled", Truth),
    ("paused", Text),
    ("ordered", Truth),
    ("max_hold_ms", Number),
    ("created_at", Number),
    ("updated_at", Number),
    ("extras", Text),
    ("policy", Text),
    ("release_per_s", Number),
    ("resumed_at", Number),
];

const USERS: Columns = &[
    ("id", Number),
    ("login", Text),
    ("role", Text),
    ("password_hash", Text),
    ("sessions_since", Number),
    ("created_at", Number),
    ("last_seen_at", Number),
];

const TOKENS: Columns = &[
    ("id", Number),
    ("name", Text),
    ("scopes", Text),
    ("hint", Text),
    ("hash", Text),
    ("created_at", Number),
    ("last_used_at", Number),
];

const SAVED_VIEWS: Columns = &[
    ("id", Number),
    ("user_id", Number),
    ("list", Text),
    ("name", Text),
    ("query", Text),
    ("created_at", Number),
];

const DESTINATIONS: Columns = &[
    ("key", Text),
    ("concurrency", Number),
    ("rate_milli", Number),
    ("failure_percent", Number),
    ("min_calls", Number),
    ("open_ms", Number),
    ("forced", Text),
    ("drained_at", Number),
    ("updated_at", Number),
];

const NUMBER_LISTS: Columns = &[
    ("id", Number),
    ("name", Text),
    ("description", Text),
    ("created_at", Number),
    ("updated_at", Number),
];

const LIST_ENTRIES: Columns = &[
    ("list_id", Number),
    ("number", Text),
    ("description", Text),
    ("expires_at", Number),
    ("added_at", Number),
];

const CALENDARS: Columns = &[
    ("id", Number),
    ("name", Text),
    ("description", Text),
    ("time_zone", Text),
    ("valid_from", Text),
    ("valid_to", Text),
    ("hours", Text),
    ("exceptions", Text),
    ("created_at", Number),
    ("updated_at", Number),
];

const NOTES: Columns = &[
    ("user_id", Number),
    ("id", Id),
    ("kind", Text),
    ("message", Text),
    ("timeout_s", Number),
    ("made_at", Number),
    ("expires_at", Number),
];

const VARIABLES: Columns = &[
    ("name", Text),
    ("value", Text),
    ("sealed", Bytes),
    ("updated_at", Number),
    ("updated_by", Text),
];

const SECRETS: Columns = &[
    ("name", Text),
    ("description", Text),
    ("sealed", Bytes),
    ("created_at", Number),
    ("updated_at", Number),
    ("updated_by", Text),
];

const MAIL_PROFILES: Columns = &[
    ("id", Number),
    ("name", Text),
    ("server", Text),
    ("port", Number),
    ("tls", Text),
    ("login", Text),
    ("sealed_password", Bytes),
    ("sender", Text),
    ("updated_at", Number),
    ("updated_by", Text),
];

const COUNTERS: Columns = &[
    ("minute", Number),
    ("queue_id", Number),
    ("hook_id", Number),
    ("events", Number),
    ("delivered", Number),
    ("failed", Number),
    ("skipped", Number),
];

const HOURLY_COUNTERS: Columns = &[
    ("hour", Number),
    ("queue_id", Number),
    ("hook_id", Number),
    ("events", Number),
    ("delivered", Number),
    ("failed", Number),
    ("skipped", Number),
];

const EVENTS: Columns = &[
    ("seq", Number),
    ("id", Id),
    ("queue_id", Number),
    ("kind", Text),
    ("sender_id", Text),
    ("fingerprint", Bytes),
    ("call_attempt", Number),
    ("occurred_at", Number),
    ("accepted_at", Number),
    ("data", Text),
    ("variables", Text),
    ("deliveries", Number),
    ("skipped", Number),
    ("test", Truth),
];

const DELIVERIES: Columns = &[
    ("seq", Number),
    ("id", Id),
    ("event_seq", Number),
    ("event", Text),
    ("queue_id", Number),
    ("hook_id", Number),
    ("flow_id", Number),
    ("flow_version", Number),
    ("call_attempt", Number),
    ("state", Text),
    ("attempts", Number),
    ("duration_us", Number),
    ("failure_class", Text),
    ("failure", Text),
    ("warning", Text),
    ("created_at", Number),
    ("finished_at", Number),
    ("next_at", Number),
    ("hold_until", Number),
    ("out_of_order", Truth),
    ("replay_of", Id),
    ("test", Truth),
    ("shard", Number),
    ("parent", Id),
];

const CHILDREN: Columns = &[
    ("id", Id),
    ("parent", Id),
    ("step", Text),
    ("visit", Number),
    ("depth", Number),
    ("function", Text),
    ("variables", Text),
    ("zone", Text),
];

const ATTEMPTS: Columns = &[
    ("delivery_id", Id),
    ("number", Number),
    ("started_at", Number),
    ("duration_us", Number),
    ("outcome", Text),
    ("trace", Text),
    ("kept_steps", Text),
];
