use super::{
    fault::Fault,
    members::{Means, Members},
    query::Asked,
};
use admin::changes::Extras;
use axum::response::IntoResponse;
use model::{catalog::EventKind, page::Paging};
use serde_json::{Value, json};

fn asked(query: &str) -> Asked {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Asked::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn said(body: Value, means: Means) -> Members {
    match Members::parse(body.to_string().as_bytes(), means) {
        Ok(members) => members,
        Err(fault) => panic!("{fault:?}"),
    }
}

async fn detail(fault: Fault) -> String {
    let body = axum::body::to_bytes(fault.into_response().into_body(), 10_000).await;
    let body: Value = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    body["detail"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_list_of_values_comes_in_each_of_its_forms() {
    let mut query = asked("id=1&id=2&id[]=3&id[0]=4,5&event=joined&event[]=missed&tags=a,b&id=");
    assert_eq!(query.list::<i64>("id", "id"), [1, 2, 3, 4, 5]);
    assert_eq!(query.words::<EventKind>("event"), [EventKind::Joined, EventKind::Missed]);
    assert_eq!(query.texts("tags"), ["a,b"], "a tag may hold a comma");
    assert_eq!(query.paging(), Paging { page: 1, size: 40 });
    assert!(query.done().is_ok());
}

#[tokio::test]
async fn all_that_is_wrong_with_a_query_is_told_at_once() {
    let mut query = asked("id=x&event=rung&enabled=maybe&size=1001&page=-1&sort=-color");
    query.list::<i64>("id", "hook's id");
    query.words::<EventKind>("event");
    assert_eq!(query.flag("enabled"), None);
    query.paging();
    query.sort(&["id", "event"]);
    let Err(fault) = query.done() else { panic!("nothing wrong") };
    let told = detail(fault).await;
    for part in [
        "id: \"x\" is no hook's id",
        "event: unknown event \"rung\"; one of joined",
        "enabled: \"maybe\" is neither true nor false",
        "size: a page has at most 1000 items",
        "page: \"-1\" is not a whole number from 1",
        "sort: sorts by one of id, event, not by color",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn what_takes_the_place_of_something_is_empty_where_nothing_is_said() {
    let mut new = said(json!({"name": "a"}), Means::New);
    assert_eq!((new.text("description"), new.object("variables")), (None, None));
    let mut whole = said(json!({"name": "a", "id": 7, "team": {"id": "5"}}), Means::Whole);
    assert_eq!(whole.needed_text("name").as_deref(), Some("a"));
    assert_eq!(whole.text("description").as_deref(), Some(""));
    assert_eq!(whole.own_text("condition"), None);
    assert_eq!(whole.object("variables"), Some(Default::default()));
    let Extras::All(kept) = whole.extras() else { panic!("not all") };
    assert_eq!(Value::Object(kept), json!({"team": {"id": "5"}}));
    assert!(whole.done().is_ok());
}

#[test]
fn a_change_is_confined_to_its_fields_and_empties_what_they_name_alone() {
    let body = json!({
        "fields": ["enabled", "description", "team", "priority", "schema.id"],
        "name": "not named", "priority": 3, "strategy": "not named", "schema": {"id": 7}
    });
    let mut part = said(body, Means::Part);
    assert_eq!(part.needed_text("name"), None);
    assert_eq!(part.needed_lookup("schema"), Some(7));
    assert_eq!(part.flag("enabled"), Some(false));
    assert_eq!(part.text("description").as_deref(), Some(""));
    let Extras::Some { set, removed } = part.extras() else { panic!("not some") };
    assert_eq!(Value::Object(set), json!({"priority": 3}));
    assert_eq!(removed, ["team"]);
    assert!(part.done().is_ok());

    let mut part = said(json!({"fields": [], "description": null, "color": 1}), Means::Part);
    assert_eq!((part.needed_text("name"), part.flag("enabled")), (None, None));
    assert_eq!(part.text("description").as_deref(), Some(""));
    let Extras::Some { set, removed } = part.extras() else { panic!("not some") };
    assert_eq!((set.len(), removed.len()), (1, 0));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_body_is_told_at_once() {
    let body = json!({
        "event": 7, "schema": {"id": true}, "enabled": "yes", "condition": [],
        "policy": {"ordered": 1, "max_hold_ms": 1.5, "speed": 2}, "tags": ["vip"]
    });
    let mut body = said(body, Means::Whole);
    body.needed_word::<EventKind>("event");
    body.needed_lookup("schema");
    body.flag("enabled");
    body.own_text("condition");
    body.policy();
    body.needed_text("name");
    body.extras();
    let Err(fault) = body.done() else { panic!("nothing wrong") };
    assert_eq!(
        detail(fault).await,
        "event: is a text; schema: has the form {\"id\": \"7\"}; enabled: is true or false; \
         condition: is a text; policy.ordered: is true or false; policy.max_hold_ms: is a whole \
         number of milliseconds; policy.speed: is unknown; a policy has ordered and max_hold_ms; \
         name: is needed; tags: has the form [{\"name\": \"vip\"}]"
    );
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    for (body, told) in [
        ("{\"name\": ", "the body is not JSON: EOF while parsing a value at line 1 column 9"),
        ("[]", "the body is no JSON object"),
        ("", "the body is not JSON: EOF while parsing a value at line 1 column 0"),
    ] {
        let Err(fault) = Members::parse(body.as_bytes(), Means::New) else { panic!("read {body}") };
        assert_eq!(detail(fault).await, told);
    }
}
