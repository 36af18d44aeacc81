//! Posts traffic at its pace: the events of a call one after the other, different calls at once.

use super::{
    api::{Answer, Api},
    summary::Summary,
    traffic::Planned,
};
use std::{
    collections::HashMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
};

/// Posts under way at once, at most.
const AT_ONCE: usize = 256;
/// The first pause before another try; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How long one event is tried before it is given up: long enough for a server to start again.
const PATIENCE: Duration = Duration::from_secs(120);

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub answer: Option<Answer>,
    /// Tries after the first.
    pub retries: u64,
    /// How long the last try took.
    pub latency: Duration,
}

/// What the calls' tasks share.
#[derive(Clone)]
struct Line {
    api: Api,
    at_once: Arc<Semaphore>,
    outcomes: mpsc::UnboundedSender<Outcome>,
    /// True once nothing more is to be posted.
    stop: watch::Receiver<bool>,
}

/// Plays the traffic until it ends, `interrupt` resolves or the token is refused; `progress` is
/// told of the summary so far at each outcome.
pub async fn play(
    api: Api,
    traffic: impl Iterator<Item = Planned>,
    interrupt: impl Future<Output = ()>,
    mut progress: impl FnMut(&Summary),
) -> Summary {
    let (outcomes, mut arriving) = mpsc::unbounded_channel();
    let (stop, stopped) = watch::channel(false);
    let line = Line { api, at_once: Arc::new(Semaphore::new(AT_ONCE)), outcomes, stop: stopped };
    let begun = Instant::now();
    let mut summary = Summary::default();

    let conduct = conduct(line, traffic, begun);
    tokio::pin!(conduct, interrupt);
    let mut conducting = true;
    let mut interrupted = false;
    loop {
        tokio::select! {
            () = &mut conduct, if conducting => conducting = false,
            () = &mut interrupt, if !interrupted => {
                interrupted = true;
                summary.interrupted = true;
                stop.send_replace(true);
            }
            outcome = arriving.recv() => match outcome {
                Some(outcome) => {
                    if matches!(outcome.answer, Some(Answer::Unauthorised { .. })) {
                        stop.send_replace(true);
                    }
                    summary.add(&outcome);
                    progress(&summary);
                }
                None if conducting => {}
                None => break,
            },
        }
    }
    summary.took = begun.elapsed();
    summary
}

/// Hands each event to its call's task when its time has come, and waits for the tasks to end.
async fn conduct(line: Line, traffic: impl Iterator<Item = Planned>, begun: Instant) {
    let mut calls: HashMap<usize, mpsc::UnboundedSender<Planned>> = HashMap::new();
    let mut tasks = JoinSet::new();
    let mut stop = line.stop.clone();
    for planned in traffic {
        let at = begun + Duration::from_secs_f64(planned.slot / 1_000.0);
        tokio::select! {
            () = tokio::time::sleep_until(at.into()) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
        let (call, last) = (planned.call, planned.last);
        let events = calls.entry(call).or_insert_with(|| {
            let (events, of_call) = mpsc::unbounded_channel();
            tasks.spawn(follow(line.clone(), of_call));
            events
        });
        // The task takes until its sender is gone, so that nobody misses what is sent here.
        let _ = events.send(planned);
        if last {
            calls.remove(&call);
        }
        while tasks.try_join_next().is_some() {}
    }
    drop(calls);
    drop(line);
    while tasks.join_next().await.is_some() {}
}

/// Posts the events of one call. When one could not be posted, the later ones are not, either:
/// they would come out of order.
async fn follow(line: Line, mut events: mpsc::UnboundedReceiver<Planned>) {
    let mut broken = false;
    while let Some(event) = events.recv().await {
        let outcome = if broken || *line.stop.borrow() {
            Outcome { answer: None, retries: 0, latency: Duration::ZERO }
        } else {
            post(&line, event.body.to_string()).await
        };
        broken |= !matches!(outcome.answer, Some(Answer::Accepted(_) | Answer::Refused { .. }));
        let _ = line.outcomes.send(outcome);
    }
}

/// Posts one event, again and again with the same id while that may help.
async fn post(line: &Line, body: String) -> Outcome {
    let since = Instant::now();
    let mut stop = line.stop.clone();
    let mut pause = PAUSE;
    let mut retries = 0;
    loop {
        let permit = line.at_once.acquire().await;
        let tried = Instant::now();
        let answer = line.api.post(body.clone()).await;
        let latency = tried.elapsed();
        drop(permit);
        let Answer::Again { after, .. } = &answer else {
            return Outcome { answer: Some(answer), retries, latency };
        };
        let wait = after.unwrap_or(pause);
        if since.elapsed() + wait > PATIENCE {
            return Outcome { answer: Some(answer), retries, latency };
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => {
                return Outcome { answer: Some(answer), retries, latency };
            }
        }
        pause = (pause * 2).min(PAUSE_MAX);
        retries += 1;
    }
}

#[cfg(test)]
mod tests;
