//! Holds the catalog against the reference document, both ways: neither has what the other lacks.

use model::catalog::{EVENTS, EventKind, FIELDS, HANGUP_CAUSES, QueueType};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

/// What the reference document says, as far as the catalog repeats it.
#[derive(Deserialize)]
struct Reference {
    queue_types: Vec<ReferenceQueueType>,
    fields: Map<String, Value>,
    events: Vec<ReferenceEvent>,
    hangup_causes: Vec<ReferenceCause>,
}

#[derive(Deserialize, Debug, PartialEq)]
struct ReferenceQueueType {
    name: String,
    code: u8,
    has_agents: bool,
    channel: String,
}

#[derive(Deserialize)]
struct ReferenceEvent {
    name: String,
    queue_types: Vec<String>,
    fields: Vec<String>,
}

#[derive(Deserialize)]
struct ReferenceField {
    #[serde(rename = "type")]
    kind: String,
    about: String,
    unit: Option<String>,
    values: Option<Vec<String>>,
}

#[derive(Deserialize, Debug, PartialEq)]
struct ReferenceCause {
    name: String,
    q850: u16,
    sip: Option<u16>,
}

fn reference() -> Reference {
    let path = Path::new("../../../shared/reference/events.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!("the reference document {} cannot be read: {error}", path.display())
    });
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("the reference document {} does not read: {error}", path.display())
    })
}

#[test]
fn queue_types_are_those_of_the_reference_in_its_order() {
    let ours: Vec<_> = QueueType::ALL
        .into_iter()
        .map(|kind| ReferenceQueueType {
            name: kind.as_str().into(),
            code: kind.code(),
            has_agents: kind.has_agents(),
            channel: kind.channel().into(),
        })
        .collect();
    assert_eq!(ours, reference().queue_types);
}

#[test]
fn a_queue_type_is_found_by_its_number() {
    for kind in QueueType::ALL {
        assert_eq!(QueueType::from_code(kind.code()), Some(kind));
    }
    assert_eq!(QueueType::from_code(8), Some(QueueType::Task));
    assert_eq!(QueueType::from_code(9), None);
}

#[test]
fn events_are_those_of_the_reference_in_its_order() {
    let theirs: Vec<_> = reference().events.into_iter().map(|event| event.name).collect();
    let ours: Vec<_> = EVENTS.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn an_event_kind_finds_its_own_entry() {
    for kind in EventKind::ALL {
        assert_eq!(kind.info().kind, kind);
    }
}

#[test]
fn every_event_is_fired_by_the_queue_types_of_the_reference() {
    for theirs in reference().events {
        let kind: EventKind = theirs.name.parse().unwrap();
        let ours: Vec<_> = kind.info().queue_types.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(ours, theirs.queue_types, "the queue types of {kind}");
        for queue in QueueType::ALL {
            let fired = theirs.queue_types.iter().any(|name| name == queue.as_str());
            assert_eq!(kind.fired_by(queue), fired, "{kind} in {queue}");
            assert_eq!(queue.events().any(|one| one == kind), fired, "{kind} in {queue}");
        }
    }
}

#[test]
fn every_event_carries_the_fields_of_the_reference_in_their_order() {
    for theirs in reference().events {
        let kind: EventKind = theirs.name.parse().unwrap();
        assert_eq!(kind.info().fields, theirs.fields, "the fields of {kind}");
        for field in FIELDS {
            let carried = theirs.fields.iter().any(|name| name == field.name);
            assert_eq!(kind.carries(field.name), carried, "{} in {kind}", field.name);
        }
    }
}

#[test]
fn fields_are_those_of_the_reference_in_its_order() {
    let theirs = reference().fields;
    let ours: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
    assert_eq!(ours, theirs.keys().collect::<Vec<_>>());
}

#[test]
fn every_field_has_the_type_unit_and_values_of_the_reference() {
    for (name, value) in reference().fields {
        let theirs: ReferenceField = serde_json::from_value(value).unwrap();
        let ours = model::catalog::field(&name).unwrap();
        assert_eq!(ours.kind.as_str(), theirs.kind, "the type of {name}");
        assert_eq!(ours.unit, theirs.unit.as_deref(), "the unit of {name}");
        // A list in the reference is the whole of what is allowed; where it speaks of values in
        // prose, others pass through.
        assert_eq!(ours.closed, theirs.values.is_some(), "whether {name} is a closed list");
        match theirs.values {
            Some(values) => assert_eq!(ours.values, values, "the values of {name}"),
            None => {
                for value in ours.values {
                    let said = theirs.about.contains(value);
                    assert!(said, "the reference does not speak of {value} in {name}");
                }
            }
        }
    }
}

#[test]
fn hangup_causes_are_those_of_the_reference_with_both_numbers() {
    let ours: Vec<_> = HANGUP_CAUSES
        .iter()
        .map(|cause| ReferenceCause { name: cause.name.into(), q850: cause.q850, sip: cause.sip })
        .collect();
    assert_eq!(ours, reference().hangup_causes);
}

#[test]
fn an_example_holds_every_field_of_its_event_with_its_type() {
    for event in EventKind::ALL {
        for kind in event.info().queue_types {
            let example = model::catalog::example(event, *kind);
            assert_eq!(example.keys().collect::<Vec<_>>(), event.info().fields);
            assert_eq!(example["channel"], kind.channel());
            for (name, value) in &example {
                let fits = match model::catalog::field(name).unwrap().kind.as_str() {
                    "string" => value.is_string(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    _ => value.is_boolean(),
                };
                assert!(fits, "the example of {name} in {event}: {value}");
            }
        }
    }
}
