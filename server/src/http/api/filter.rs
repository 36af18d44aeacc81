//! What the log is narrowed to, as parameters of an address.

use super::parameters::{Parameters, Value, shown};
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryState},
    ids::{DeliveryId, FlowId, HookId, QueueId},
    time::Millis,
    trace::FailureClass,
};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        KnownFormat, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
        schema::{ObjectBuilder, SchemaType},
    },
};

/// The longest text that is searched for, in characters.
const SEARCH_MAX: usize = 200;

/// What the log is narrowed to. A parameter that may be repeated names alternatives.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterParameters {
    /// With one of these ids. May be repeated.
    #[param(inline, required = false)]
    id: Vec<DeliveryId>,
    /// In one of these states. May be repeated.
    #[param(inline, required = false)]
    state: Vec<DeliveryState>,
    /// Of one of these events. May be repeated.
    #[param(inline, required = false)]
    event: Vec<EventKind>,
    /// Of one of these queues. May be repeated.
    #[param(inline, required = false)]
    queue: Vec<QueueId>,
    /// Of one of these hooks. May be repeated.
    #[param(inline, required = false)]
    hook: Vec<HookId>,
    /// Of one of these flows. May be repeated.
    #[param(inline, required = false)]
    flow: Vec<FlowId>,
    /// Whose last attempt failed so. May be repeated.
    #[param(inline, required = false)]
    failure: Vec<FailureClass>,
    /// A delivery's or an event's id or the first 8 or more digits of one, a call's attempt_id,
    /// or the id that a sender gave an event.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Text inside the event's fields and variables, the requests and the answers, in any case of
    /// ASCII. Only within a span of at most 7 days, so `from` goes with it.
    #[param(max_length = 200)]
    text: Option<String>,
    /// Only those whose condition could not be decided (true), or none of them (false).
    warned: Option<bool>,
    /// Made at or after this time: RFC 3339, or milliseconds since 1970.
    #[param(inline, value_type = Moment, required = false)]
    from: Option<Moment>,
    /// Made before this time: RFC 3339, or milliseconds since 1970.
    #[param(inline, value_type = Moment, required = false)]
    to: Option<Moment>,
    /// Only tests that a person sent (true), or none of them (false).
    test: Option<bool>,
}

impl FilterParameters {
    /// Takes them out of the query.
    pub fn read(given: &mut Parameters) -> Self {
        let read = Self {
            id: given.all("id"),
            state: given.all("state"),
            event: given.all("event"),
            queue: given.all("queue"),
            hook: given.all("hook"),
            flow: given.all("flow"),
            failure: given.all("failure"),
            search: given.one("search"),
            text: given.one("text"),
            warned: given.one("warned"),
            from: given.one("from"),
            to: given.one("to"),
            test: given.one("test"),
        };
        for (name, text) in [("search", &read.search), ("text", &read.text)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > SEARCH_MAX) {
                given.fault(name, format!("has at most {SEARCH_MAX} characters"));
            }
        }
        read
    }
}

impl From<FilterParameters> for DeliveryFilter {
    fn from(given: FilterParameters) -> Self {
        Self {
            ids: given.id,
            states: given.state,
            events: given.event,
            queues: given.queue,
            hooks: given.hook,
            flows: given.flow,
            failures: given.failure,
            search: given.search.unwrap_or_default(),
            text: given.text.unwrap_or_default(),
            warned: given.warned,
            from: given.from.map(|moment| moment.0),
            to: given.to.map(|moment| moment.0),
            test: given.test,
        }
    }
}

/// A time, as the log's answers have it or as people write it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment(Millis);

impl Value for Moment {
    fn read(text: &str) -> Result<Self, String> {
        let read = match text.parse::<i64>() {
            Ok(ms) => Some(Millis(ms)),
            Err(_) => text.parse().ok(),
        };
        read.filter(|at| (0..=MOMENT_MAX_MS).contains(&at.0)).map(Self).ok_or_else(|| {
            format!(
                "is a time since 1970, as in RFC 3339, such as 2026-11-22T09:30:00Z (in an \
                 address + is written %2B), or in milliseconds, not {}",
                shown(text)
            )
        })
    }
}

/// 9999-12-30T22:00:00.999Z, the last moment that is the year 9999 everywhere.
const MOMENT_MAX_MS: i64 = 253_402_207_200_999;

impl ToSchema for Moment {}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let written = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let counted = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0_i64))
            .maximum(Some(MOMENT_MAX_MS));
        Schema::from(OneOfBuilder::new().item(written).item(counted).build()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it_and_as_the_log_answers_it() {
        let at = Ok(Moment(Millis(1_795_339_800_120)));
        let read = Moment::read;
        assert_eq!(read("2026-11-22T09:30:00.120Z"), at);
        assert_eq!(read("2026-11-22T11:30:00.120+02:00"), at);
        assert_eq!(read("1795339800120"), at);
        for wrong in
            ["", "yesterday", "2026-11-22", "-1", "1969-12-31T00:00:00Z", "253402207201000"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
