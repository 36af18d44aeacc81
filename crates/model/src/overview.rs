//! How the installation fares: what happened over the last hour, day or week, and what needs
//! somebody's attention.

use crate::{
    catalog::EventKind,
    hook::PauseReason,
    ids::{DeliveryId, HookId, QueueId},
    live::Live,
    queue::Figures,
    time::Millis,
    trace::Failure,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most hooks that an overview names.
pub const TROUBLED: usize = 10;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// How far back one looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Span {
    #[default]
    Hour,
    Day,
    Week,
}

impl Span {
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The word in addresses and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// How long one point of its charts lasts, in milliseconds.
    pub fn step_ms(self) -> i64 {
        match self {
            Self::Hour => MINUTE_MS,
            Self::Day | Self::Week => HOUR_MS,
        }
    }

    /// How many points its charts have; the last is of the minute or hour that is not over yet.
    pub fn points(self) -> u32 {
        match self {
            Self::Hour => 60,
            Self::Day => 24,
            Self::Week => 7 * 24,
        }
    }

    /// The start of its first point.
    pub fn from(self, now: Millis) -> Millis {
        let step = self.step_ms();
        Millis((now.0.div_euclid(step) + 1 - i64::from(self.points())) * step)
    }
}

crate::user::word!(Span, "span");

/// How the installation fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    pub span: Span,
    pub from: Millis,
    pub to: Millis,
    /// How long a point lasts, in milliseconds.
    pub step_ms: i64,
    /// Equal spans, oldest first; the last one is not over yet.
    pub points: Vec<Point>,
    /// All points together.
    pub whole: Point,
    pub live: Live,
    /// Unfinished deliveries whose last attempt failed.
    pub retrying: u64,
    /// Hooks whose receiver is gone, and those whose deliveries failed in the span or are tried again; the
    /// worst first.
    pub troubled: Vec<TroubledHook>,
}

/// What happened in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    pub figures: Figures,
    /// How long it took at most, for half of the deliveries, from the event's acceptance until the
    /// first request that was answered was sent, in milliseconds, estimated. Deliveries that nobody
    /// answered at their first attempt, those made by a replay or by another's run, and tests do not
    /// count.
    pub p50_ms: Option<f64>,
    /// The same of 95 in 100.
    pub p95_ms: Option<f64>,
}

/// A hook whose deliveries fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TroubledHook {
    pub id: HookId,
    pub queue_id: QueueId,
    pub queue_name: String,
    pub event: EventKind,
    pub flow_name: String,
    pub paused: Option<PauseReason>,
    /// In the span.
    pub figures: Figures,
    /// Unfinished deliveries of it whose last attempt failed, of the newest 10,000 of all hooks.
    pub retrying: u64,
    /// The newest of its last deliveries that failed.
    pub last: Option<LastFailed>,
}

/// A delivery that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastFailed {
    pub id: DeliveryId,
    pub at: Millis,
    pub failure: Option<Failure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_ends_with_the_point_of_now() {
        let now = Millis(1_795_339_830_500);
        for span in Span::ALL {
            let from = span.from(now);
            let last = from.plus(span.step_ms() * i64::from(span.points() - 1));
            assert!(last <= now && now < last.plus(span.step_ms()), "{span}");
            assert_eq!(from.0 % span.step_ms(), 0);
        }
    }
}
