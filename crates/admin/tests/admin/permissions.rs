//! Who may ask for what: every use case, asked by every role, every set of scopes and the
//! operator.

use crate::support::*;
use admin::{
    AdminError,
    changes::{FlowChange, HookChange, QueueChange},
};
use model::{
    calendar::CalendarDraft,
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, Rest},
    destination::{DestinationAct, DestinationFilter, DestinationKey, DestinationLimits},
    flow::FlowFilter,
    hook::HookFilter,
    ids::{CalendarId, DeliveryId, EventId, ListId, NoteId, ReplayId, ViewId},
    mail_profile::{MailProfileDraft, MailTls},
    many::{CopiesBegin, HookAct, QueueAct},
    number_list::{EntryQuery, ListDraft},
    overview::Span,
    page::Paging,
    queue::QueueFilter,
    replay::{ReplayAct, ReplayFilter},
    secret::SecretDraft,
    user::{Actor, Grant, Role, Scope},
    variable::VariableDraft,
    view::ViewList,
};
use std::{collections::BTreeSet, path::Path};
use storage::tail::TailPlace;

const NO_LIST: ListId = ListId(9_999);
const NO_CALENDAR: CalendarId = CalendarId(9_999);

/// In the order of the table's columns.
fn actors() -> [(&'static str, Actor); 12] {
    use Scope::{Ingest, Manage, Read};
    [
        ("viewer", viewer()),
        ("editor", editor()),
        ("admin", administrator()),
        ("no scope", token(&[])),
        ("ingest", token(&[Ingest])),
        ("manage", token(&[Manage])),
        ("read", token(&[Read])),
        ("ingest and manage", token(&[Ingest, Manage])),
        ("ingest and read", token(&[Ingest, Read])),
        ("manage and read", token(&[Manage, Read])),
        ("all scopes", token(&[Ingest, Manage, Read])),
        ("operator", Actor::operator()),
    ]
}

/// Viewer, editor, admin; tokens with no scope, ingest, manage, read, ingest and manage, ingest
/// and read, manage and read, all; the operator.
const TABLE: [(&str, &str); 119] = [
    // v e a   - i m r im ir mr imr  o
    ("queues", "y y y   n n y y y  y  y  y    y"),
    ("queue", "y y y   n n y y y  y  y  y    y"),
    ("queue_figures", "y y y   n n y y y  y  y  y    y"),
    ("create_queue", "n y y   n n y n y  n  y  y    y"),
    ("set_queue_enabled", "n y y   n n y n y  n  y  y    y"),
    ("whole_queues", "y y y   n n y y y  y  y  y    y"),
    ("add_queue", "n y y   n n y n y  n  y  y    y"),
    ("change_queue", "n y y   n n y n y  n  y  y    y"),
    ("delete_queue", "n y y   n n y n y  n  y  y    y"),
    ("hooks", "y y y   n n y y y  y  y  y    y"),
    ("hook", "y y y   n n y y y  y  y  y    y"),
    ("create_hook", "n y y   n n y n y  n  y  y    y"),
    ("set_hook_enabled", "n y y   n n y n y  n  y  y    y"),
    ("pause_hook", "n y y   n n y n y  n  y  y    y"),
    ("resume_hook", "n y y   n n y n y  n  y  y    y"),
    ("pause_queue", "n y y   n n y n y  n  y  y    y"),
    ("resume_queue", "n y y   n n y n y  n  y  y    y"),
    ("queue_hooks", "y y y   n n y y y  y  y  y    y"),
    ("queue_hook", "y y y   n n y y y  y  y  y    y"),
    ("add_hook", "n y y   n n y n y  n  y  y    y"),
    ("change_hook", "n y y   n n y n y  n  y  y    y"),
    ("change_queue_hook", "n y y   n n y n y  n  y  y    y"),
    ("delete_queue_hook", "n y y   n n y n y  n  y  y    y"),
    ("delete_hook", "n y y   n n y n y  n  y  y    y"),
    ("chosen_hooks", "y y y   n n y y y  y  y  y    y"),
    ("hooks_of", "y y y   n n y y y  y  y  y    y"),
    ("chosen_queues", "y y y   n n y y y  y  y  y    y"),
    ("plan_copies", "y y y   n n y y y  y  y  y    y"),
    ("change_hooks", "n y y   n n y n y  n  y  y    y"),
    ("change_queues", "n y y   n n y n y  n  y  y    y"),
    ("copy_hooks", "n y y   n n y n y  n  y  y    y"),
    ("duplicate_queue", "n y y   n n y n y  n  y  y    y"),
    ("flows", "y y y   n n y y y  y  y  y    y"),
    ("flow", "y y y   n n y y y  y  y  y    y"),
    ("flow_versions", "y y y   n n y y y  y  y  y    y"),
    ("create_flow", "n y y   n n y n y  n  y  y    y"),
    ("import_flow", "n y y   n n y n y  n  y  y    y"),
    ("save_flow", "n y y   n n y n y  n  y  y    y"),
    ("restore_flow", "n y y   n n y n y  n  y  y    y"),
    ("duplicate_flow", "n y y   n n y n y  n  y  y    y"),
    ("whole_flows", "y y y   n n y y y  y  y  y    y"),
    ("add_flow", "n y y   n n y n y  n  y  y    y"),
    ("change_flow", "n y y   n n y n y  n  y  y    y"),
    ("delete_flow", "n y y   n n y n y  n  y  y    y"),
    ("deliveries", "y y y   n n y y y  y  y  y    y"),
    ("delivery", "y y y   n n y y y  y  y  y    y"),
    ("call", "y y y   n n y y y  y  y  y    y"),
    ("event", "y y y   n n y y y  y  y  y    y"),
    ("histogram", "y y y   n n y y y  y  y  y    y"),
    ("tail_end", "y y y   n n y y y  y  y  y    y"),
    ("follow", "y y y   n n y y y  y  y  y    y"),
    ("tail", "y y y   n n y y y  y  y  y    y"),
    ("nodes", "y y y   n n y y y  y  y  y    y"),
    ("overview", "y y y   n n y y y  y  y  y    y"),
    ("destinations", "y y y   n n y y y  y  y  y    y"),
    ("destination", "y y y   n n y y y  y  y  y    y"),
    ("limit_destination", "n y y   n n y n y  n  y  y    y"),
    ("steer_destination", "n y y   n n y n y  n  y  y    y"),
    ("reset_destination", "n y y   n n y n y  n  y  y    y"),
    ("users", "n n y   n n n n n  n  n  n    y"),
    ("user", "n n y   n n n n n  n  n  n    y"),
    ("create_user", "n n y   n n n n n  n  n  n    y"),
    ("set_user_role", "n n y   n n n n n  n  n  n    y"),
    ("set_user_password", "n n y   n n n n n  n  n  n    y"),
    ("delete_user", "n n y   n n n n n  n  n  n    y"),
    ("new_sign_in_secret", "n n y   n n n n n  n  n  n    y"),
    ("tokens", "n n y   n n n n n  n  n  n    y"),
    ("create_token", "n n y   n n n n n  n  n  n    y"),
    ("delete_token", "n n y   n n n n n  n  n  n    y"),
    ("cancel_delivery", "n y y   n n y n y  n  y  y    y"),
    ("matching", "y y y   n n y y y  y  y  y    y"),
    ("start_replay", "n y y   n n y n y  n  y  y    y"),
    ("beginnings", "y y y   n n y y y  y  y  y    y"),
    ("replays", "y y y   n n y y y  y  y  y    y"),
    ("replay", "y y y   n n y y y  y  y  y    y"),
    ("change_replay", "n y y   n n y n y  n  y  y    y"),
    ("set_replay_rate", "n y y   n n y n y  n  y  y    y"),
    ("jump", "y y y   n n y y y  y  y  y    y"),
    ("views", "y y y   n n n n n  n  n  n    n"),
    ("save_view", "y y y   n n n n n  n  n  n    n"),
    ("delete_view", "y y y   n n n n n  n  n  n    n"),
    ("failure_flow", "y y y   n n y y y  y  y  y    y"),
    ("set_failure_flow", "n y y   n n y n y  n  y  y    y"),
    ("number_lists", "y y y   n n y y y  y  y  y    y"),
    ("number_list", "y y y   n n y y y  y  y  y    y"),
    ("create_number_list", "n y y   n n y n y  n  y  y    y"),
    ("update_number_list", "n y y   n n y n y  n  y  y    y"),
    ("delete_number_list", "n y y   n n y n y  n  y  y    y"),
    ("list_entries", "y y y   n n y y y  y  y  y    y"),
    ("add_to_list", "n y y   n n y n y  n  y  y    y"),
    ("import_to_list", "n y y   n n y n y  n  y  y    y"),
    ("remove_from_list", "n y y   n n y n y  n  y  y    y"),
    ("calendars", "y y y   n n y y y  y  y  y    y"),
    ("calendar", "y y y   n n y y y  y  y  y    y"),
    ("create_calendar", "n y y   n n y n y  n  y  y    y"),
    ("update_calendar", "n y y   n n y n y  n  y  y    y"),
    ("edit_calendar", "n y y   n n y n y  n  y  y    y"),
    ("delete_calendar", "n y y   n n y n y  n  y  y    y"),
    ("cache_entries", "y y y   n n y y y  y  y  y    y"),
    ("cache_entry", "y y y   n n y y y  y  y  y    y"),
    ("put_cache_entry", "n y y   n n y n y  n  y  y    y"),
    ("forget_cache_entry", "n y y   n n y n y  n  y  y    y"),
    ("take_notes", "y y y   y y y y y  y  y  y    y"),
    ("close_note", "y y y   y y y y y  y  y  y    y"),
    ("variables", "n y y   n n y n y  n  y  y    y"),
    ("variable", "n y y   n n y n y  n  y  y    y"),
    ("put_variable", "n n y   n n y n y  n  y  y    y"),
    ("delete_variable", "n n y   n n y n y  n  y  y    y"),
    ("secrets", "n y y   n n y n y  n  y  y    y"),
    ("secret", "n y y   n n y n y  n  y  y    y"),
    ("put_secret", "n n y   n n y n y  n  y  y    y"),
    ("make_signing_key", "n n y   n n y n y  n  y  y    y"),
    ("delete_secret", "n n y   n n y n y  n  y  y    y"),
    ("flows_with_secret", "n y y   n n y n y  n  y  y    y"),
    ("flows_with_variable", "n y y   n n y n y  n  y  y    y"),
    ("mail_profiles", "n y y   n n y n y  n  y  y    y"),
    ("mail_profile", "n y y   n n y n y  n  y  y    y"),
    ("put_mail_profile", "n n y   n n y n y  n  y  y    y"),
    ("delete_mail_profile", "n n y   n n y n y  n  y  y    y"),
];

/// Asks for a thing that changes nothing: about what is not there, or with an input that is
/// refused once the right to ask is granted.
async fn ask(house: &House, actor: &Actor, what: &str) -> Result<(), AdminError> {
    let admin = &house.admin;
    let nothing: DeliveryId = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901".parse().unwrap();
    let hook = hook_draft(NO_FLOW, EventKind::Joined);
    let destination = DestinationKey::new("https", "nowhere.example", 443);
    let page = Paging::default();
    match what {
        "queues" => admin.queues(actor, &QueueFilter::default(), page).await.map(drop),
        "queue" => admin.queue(actor, NO_QUEUE).await.map(drop),
        "queue_figures" => admin.queue_figures(actor, NO_QUEUE).await.map(drop),
        "create_queue" => admin.create_queue(actor, queue_draft("")).await.map(drop),
        "set_queue_enabled" => admin.set_queue_enabled(actor, NO_QUEUE, true).await.map(drop),
        "whole_queues" => admin.whole_queues(actor, &QueueFilter::default(), page).await.map(drop),
        "add_queue" => admin.add_queue(actor, QueueChange::default()).await.map(drop),
        "change_queue" => {
            admin.change_queue(actor, NO_QUEUE, QueueChange::default()).await.map(drop)
        }
        "delete_queue" => admin.delete_queue(actor, NO_QUEUE, Rest::Finish).await.map(drop),
        "hooks" => admin.hooks(actor, &HookFilter::default(), page).await.map(drop),
        "hook" => admin.hook(actor, NO_HOOK).await.map(drop),
        "create_hook" => admin.create_hook(actor, NO_QUEUE, hook).await.map(drop),
        "set_hook_enabled" => admin.set_hook_enabled(actor, NO_HOOK, true).await.map(drop),
        "pause_hook" => admin.pause_hook(actor, NO_HOOK).await.map(drop),
        "resume_hook" => admin.resume_hook(actor, NO_HOOK, None).await.map(drop),
        "pause_queue" => admin.pause_queue(actor, NO_QUEUE).await.map(drop),
        "resume_queue" => admin.resume_queue(actor, NO_QUEUE, None).await.map(drop),
        "queue_hooks" => {
            admin.queue_hooks(actor, NO_QUEUE, HookFilter::default(), page).await.map(drop)
        }
        "queue_hook" => admin.queue_hook(actor, NO_QUEUE, NO_HOOK).await.map(drop),
        "add_hook" => admin.add_hook(actor, NO_QUEUE, HookChange::default()).await.map(drop),
        "change_hook" => admin.change_hook(actor, NO_HOOK, HookChange::default()).await.map(drop),
        "change_queue_hook" => {
            admin.change_queue_hook(actor, NO_QUEUE, NO_HOOK, HookChange::default()).await.map(drop)
        }
        "delete_queue_hook" => {
            admin.delete_queue_hook(actor, NO_QUEUE, NO_HOOK, Rest::Finish).await.map(drop)
        }
        "delete_hook" => admin.delete_hook(actor, NO_HOOK, Rest::Finish).await.map(drop),
        "chosen_hooks" => admin.chosen_hooks(actor, &[NO_HOOK]).await.map(drop),
        "hooks_of" => admin.hooks_of(actor, NO_QUEUE).await.map(drop),
        "chosen_queues" => admin.chosen_queues(actor, &[NO_QUEUE]).await.map(drop),
        "plan_copies" => admin.plan_copies(actor, &[NO_HOOK], &[NO_QUEUE]).await.map(drop),
        "change_hooks" => {
            admin.change_hooks(actor, &[NO_HOOK], HookAct::Delete(Rest::Finish)).await.map(drop)
        }
        "change_queues" => {
            admin.change_queues(actor, &[NO_QUEUE], QueueAct::Delete(Rest::Finish)).await.map(drop)
        }
        "copy_hooks" => {
            let begin = CopiesBegin::Disabled;
            admin.copy_hooks(actor, &[NO_HOOK], &[NO_QUEUE], begin).await.map(drop)
        }
        "duplicate_queue" => {
            let begin = CopiesBegin::Disabled;
            admin.duplicate_queue(actor, NO_QUEUE, "copy", begin).await.map(drop)
        }
        "flows" => admin.flows(actor, &FlowFilter::default(), page).await.map(drop),
        "flow" => admin.flow(actor, NO_FLOW, None).await.map(drop),
        "flow_versions" => admin.flow_versions(actor, NO_FLOW).await.map(drop),
        "create_flow" => admin.create_flow(actor, flow_draft("")).await.map(drop),
        "import_flow" => admin.import_flow(actor, flow_draft("")).await.map(drop),
        "restore_flow" => admin.restore_flow(actor, NO_FLOW, 1, 1).await.map(drop),
        "save_flow" => admin.save_flow(actor, NO_FLOW, 1, flow_draft("f")).await.map(drop),
        "duplicate_flow" => admin.duplicate_flow(actor, NO_FLOW, "copy".into()).await.map(drop),
        "whole_flows" => admin.whole_flows(actor, &FlowFilter::default(), page).await.map(drop),
        "add_flow" => admin.add_flow(actor, FlowChange::default()).await.map(drop),
        "change_flow" => admin.change_flow(actor, NO_FLOW, FlowChange::default()).await.map(drop),
        "delete_flow" => admin.delete_flow(actor, NO_FLOW).await.map(drop),
        "deliveries" => admin.deliveries(actor, &DeliveryQuery::default()).await.map(drop),
        "matching" => admin.matching(actor, &DeliveryFilter::default()).await.map(drop),
        // A rate that is none is refused once the right to ask is granted.
        "start_replay" => {
            admin.start_replay(actor, &DeliveryFilter::default(), Some(0)).await.map(drop)
        }
        "replays" => admin.replays(actor, &ReplayFilter::default(), page).await.map(drop),
        "replay" => admin.replay(actor, ReplayId(1)).await.map(drop),
        "change_replay" => {
            admin.change_replay(actor, ReplayId(1), ReplayAct::Cancel).await.map(drop)
        }
        "set_replay_rate" => admin.set_replay_rate(actor, ReplayId(1), None).await.map(drop),
        "beginnings" => admin.beginnings(actor, nothing).await.map(drop),
        "cancel_delivery" => admin.cancel_delivery(actor, nothing).await.map(drop),
        "delivery" => admin.delivery(actor, nothing).await.map(drop),
        "call" => admin.call(actor, 1).await.map(drop),
        "event" => admin.event(actor, EventId(nothing.0)).await.map(drop),
        "histogram" => admin.histogram(actor, None, None, None, None).await.map(drop),
        "tail_end" => admin.tail_end(actor).await.map(drop),
        "follow" => admin.follow(actor, &DeliveryFilter::default()).await.map(drop),
        "tail" => {
            let filter = DeliveryFilter::default();
            admin.tail(actor, &filter, TailPlace::behind(0), true).await.map(drop)
        }
        "nodes" => admin.nodes(actor).await.map(drop),
        "overview" => admin.overview(actor, Span::Hour).await.map(drop),
        "destinations" => admin.destinations(actor, &DestinationFilter::default()).await.map(drop),
        "destination" => admin.destination(actor, &destination).await.map(drop),
        "limit_destination" => {
            let none = DestinationLimits { concurrency: Some(0), ..Default::default() };
            admin.limit_destination(actor, &destination, none).await.map(drop)
        }
        // Nothing waits for it, and it is forced already by nobody.
        "steer_destination" => {
            admin.steer_destination(actor, &destination, DestinationAct::Release).await.map(drop)
        }
        "reset_destination" => admin.reset_destination(actor, &destination).await.map(drop),
        "users" => admin.users(actor, "").await.map(drop),
        "user" => admin.user(actor, NO_USER).await.map(drop),
        "create_user" => admin.create_user(actor, "", Role::Viewer, String::new()).await.map(drop),
        "set_user_role" => admin.set_user_role(actor, NO_USER, Role::Admin).await.map(drop),
        "set_user_password" => {
            admin.set_user_password(actor, NO_USER, String::new()).await.map(drop)
        }
        "delete_user" => admin.delete_user(actor, NO_USER).await.map(drop),
        "new_sign_in_secret" => admin.new_sign_in_secret(actor, "nobody").await.map(drop),
        "tokens" => admin.tokens(actor, "").await.map(drop),
        "create_token" => admin.create_token(actor, "", &[]).await.map(drop),
        "delete_token" => admin.delete_token(actor, NO_TOKEN).await.map(drop),
        "jump" => admin.jump(actor, "1").await.map(drop),
        "views" => admin.views(actor, None).await.map(drop),
        "save_view" => admin.save_view(actor, ViewList::Queues, "", "", false).await.map(drop),
        "delete_view" => admin.delete_view(actor, ViewId(9_999)).await.map(drop),
        "failure_flow" => admin.failure_flow(actor, NO_FLOW).await.map(drop),
        "set_failure_flow" => admin.set_failure_flow(actor, NO_FLOW, None).await,
        "number_lists" => admin.number_lists(actor, "", page).await.map(drop),
        "number_list" => admin.number_list(actor, NO_LIST).await.map(drop),
        "create_number_list" => {
            admin.create_number_list(actor, ListDraft::default()).await.map(drop)
        }
        "update_number_list" => {
            admin.update_number_list(actor, NO_LIST, ListDraft::default()).await.map(drop)
        }
        "delete_number_list" => admin.delete_number_list(actor, NO_LIST).await.map(drop),
        "list_entries" => admin.list_entries(actor, NO_LIST, EntryQuery::default()).await.map(drop),
        "add_to_list" => admin.add_to_list(actor, NO_LIST, Vec::new()).await.map(drop),
        "import_to_list" => admin.import_to_list(actor, NO_LIST, "").await.map(drop),
        "remove_from_list" => admin.remove_from_list(actor, NO_LIST, "1").await.map(drop),
        "calendars" => admin.calendars(actor, "", page).await.map(drop),
        "calendar" => admin.calendar(actor, NO_CALENDAR).await.map(drop),
        "create_calendar" => admin.create_calendar(actor, CalendarDraft::default()).await.map(drop),
        "update_calendar" => {
            admin.update_calendar(actor, NO_CALENDAR, CalendarDraft::default()).await.map(drop)
        }
        "edit_calendar" => {
            admin.edit_calendar(actor, NO_CALENDAR, None, |_| Ok(())).await.map(drop)
        }
        "delete_calendar" => admin.delete_calendar(actor, NO_CALENDAR).await.map(drop),
        "cache_entries" => admin.cache_entries(actor, "", None, 1).await.map(drop),
        "cache_entry" => admin.cache_entry(actor, "x").await.map(drop),
        "put_cache_entry" => admin.put_cache_entry(actor, "", String::new(), None).await.map(drop),
        "forget_cache_entry" => admin.forget_cache_entry(actor, "x").await.map(drop),
        // Whoever is nobody has no notes, and is not told more.
        "take_notes" => admin.take_notes(actor).await.map(drop),
        "close_note" => admin.close_note(actor, NoteId(Default::default())).await,
        "variables" => admin.variables(actor, "").await.map(drop),
        "variable" => admin.variable(actor, "x").await.map(drop),
        "put_variable" => {
            let draft = VariableDraft { value: String::new(), encrypted: false };
            admin.put_variable(actor, "", draft).await.map(drop)
        }
        "delete_variable" => admin.delete_variable(actor, "x").await.map(drop),
        "secrets" => admin.secrets(actor, "").await.map(drop),
        "secret" => admin.secret(actor, "x").await.map(drop),
        "put_secret" => {
            let draft = SecretDraft { value: None, description: None };
            admin.put_secret(actor, "", draft).await.map(drop)
        }
        // It needs nothing that could be wrong, and is one more secret.
        "make_signing_key" => admin.make_signing_key(actor).await.map(drop),
        "delete_secret" => admin.delete_secret(actor, "x").await.map(drop),
        "flows_with_secret" => admin.flows_with_secret(actor, "x").await.map(drop),
        "flows_with_variable" => admin.flows_with_variable(actor, "x").await.map(drop),
        "mail_profiles" => admin.mail_profiles(actor, "").await.map(drop),
        "mail_profile" => admin.mail_profile(actor, "x").await.map(drop),
        "put_mail_profile" => {
            let (server, from) = (String::new(), String::new());
            let tls = MailTls::None;
            let draft = MailProfileDraft { server, port: 0, tls, user: None, password: None, from };
            admin.put_mail_profile(actor, "", draft).await.map(drop)
        }
        "delete_mail_profile" => admin.delete_mail_profile(actor, "x").await.map(drop),
        other => panic!("no such use case: {other}"),
    }
}

#[tokio::test]
async fn every_use_case_is_open_to_exactly_those_of_the_table() {
    let house = House::new().await;
    for (what, row) in TABLE {
        let columns: Vec<_> = row.split_whitespace().collect();
        assert_eq!(columns.len(), actors().len(), "the row of {what}");
        for ((who, actor), column) in actors().iter().zip(columns) {
            let answer = ask(&house, actor, what).await;
            let denied = matches!(answer, Err(AdminError::Denied(_)));
            assert_eq!(denied, column == "n", "{what} by {who}: {answer:?}");
            let failed = matches!(answer, Err(AdminError::Storage(_)));
            assert!(!failed, "{what} by {who}: {answer:?}");
        }
    }
}

#[test]
fn every_use_case_that_asks_who_asks_stands_in_the_table() {
    let mut found = BTreeSet::new();
    let source = Path::new("src");
    for file in std::fs::read_dir(source).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for piece in text.split("pub async fn ").skip(1) {
            let (name, rest) = piece.split_once('(').unwrap();
            if rest.split("->").next().unwrap().contains("actor: &Actor") {
                found.insert(name.to_owned());
            }
        }
    }
    assert_eq!(found, TABLE.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[tokio::test]
async fn who_is_denied_is_told_what_it_needs_before_anything_is_looked_at() {
    let house = House::new().await;
    for (who, what, said) in [
        (token(&[]), "queues", "a signed-in user, or a token with the scope read"),
        (viewer(), "create_queue", "the role editor or admin, or a token with the scope manage"),
        (editor(), "put_secret", "the role admin, or a token with the scope manage"),
        (editor(), "create_user", "the role admin"),
    ] {
        let denied = ask(&house, &who, what).await.unwrap_err();
        let expected = format!("{} may not do this: it needs {said}", who.name);
        assert_eq!(denied.to_string(), expected);
    }
}

#[tokio::test]
async fn users_may_change_their_own_password_by_the_present_one_alone() {
    let house = House::new().await;
    let operator = Actor::operator();
    let first = || "first password".to_owned();
    let vera = house.admin.create_user(&operator, "vera", Role::Viewer, first()).await.unwrap();
    let own = Actor { name: "vera".into(), grant: Grant::User(vera.id, vera.role) };
    let new = || "second password".to_owned();
    let without = house.admin.set_user_password(&own, vera.id, new()).await;
    assert!(matches!(without, Err(AdminError::Denied(_))), "{without:?}");
    let slow = admin::SignIn::default();
    let wrong = house.admin.change_own_password(&slow, "vera", new(), new()).await;
    assert!(matches!(wrong, Err(AdminError::WrongPassword)), "{wrong:?}");
    house.admin.change_own_password(&slow, "vera", first(), new()).await.unwrap();
    house.admin.sign_in(&slow, "vera", new()).await.unwrap();
}
