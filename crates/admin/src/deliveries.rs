//! The delivery log, as it is read.

use crate::{Admin, AdminError, Result, no_problems, now};
use model::{
    delivery::{
        DeliveryDetail, DeliveryFilter, DeliveryQuery, DeliveryRow, TEXT_CHARS_MAX,
        TEXT_SPAN_MAX_MS,
    },
    ids::{DeliveryId, HookId, QueueId},
    page::Slice,
    problem::Problem,
    queue::Figures,
    time::Millis,
    user::{Actor, Permission},
};
use std::num::NonZeroU32;
use storage::{
    journal::Unfinished,
    tail::{Tail, TailPlace},
};

/// A stretch of the log.
pub type LogPage = Slice<DeliveryRow>;

/// The bars of the histogram above the log.
const BARS: u32 = 72;
const DAY_MS: i64 = 24 * 3_600_000;
const SIX_HOURS_MS: i64 = 6 * 3_600_000;
/// The longest span that it shows, 31 days: each minute of it is added up.
const HISTOGRAM_SPAN_MAX_MS: i64 = 31 * DAY_MS;
/// How much longer than allowed a span may be that was chosen as so much time back from a moment
/// ago.
const SPAN_SLACK_MS: i64 = 60_000;

/// When the log begins that is kept for so many days: with the first of them beside today, by UTC.
pub fn log_begins(now: Millis, days: NonZeroU32) -> Millis {
    Millis((now.0.div_euclid(DAY_MS) - i64::from(days.get())) * DAY_MS)
}

impl Admin {
    /// A stretch of the log, newest first. Text is searched only within a span of time.
    pub async fn deliveries(&self, actor: &Actor, query: &DeliveryQuery) -> Result<LogPage> {
        actor.require(Permission::Read)?;
        check_filter(&query.filter, now())?;
        Ok(self.storage.deliveries(query, &self.running.overlay()).await?)
    }

    /// Since when the log is kept, and for how many days; nothing where it is for good.
    pub fn log_kept(&self) -> Option<(Millis, NonZeroU32)> {
        let days = self.running.log_days()?;
        Some((log_begins(now(), days), days))
    }

    /// There is no such thing in the log, which would have been made then.
    pub(crate) fn no_longer(
        &self,
        what: &'static str,
        id: impl ToString,
        made: Option<Millis>,
    ) -> AdminError {
        match self.log_kept() {
            Some((begins, days)) if made.is_some_and(|made| made < begins) => {
                AdminError::Forgotten { what, id: id.to_string(), days }
            }
            _ => AdminError::no(what, id),
        }
    }

    /// Where the log ends now.
    pub async fn tail_end(&self, actor: &Actor) -> Result<TailPlace> {
        actor.require(Permission::Read)?;
        Ok(self.storage.tail_end().await?)
    }

    /// The same for somebody who is to follow what the filter leaves. It may be what that of the list
    /// may be, as of now: whoever follows already goes on when the span has become too long.
    pub async fn follow(&self, actor: &Actor, filter: &DeliveryFilter) -> Result<TailPlace> {
        actor.require(Permission::Read)?;
        check_filter(filter, now())?;
        Ok(self.storage.tail_end().await?)
    }

    /// What has happened in the log since then, of what the filter leaves. That a delivery begins to
    /// run is no commit, and not told; `running` says whether one that is told for another reason is
    /// told to run.
    pub async fn tail(
        &self,
        actor: &Actor,
        filter: &DeliveryFilter,
        since: TailPlace,
        running: bool,
    ) -> Result<Tail> {
        actor.require(Permission::Read)?;
        let mut overlay = self.running.overlay();
        if !running {
            overlay.running.clear();
        }
        Ok(self.storage.tail(filter, since, &overlay).await?)
    }

    /// Everything about one delivery.
    pub async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail> {
        actor.require(Permission::Read)?;
        let found = self.storage.delivery(id, &self.running.overlay()).await?;
        found.ok_or_else(|| self.no_longer("delivery", id, id.made_at()))
    }

    /// Calls off a delivery that is not finished; an attempt that runs is its last.
    pub async fn cancel_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<()> {
        actor.require(Permission::Edit)?;
        if self.delivery(actor, id).await?.row.state.is_final() {
            return Err(AdminError::Conflict("this delivery has ended".into()));
        }
        self.running.cancel(actor, Unfinished::Delivery(id)).await?;
        Ok(())
    }

    /// What happened between two times (by default the last six hours), in 72 equal spans, with
    /// the span's true bounds; nothing where it is longer than 31 days.
    pub async fn histogram(
        &self,
        actor: &Actor,
        queue: Option<QueueId>,
        hook: Option<HookId>,
        from: Option<Millis>,
        to: Option<Millis>,
    ) -> Result<Option<(Millis, Millis, Vec<Figures>)>> {
        actor.require(Permission::Read)?;
        let to = to.unwrap_or_else(now);
        let from = from.unwrap_or_else(|| to.plus(-SIX_HOURS_MS)).min(to.plus(-60_000));
        if to.0.saturating_sub(from.0) > HISTOGRAM_SPAN_MAX_MS + SPAN_SLACK_MS {
            return Ok(None);
        }
        let bars = self.storage.histogram(queue, hook, from, to, BARS).await?;
        Ok(Some((from, to, bars)))
    }
}

/// Whether the log can be narrowed so. A search for text costs a look at each delivery, so it needs a
/// span that is not too long.
pub(crate) fn check_filter(filter: &DeliveryFilter, now: Millis) -> Result<()> {
    let mut problems = Vec::new();
    for (name, searched) in [("/search", &filter.search), ("/text", &filter.text)] {
        if searched.contains('\0') {
            problems.push(Problem::new(name, "does not hold the character U+0000"));
        }
    }
    let text = filter.text.trim();
    if text.is_empty() {
        return no_problems(problems);
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        let detail = format!("has at most {TEXT_CHARS_MAX} characters");
        problems.push(Problem::new("/text", detail));
    }
    let to = filter.to.unwrap_or(now).min(now);
    match filter.from {
        None => problems.push(Problem::new(
            "/from",
            "is needed: text is searched within a span of at most 7 days",
        )),
        Some(from) if to.0.saturating_sub(from.0) > TEXT_SPAN_MAX_MS + SPAN_SLACK_MS => {
            problems.push(Problem::new("/from", "lies more than 7 days before the end of the span"))
        }
        Some(_) => {}
    }
    no_problems(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_days_are_kept_beside_today() {
        let begins = |now: &str, days| {
            log_begins(now.parse().unwrap(), NonZeroU32::new(days).unwrap()).to_string()
        };
        assert_eq!(begins("2026-11-30T23:59:59.999Z", 1), "2026-11-29T00:00:00.000Z");
        assert_eq!(begins("2026-11-30T00:00:00.000Z", 30), "2026-10-31T00:00:00.000Z");
    }
}
