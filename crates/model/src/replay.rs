//! Replays of many deliveries: a job that walks the log and makes them anew.

use crate::{delivery::DeliveryFilter, ids::ReplayId, time::Millis};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most deliveries that one job can be told of by their ids.
pub const CHOSEN_MAX: usize = 1_000;
/// How far matching deliveries are counted before a job is started.
pub const COUNTED_MAX: u64 = 10_000;

/// A job that replays deliveries, those included that were skipped or given up. It walks the log
/// in the order of acceptance, up to the delivery that was the newest when the job was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replay {
    pub id: ReplayId,
    /// The login, or the token's name.
    pub made_by: String,
    pub made_at: Millis,
    /// What it replays.
    pub filter: DeliveryFilter,
    pub state: ReplayState,
    /// How many deliveries a second it makes; nothing is as many as possible.
    pub per_second: Option<u32>,
    /// The log's row number up to which it has come.
    pub cursor: i64,
    /// The log's row number at which it ends.
    pub last: i64,
    /// How many matched when it was started; nothing of jobs that were started before this was kept.
    pub matched: Option<Matching>,
    /// The log's row number behind which the first of these stood; nothing where all were counted.
    pub first: Option<i64>,
    /// How many deliveries it has found.
    pub found: u64,
    /// How many it has made of them. Those that were under way still, or whose flow is deleted,
    /// were passed over.
    pub made: u64,
    pub finished_at: Option<Millis>,
    /// Why it failed.
    pub note: String,
}

/// Where the log lies in days, the row numbers of a day begin at a multiple of this.
const DAY_OF_ROWS: i64 = 1 << 36;
/// What a day counts where progress goes by days.
const DAY_PARTS: i64 = 1_000;

impl Replay {
    /// How far it has come, of how much: among the deliveries that matched where all were counted,
    /// else through the log. Nothing where neither can be told.
    pub fn progress(&self) -> Option<(u64, u64)> {
        match (self.state, self.matched) {
            (ReplayState::Done, _) => Some((1, 1)),
            (_, Some(Matching { count, more: false })) => {
                Some((self.found.min(count), count.max(1)))
            }
            _ => self.walked(),
        }
    }

    /// How far it has come through the log, from where the first stood that matched. Of several days
    /// each counts the same, since their rows are not counted: those before the last when they are
    /// over. Nothing while it walks through days of which is not known where they begin.
    fn walked(&self) -> Option<(u64, u64)> {
        let first = self.first.unwrap_or(0);
        let day_and_row = |seq: i64| (seq / DAY_OF_ROWS, seq % DAY_OF_ROWS);
        let (begin, _) = day_and_row(first);
        let ((day, row), (end, rows)) = (day_and_row(self.cursor), day_and_row(self.last));
        let rows = rows.max(1);
        let (value, max) = match begin {
            _ if begin == end => (self.cursor.max(first) - first, (self.last - first).max(1)),
            // Before the days: a log that did not lie in them, or nothing is known.
            0 if day == end => (row, rows),
            0 => return None,
            _ => {
                let of_last = if day == end { row * DAY_PARTS / rows } else { 0 };
                let over = (day.max(begin) - begin) * DAY_PARTS;
                (over + of_last, (end - begin + 1) * DAY_PARTS)
            }
        };
        Some((value.unsigned_abs(), max.unsigned_abs()))
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    Running,
    /// Until a person lets it go on.
    Paused,
    Done,
    /// A person called it off; what it had made is delivered.
    Cancelled,
    /// The log could not be read.
    Failed,
}

impl ReplayState {
    pub const ALL: [Self; 5] =
        [Self::Running, Self::Paused, Self::Done, Self::Cancelled, Self::Failed];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether it does nothing more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

crate::user::word!(ReplayState, "state of a replay");

/// What a person does to a job that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReplayAct {
    /// It makes nothing more until it is resumed.
    Pause,
    /// It goes on where it was.
    Resume,
    /// It makes nothing more; what it has made is delivered.
    Cancel,
}

impl ReplayAct {
    pub const ALL: [Self; 3] = [Self::Pause, Self::Resume, Self::Cancel];

    /// The word in a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        }
    }

    /// The state that it brings about.
    pub fn leads_to(self) -> ReplayState {
        match self {
            Self::Pause => ReplayState::Paused,
            Self::Resume => ReplayState::Running,
            Self::Cancel => ReplayState::Cancelled,
        }
    }
}

crate::user::word!(ReplayAct, "act on a replay");

/// On which version of its flow a delivery runs again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnVersion {
    /// As the flow is published now.
    #[default]
    Published,
    /// On the version that the delivery ran.
    Ran,
}

impl OnVersion {
    pub const ALL: [Self; 2] = [Self::Published, Self::Ran];

    /// The word in forms and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Ran => "ran",
        }
    }
}

crate::user::word!(OnVersion, "version of a replay");

/// A place in a run: a step, when that is reached for which time. The run stands before it, or behind
/// it where it is a wait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AtStep {
    /// The step's `_id`, after the number of its flow and a dot where that was called by another.
    pub step: String,
    /// From 1.
    pub visit: u32,
}

/// The steps at which a replay of a delivery can begin: those at which its run was kept as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Beginnings {
    /// In the order in which the run came to them.
    pub steps: Vec<Beginning>,
    /// How many further ones there were no room for: a delivery keeps at most 64 KiB of its run.
    pub left_out: u32,
}

/// A step at which a replay can begin, and what the log says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Beginning {
    #[serde(flatten)]
    pub at: AtStep,
    /// The action's name; nothing where the step has not been recorded.
    pub action: Option<String>,
    /// A JSON pointer into the flow's array of steps.
    pub path: Option<String>,
    /// The step's own name, if it has one.
    pub name: Option<String>,
    /// Whether the replay begins behind the step, which is a wait.
    pub behind: bool,
}

/// What a list of jobs is narrowed to. An empty text or list narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplayFilter {
    /// A part of the name of who made it, in any case, or the whole number.
    pub search: String,
    pub states: Vec<ReplayState>,
}

/// How many deliveries match, as far as was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matching {
    pub count: u64,
    /// Whether there may be more than that.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = DAY_OF_ROWS * 20_785;

    /// A job of which was not kept how many matched.
    fn job(cursor: i64, last: i64) -> Replay {
        Replay {
            id: ReplayId(1),
            made_by: "eva".into(),
            made_at: Millis(0),
            filter: DeliveryFilter::default(),
            state: ReplayState::Running,
            per_second: None,
            cursor,
            last,
            matched: None,
            first: None,
            found: 0,
            made: 0,
            finished_at: None,
            note: String::new(),
        }
    }

    #[test]
    fn progress_of_what_was_not_counted_is_of_the_day_that_a_job_walks_through() {
        assert_eq!(job(8, 46).progress(), Some((8, 46)));
        assert_eq!(job(DAY + 8, DAY + 46).progress(), Some((8, 46)));
        assert_eq!(job(0, DAY + 46).progress(), None, "the days between are not counted");
        let done = Replay { state: ReplayState::Done, ..job(3, 46) };
        assert_eq!(done.progress(), Some((1, 1)));
    }

    #[test]
    fn progress_is_what_was_found_of_what_matched_wherever_it_stands() {
        let counted = |count, found| Replay {
            matched: Some(Matching { count, more: false }),
            found,
            made: found / 2,
            ..job(DAY + 8, 7 * DAY_OF_ROWS + DAY)
        };
        assert_eq!(counted(214, 0).progress(), Some((0, 214)));
        assert_eq!(counted(214, 120).progress(), Some((120, 214)));
        assert_eq!(counted(214, 216).progress(), Some((214, 214)), "more match by now");
        assert_eq!(counted(0, 0).progress(), Some((0, 1)));
        let done = Replay { state: ReplayState::Done, ..counted(214, 210) };
        assert_eq!(done.progress(), Some((1, 1)), "fewer match by now");
        let cancelled = Replay { state: ReplayState::Cancelled, ..counted(214, 120) };
        assert_eq!(cancelled.progress(), Some((120, 214)));
    }

    #[test]
    fn progress_of_more_than_was_counted_begins_where_the_first_stood() {
        let more = |first, cursor, last| Replay {
            matched: Some(Matching { count: COUNTED_MAX, more: true }),
            first,
            found: 70,
            ..job(cursor, last)
        };
        assert_eq!(more(Some(900), 0, 1_000).progress(), Some((0, 100)), "it has not come there");
        assert_eq!(more(Some(900), 925, 1_000).progress(), Some((25, 100)));
        assert_eq!(more(Some(DAY + 900), DAY + 925, DAY + 1_000).progress(), Some((25, 100)));
        assert_eq!(more(None, 8, 46).progress(), Some((8, 46)), "none of them was found again");
        let week = |cursor| more(Some(DAY + 900), cursor, DAY + 6 * DAY_OF_ROWS + 200).progress();
        assert_eq!(week(0), Some((0, 7_000)));
        assert_eq!(week(DAY + 950), Some((0, 7_000)), "so many rows as nobody knows");
        assert_eq!(week(DAY + 2 * DAY_OF_ROWS + 50), Some((2_000, 7_000)));
        assert_eq!(week(DAY + 6 * DAY_OF_ROWS + 50), Some((6_250, 7_000)));
        assert_eq!(week(DAY + 6 * DAY_OF_ROWS + 200), Some((7_000, 7_000)));
        let moved = |cursor| more(Some(5), cursor, DAY + 46).progress();
        assert_eq!((moved(900), moved(DAY + 8)), (None, Some((8, 46))), "from a log without days");
    }
}
