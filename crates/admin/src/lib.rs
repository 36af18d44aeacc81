//! What a person in the panel or an API client may do: each use case authorises, validates,
//! writes. Server functions and REST handlers make one call here (or into the engine) and do
//! nothing of the kind themselves.

mod cache;
mod calendars;
mod call_waits;
mod calls;
mod certificate;
pub mod changes;
mod deliveries;
mod destinations;
pub mod error;
mod events;
mod extras;
mod flows;
mod hooks;
mod jump;
mod many;
mod nodes;
mod notes;
mod number_lists;
mod overview;
mod queues;
mod replays;
mod secret;
mod sign_in;
mod tokens;
mod users;
mod vault;
mod views;

pub use calls::CALL_MAX;
pub use deliveries::{LogPage, log_begins};
pub use error::{AdminError, Result};
pub use sign_in::SignIn;
pub use tokens::NewToken;
pub use users::SignedIn;
pub use vault::Naming;

use model::{
    cache::has_nul,
    delivery::{Overlay, Rest},
    live::{Live, NodeView},
    node::NodeRoles,
    problem::Problem,
    replay::ReplayState,
    time::Millis,
    user::Actor,
};
use secret::Hashing;
use std::{
    num::NonZeroU32,
    pin::Pin,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use storage::{Storage, StorageError, journal::Unfinished, key::Key};

/// What of this moment is written down nowhere; the engine knows.
pub trait Running: Send + Sync {
    /// What runs and what is held back, to be laid over the log.
    fn overlay(&self) -> Overlay;

    /// What stands before the engine; nothing where no engine tells, and the database is asked.
    fn live(&self) -> Option<Live> {
        None
    }

    /// The processes that serve the installation; nothing where this one is alone.
    fn nodes(&self) -> Option<Vec<NodeView>> {
        None
    }

    /// What this process does.
    fn roles(&self) -> NodeRoles {
        NodeRoles::ALL
    }

    /// For how many days the log is kept; for good where there is none.
    fn log_days(&self) -> Option<NonZeroU32> {
        None
    }

    /// Calls off what is unfinished there; how many deliveries were called off. Where no engine
    /// runs, nothing can be.
    fn cancel(&self, _actor: &Actor, _of: Unfinished) -> Cancelling<'_> {
        Box::pin(async { Err(AdminError::Conflict("no engine runs here".into())) })
    }
}

/// How many deliveries were called off, when it is known.
pub type Cancelling<'a> = Pin<Box<dyn Future<Output = Result<u64>> + Send + 'a>>;

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    storage: Arc<dyn Storage>,
    running: Arc<dyn Running>,
    /// Seals what nobody may read; nothing for a command line that has no use for it.
    key: Option<Key>,
    /// When this process began.
    began: Millis,
    hashing: Hashing,
}

impl Admin {
    /// The use cases over this storage.
    pub fn new(storage: Arc<dyn Storage>, running: Arc<dyn Running>) -> Self {
        Self { storage, running, key: None, began: now(), hashing: Hashing::default() }
    }

    /// What a deletion leaves unfinished is delivered all the same, or called off. To be called before
    /// it, so that nothing that was parked is let go by it, and after it, for what came meanwhile.
    async fn settle(&self, actor: &Actor, rest: Rest, of: &[Unfinished]) -> Result<()> {
        if rest == Rest::Cancel {
            self.end_replays(of).await?;
            for of in of {
                self.running.cancel(actor, *of).await?;
            }
        }
        Ok(())
    }

    /// Ends the jobs that replay nothing but this.
    async fn end_replays(&self, of: &[Unfinished]) -> Result<()> {
        for job in self.storage.open_replays().await? {
            let (hooks, queues) = (&job.filter.hooks, &job.filter.queues);
            let all_hooks = hooks.iter().all(|hook| of.contains(&Unfinished::Hook(*hook)));
            let all_queues = queues.iter().all(|queue| of.contains(&Unfinished::Queue(*queue)));
            if (!hooks.is_empty() && all_hooks) || (!queues.is_empty() && all_queues) {
                let state = ReplayState::Cancelled;
                self.storage.set_replay_state(job.id, state, "", now()).await?;
            }
        }
        Ok(())
    }
}

/// Nothing runs: for a command line without an engine.
pub struct NothingRuns;

impl Running for NothingRuns {
    fn overlay(&self) -> Overlay {
        Overlay::default()
    }
}

/// How often a change is tried that another one comes before.
const TRIES: usize = 5;

/// Reads and changes something, and again where another change came between the two.
async fn amid_others<T, F: Future<Output = Result<storage::Result<T>>>>(
    change: impl Fn() -> F,
) -> Result<storage::Result<T>> {
    for _ in 1..TRIES {
        match change().await? {
            Err(StorageError::Meanwhile) => {}
            done => return Ok(done),
        }
    }
    change().await
}

/// Fails where what was last changed `at` then has been changed since it was shown; nothing says
/// that it was not shown.
fn is_still(what: &'static str, at: Millis, base: Option<Millis>) -> Result<()> {
    match base {
        Some(base) if base != at => Err(AdminError::changed(what)),
        _ => Ok(()),
    }
}

/// The time of a change of what was last changed `at` then: a later one, whatever the clock says,
/// since it tells the two apart.
fn now_after(at: Millis) -> Millis {
    now().max(at.plus(1))
}

/// The time now. The panel's use cases need no other clock.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A name of 1 to `max` characters without control characters, trimmed.
fn checked_name(field: &str, text: &str, max: usize, problems: &mut Vec<Problem>) -> String {
    let name = text.trim();
    if name.is_empty() {
        problems.push(Problem::new(format!("/{field}"), "is needed"));
    } else if name.chars().count() > max {
        problems.push(Problem::new(format!("/{field}"), format!("has at most {max} characters")));
    } else if name.chars().any(char::is_control) {
        problems.push(Problem::new(format!("/{field}"), "holds a control character"));
    }
    name.to_owned()
}

/// A text of at most `max` characters that databases keep.
fn checked_text(field: &str, text: &str, max: usize, problems: &mut Vec<Problem>) -> String {
    if text.chars().count() > max {
        problems.push(Problem::new(format!("/{field}"), format!("has at most {max} characters")));
    }
    problems.extend(has_nul(text).map(|why| Problem::new(format!("/{field}"), why)));
    text.trim().to_owned()
}

/// Fails with the problems, if there are any.
fn no_problems(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(AdminError::Invalid(problems)) }
}
