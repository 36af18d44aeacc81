//! The query of a request, read strictly: what is unknown, malformed or given twice is refused.

use super::super::{
    Services,
    problem::{ApiProblem, ParameterFault},
};
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use model::{
    catalog::EventKind,
    delivery::{DeliveryState, Rest},
    hook::RELEASE_MAX_PER_S,
    ids::{DeliveryId, FlowId, HookId, QueueId},
    live::BreakerState,
    overview::Span,
    page::Paging,
    replay::{OnVersion, ReplayState},
    trace::FailureClass,
    user::UnknownWord,
};
use std::ops::RangeInclusive;
use utoipa::IntoParams;

/// How much of a value is repeated in what is said of it, in characters.
const SHOWN: usize = 60;

/// What a parameter can hold.
pub trait Value: Sized {
    /// Reads it, or says what is wrong with the text.
    fn read(text: &str) -> Result<Self, String>;
}

macro_rules! values {
    ($read:expr => $($name:ty),*) => {
        $(impl Value for $name {
            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|error| $read(shown(text), error))
            }
        })*
    };
}

values!(
    |_, error: UnknownWord| error.to_string() =>
        DeliveryState, EventKind, FailureClass, BreakerState, Span, ReplayState, Rest,
        OnVersion
);
values!(|text, _| format!("is a number, not {text}") => QueueId, HookId, FlowId, i64);
values!(|text, _| format!("is a delivery's id, not {text}") => DeliveryId);
values!(|text, _| format!("is true or false, not {text}") => bool);

impl Value for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }
}

/// A value in quotation marks, the beginning of it if it is long.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

/// The parameters of a query, of which each must be asked for before [`Parameters::end`].
pub struct Parameters {
    given: Vec<(String, String)>,
    /// The names that have been asked for.
    known: Vec<&'static str>,
    faults: Vec<ParameterFault>,
}

impl Parameters {
    /// The values of a parameter that may be repeated.
    pub fn all<T: Value>(&mut self, name: &'static str) -> Vec<T> {
        let texts = self.take(name);
        texts.iter().filter_map(|text| self.parse(name, text)).collect()
    }

    /// The value of a parameter that may be given once.
    pub fn one<T: Value>(&mut self, name: &'static str) -> Option<T> {
        let texts = self.take(name);
        if texts.len() > 1 {
            self.fault(name, "is given more than once");
        }
        texts.first().and_then(|text| self.parse(name, text))
    }

    /// The number of a parameter that may be given once, within these bounds.
    pub fn number(&mut self, name: &'static str, allowed: RangeInclusive<u32>) -> Option<u32> {
        let number: i64 = self.one(name)?;
        let within = u32::try_from(number).ok().filter(|number| allowed.contains(number));
        if within.is_none() {
            let (low, high) = allowed.into_inner();
            self.fault(name, format!("is {low} to {high}, not {number}"));
        }
        within
    }

    /// Says that something is wrong with a parameter.
    pub fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(ParameterFault { name: name.into(), detail: detail.into() });
    }

    /// Refuses the query if anything is wrong with it.
    pub fn end(mut self) -> Result<(), ApiProblem> {
        let mut unknown: Vec<_> = self
            .given
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| !self.known.contains(&name.as_str()))
            .collect();
        unknown.dedup();
        for name in unknown {
            let detail = match self.known.as_slice() {
                [] => "is no parameter of this address, which takes none".to_owned(),
                known => {
                    format!("is no parameter of this address; they are {}", known.join(", "))
                }
            };
            self.fault(&name, detail);
        }
        if self.faults.is_empty() { Ok(()) } else { Err(ApiProblem::parameters(self.faults)) }
    }

    fn take(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let of_name = self.given.iter().filter(|(given, _)| given == name);
        of_name.map(|(_, value)| value.clone()).collect()
    }

    fn parse<T: Value>(&mut self, name: &'static str, text: &str) -> Option<T> {
        match T::read(text) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.fault(name, detail);
                None
            }
        }
    }
}

impl FromRequestParts<Services> for Parameters {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &Services) -> Result<Self, ApiProblem> {
        let Query(given) = Query::try_from_uri(&parts.uri).map_err(|error| {
            ApiProblem::new(error.status(), format!("the query cannot be read: {error}"))
        })?;
        Ok(Self { given, known: Vec::new(), faults: Vec::new() })
    }
}

/// That a request has no query: its address takes no parameters.
pub struct NoParameters;

impl FromRequestParts<Services> for NoParameters {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, ApiProblem> {
        Parameters::from_request_parts(parts, services).await?.end()?;
        Ok(Self)
    }
}

/// Which page of a short list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// A part of the name, in any case.
    search: Option<String>,
    /// The page, from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1, required = false)]
    page: u32,
    /// How many a page has.
    #[param(minimum = 1, maximum = 1000, default = 40, required = false)]
    size: u32,
}

impl PageParameters {
    /// Takes it out of a query that says nothing else.
    pub fn read(mut given: Parameters) -> Result<(String, Paging), ApiProblem> {
        let read = Self {
            search: given.one("search"),
            page: given.number("page", 1..=1_000_000).unwrap_or(1),
            size: given.number("size", 1..=1_000).unwrap_or(40),
        };
        given.end()?;
        let Self { search, page, size } = read;
        Ok((search.unwrap_or_default(), Paging { page, size }))
    }
}

/// What a short list is narrowed to.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParameters {
    /// A part of what names it, in any case.
    search: Option<String>,
}

impl SearchParameters {
    /// Takes it out of a query that says nothing else.
    pub fn read(mut given: Parameters) -> Result<String, ApiProblem> {
        let read = Self { search: given.one("search") };
        given.end()?;
        Ok(read.search.unwrap_or_default())
    }
}

/// How fast what was parked is released.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReleaseParameters {
    /// How many deliveries a second; as many as possible where it is left out.
    #[param(minimum = 1, maximum = 10000)]
    release_per_s: Option<u32>,
}

impl ReleaseParameters {
    /// Takes it out of a query that says nothing else.
    pub fn read(mut given: Parameters) -> Result<Option<u32>, ApiProblem> {
        let read = Self { release_per_s: given.number("release_per_s", 1..=RELEASE_MAX_PER_S) };
        given.end()?;
        Ok(read.release_per_s)
    }
}

/// What becomes of the unfinished deliveries of what is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RestParameters {
    /// Whether they are delivered all the same (`finish`, also where it is left out) or called off.
    #[param(inline, required = false)]
    deliveries: Rest,
}

impl RestParameters {
    /// Takes it out of a query that says nothing else.
    pub fn read(mut given: Parameters) -> Result<Rest, ApiProblem> {
        let read = Self { deliveries: given.one("deliveries").unwrap_or_default() };
        given.end()?;
        Ok(read.deliveries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Parameters {
        let given = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Parameters { given, known: Vec::new(), faults: Vec::new() }
    }

    /// The names and details of what is wrong.
    fn faults(parameters: Parameters) -> Vec<(String, String)> {
        let problem = parameters.end().unwrap_err();
        problem.parameters.iter().map(|fault| (fault.name.clone(), fault.detail.clone())).collect()
    }

    #[test]
    fn what_is_as_it_should_be_is_read() {
        let mut query = of(&[("event", "joined"), ("hook", "7"), ("event", "bridged")]);
        let events: Vec<EventKind> = query.all("event");
        assert_eq!(events, [EventKind::Joined, EventKind::Bridged]);
        assert_eq!(query.one("hook"), Some(HookId(7)));
        assert_eq!(query.number("size", 1..=200), None);
        assert!(query.end().is_ok());
    }

    #[test]
    fn every_fault_is_named_with_its_parameter() {
        let mut query = of(&[("event", "ringing"), ("size", "201"), ("hook", "1"), ("hook", "2")]);
        query.given.push(("limit".into(), "3".into()));
        query.all::<EventKind>("event");
        query.number("size", 1..=200);
        query.one::<HookId>("hook");
        let faults = faults(query);
        let names: Vec<_> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["event", "size", "hook", "limit"]);
        assert!(
            faults[0].1.contains("\"ringing\"") && faults[0].1.contains("joined"),
            "{faults:?}"
        );
        assert_eq!(faults[1].1, "is 1 to 200, not 201");
        assert!(faults[3].1.ends_with("they are event, size, hook"), "{faults:?}");
    }

    #[test]
    fn an_address_without_parameters_says_so() {
        let faults = faults(of(&[("verbose", "1")]));
        assert_eq!(faults[0].0, "verbose");
        assert!(faults[0].1.contains("takes none"), "{faults:?}");
    }
}
