//! `offhook simulate`: a contact centre's traffic, through the public API.
//!
//! [`call`] plays one attempt, [`traffic`] makes a stream of many, [`poster`] posts it in order,
//! [`summary`] says what became of it.

mod api;
mod call;
mod dice;
pub mod people;
mod poster;
mod summary;
mod traffic;

use api::Api;
use indicatif::{ProgressBar, ProgressStyle};
use model::{catalog::QueueType, ids::QueueId, time::Millis};
use std::{
    io::{IsTerminal, Write},
    str::FromStr,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use summary::Summary;
use traffic::{Score, Traffic};

/// Plays calls, chats and tasks through each queue type's true order of events.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Events posted each second.
    #[arg(long, default_value_t = 20.0, value_parser = positive)]
    rate: f64,
    /// How long to post.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// The same seed plays the same calls.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much faster than life a call goes.
    #[arg(long, default_value_t = 30.0, value_parser = positive)]
    speed: f64,
    /// The installation's address.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    target: String,
    /// An API token with the scope ingest, and read unless every --queue names its type.
    #[arg(long, env = "OFFHOOK_TOKEN", hide_env_values = true)]
    token: String,
    /// Only this queue (again for more), with its type where the token may not read it: 12:inbound.
    #[arg(long = "queue", value_name = "ID[:TYPE]")]
    queues: Vec<Named>,
}

/// A queue as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    id: QueueId,
    kind: Option<QueueType>,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, kind) = match text.split_once(':') {
            Some((id, kind)) => (id, Some(kind)),
            None => (text, None),
        };
        Ok(Self {
            id: id.parse().map_err(|_| format!("\"{id}\" is not the number of a queue"))?,
            kind: kind.map(QueueType::from_str).transpose().map_err(|error| error.to_string())?,
        })
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) && number > 0.0 => Ok(number),
        _ => Err("a number above 0".to_owned()),
    }
}

/// Why traffic could not be played, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("the token holds characters that no token has")]
    Token,
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
    #[error("{url} cannot be reached")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{url} answers something else than Offhook does")]
    NotOurs {
        url: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("the queues cannot be read: {status} {reason}")]
    Queues { status: u16, reason: String },
    #[error(
        "this token may not read the queues: give --queue ID:TYPE (again for more), \
         or a token with the scope read as well"
    )]
    MayNotRead,
    #[error("there is no queue {0}")]
    NoQueue(QueueId),
    #[error("there is no enabled queue; make one in the panel, or run `offhook sample`")]
    NoQueues,
    #[error("{0} events could not be posted")]
    NotPosted(u64),
    #[error("{0} events were rejected")]
    Rejected(u64),
    #[error("the summary cannot be written")]
    Output(#[from] std::io::Error),
}

/// Posts the traffic, shows its progress, prints a summary. Fails when some events could not be
/// posted or were rejected.
pub async fn run(args: Args) -> Result<(), SimulateError> {
    let api = Api::new(&args.target, &args.token)?;
    let queues = queues(&api, &args.queues).await?;
    let total = ((args.rate * args.seconds as f64).round() as u64).max(1);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let traffic = Traffic::new(Score {
        rate: args.rate,
        total,
        speed: args.speed,
        seed: args.seed,
        prefix: format!("sim-{:x}", now.as_millis()),
        // Attempts of different runs do not meet either: 100 numbers for each second of a run.
        first_attempt: now.as_secs().saturating_sub(YEAR_2026) * 100,
        begins_at: Millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)),
        queues,
    });
    let mut progress = Progress::new(total, args.rate);
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let summary = poster::play(api, traffic, interrupt, |so_far| progress.show(so_far)).await;
    progress.end();
    write!(std::io::stdout(), "{summary}")?;
    match (summary.failed(), summary.rejected()) {
        (0, 0) => Ok(()),
        (0, rejected) => Err(SimulateError::Rejected(rejected)),
        (failed, _) => Err(SimulateError::NotPosted(failed)),
    }
}

/// The first second of 2026.
const YEAR_2026: u64 = 1_767_225_600;

/// The queues to play, with their types.
async fn queues(api: &Api, named: &[Named]) -> Result<Vec<(QueueId, QueueType)>, SimulateError> {
    let with_type = |one: &Named| one.kind.map(|kind| (one.id, kind));
    if !named.is_empty()
        && let Some(all) = named.iter().map(with_type).collect()
    {
        return Ok(all);
    }
    let known = api.queues().await?.ok_or(SimulateError::MayNotRead)?;
    if named.is_empty() {
        let enabled = known.into_iter().filter(|queue| queue.enabled);
        let all: Vec<_> = enabled.map(|queue| (queue.id, queue.kind)).collect();
        return if all.is_empty() { Err(SimulateError::NoQueues) } else { Ok(all) };
    }
    let kind_of = |one: &Named| {
        let found = known.iter().find(|queue| queue.id == one.id).map(|queue| queue.kind);
        let kind = one.kind.or(found).ok_or(SimulateError::NoQueue(one.id))?;
        Ok((one.id, kind))
    };
    named.iter().map(kind_of).collect()
}

/// Shows how far it is: a bar on a terminal, a line now and then elsewhere.
enum Progress {
    Bar(ProgressBar),
    Lines { total: u64, last: Instant },
}

/// How often a line is written where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(10);

impl Progress {
    fn new(total: u64, rate: f64) -> Self {
        if !std::io::stderr().is_terminal() {
            eprintln!("posting {total} events, {rate} each second");
            return Self::Lines { total, last: Instant::now() };
        }
        let bar = ProgressBar::new(total);
        let template = "{bar:40} {pos}/{len} events  {per_sec}  {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    fn show(&mut self, summary: &Summary) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(summary.done());
                let troubles = summary.rejected() + summary.failed();
                if summary.retries + troubles > 0 {
                    bar.set_message(format!("{} retries, {troubles} lost", summary.retries));
                }
            }
            Self::Lines { total, last } if last.elapsed() >= LINE_EVERY => {
                *last = Instant::now();
                eprintln!(
                    "{} of {total} events, {} deliveries, {} retries",
                    summary.done(),
                    summary.deliveries,
                    summary.retries
                );
            }
            Self::Lines { .. } => {}
        }
    }

    fn end(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_named_by_number_and_if_need_be_type() {
        let plain = Named { id: QueueId(12), kind: None };
        assert_eq!("12".parse(), Ok(plain));
        let typed = Named { id: QueueId(12), kind: Some(QueueType::ChatInbound) };
        assert_eq!("12:chat_inbound".parse(), Ok(typed));
        assert!("x".parse::<Named>().is_err());
        assert!("12:voice".parse::<Named>().is_err_and(|error| error.contains("chat_inbound")));
    }
}
