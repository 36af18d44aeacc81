//! What an editor sets for destinations. The forms are drawn by the server and posted by the
//! browser itself.

use super::form::{Done, Reply, answer, word};
use crate::{error::AppError, text::destinations as text, typed};
use leptos::prelude::*;
use model::{
    destination::{DestinationAct, DestinationKey, DestinationLimits, Rate},
    problem::Problem,
};
use std::str::FromStr;

/// Opens, closes, releases or drains a destination.
#[server(prefix = "/api/panel", endpoint = "destinations/steer")]
pub async fn steer_destination(key: String, act: String) -> Result<Reply, AppError> {
    answer(Vec::new(), async {
        let key: DestinationKey = word("key", &key)?;
        let act: DestinationAct = word("act", &act)?;
        super::admin()?.steer_destination(&super::actor().await?, &key, act).await?;
        Ok(Done::to(crate::drawn::path(&key)).saying(text::acted(act)))
    })
    .await
}

/// Sets a destination's limits; what is empty is as for any.
#[server(prefix = "/api/panel", endpoint = "destinations/limit")]
pub async fn limit_destination(
    key: String,
    #[server(default)] concurrency: String,
    #[server(default)] rate_per_s: String,
    #[server(default)] failure_percent: String,
    #[server(default)] min_calls: String,
    #[server(default)] open_s: String,
) -> Result<Reply, AppError> {
    let typed = typed![concurrency, rate_per_s, failure_percent, min_calls, open_s];
    answer(typed, async {
        let key: DestinationKey = word("key", &key)?;
        let mut problems = Vec::new();
        let rate = number::<f64>("rate_per_s", &rate_per_s, &mut problems);
        let open_s = number::<f64>("open_s", &open_s, &mut problems);
        let limits = DestinationLimits {
            concurrency: number("concurrency", &concurrency, &mut problems),
            // What is no rate is out of every range.
            rate_per_s: rate.map(|rate| Rate::of_per_second(rate).unwrap_or(Rate { milli: 0 })),
            failure_percent: number("failure_percent", &failure_percent, &mut problems),
            min_calls: number("min_calls", &min_calls, &mut problems),
            open_ms: open_s.map(|seconds| (seconds * 1_000.0) as i64),
        };
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        let (admin, actor) = (super::admin()?, super::actor().await?);
        admin
            .limit_destination(&actor, &key, limits)
            .await
            .map_err(|error| AppError::from(error).at("open_ms", "open_s"))?;
        Ok(Done::to(crate::drawn::path(&key)).saying(text::SAVED))
    })
    .await
}

/// Forgets what is set for a destination.
#[server(prefix = "/api/panel", endpoint = "destinations/reset")]
pub async fn reset_destination(key: String) -> Result<Reply, AppError> {
    answer(Vec::new(), async {
        let key: DestinationKey = word("key", &key)?;
        super::admin()?.reset_destination(&super::actor().await?, &key).await?;
        Ok(Done::to(crate::drawn::path(&key)).saying(text::RESET_DONE))
    })
    .await
}

/// A number, or nothing where nothing was typed.
fn number<T: FromStr>(field: &str, text: &str, problems: &mut Vec<Problem>) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let number = text.parse().ok();
    if number.is_none() {
        problems.push(Problem::new(format!("/{field}"), text::NO_NUMBER));
    }
    number
}
