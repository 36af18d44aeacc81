//! The process is killed at every step of a flow that has loops, waits, a function and requests, and
//! calls another one that has requests and a wait, too: each request arrives once, but for the one
//! that was under way.

use crate::{
    Result,
    chaos::{
        Event, Form, Setting, Verdict,
        cluster::Cluster,
        receiver::{Manner, Receiver},
    },
    installation::Installation,
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::sleep};

/// The requests of one run in order, by their keys.
const KEYS: [u64; 8] = [2, 1, 11, 3, 6, 7, 4, 5];
/// The requests behind which the run waits, in the loop and in the flow that is called, and how long
/// it does: long enough to be put to rest.
const LOOP_WAITS_BEHIND: u64 = 1;
const CALLED_WAITS_BEHIND: u64 = 6;
const WAIT_MS: u64 = 2_001;
/// How long a run may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// When the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// While the request is under way.
    During,
    /// When it has just been answered.
    After,
    /// In the wait behind it.
    Waiting,
}

/// Where the next kill strikes: a call's request.
type Aim = Arc<Mutex<Option<(Event, When)>>>;

/// On SQLite.
pub async fn on_sqlite(setting: &Setting) -> Result<Verdict> {
    kills(setting, Installation::on_sqlite(&setting.program)?).await
}

/// On PostgreSQL.
pub async fn on_postgres(setting: &Setting) -> Result<Verdict> {
    let cluster = Cluster::start().await?;
    kills(setting, Installation::on_postgres(&setting.program, cluster.database()?)?).await
}

async fn kills(setting: &Setting, mut installation: Installation) -> Result<Verdict> {
    let aim = Aim::default();
    let (strike, mut strikes) = mpsc::unbounded_channel();
    let aimed = aim.clone();
    let receiver = Receiver::start(Arc::new(move |event, times| {
        let aim = *aimed.lock().unwrap_or_else(PoisonError::into_inner);
        match aim {
            Some((target, when)) if target == event && times == 0 => {
                strike.send(()).ok();
                if when == When::During { Manner::NeverAnswers } else { Manner::Well }
            }
            _ => Manner::Well,
        }
    }))
    .await?;
    installation.serve().await?;
    let called = installation.flow("Called", &called(receiver.addr)).await?;
    let flow = installation.flow("Steps", &steps(receiver.addr, called)).await?;
    let queue = installation.queue("Steps").await?;
    installation.hook(queue, flow).await?;

    let each = KEYS.iter().flat_map(|key| [(*key, When::During), (*key, When::After)]);
    let waiting = [LOOP_WAITS_BEHIND, CALLED_WAITS_BEHIND].map(|key| (key, When::Waiting));
    let each: Vec<_> = each.chain(waiting).collect();
    let rounds = setting.size(1, 5);
    let mut wrong = Vec::new();
    let mut accepted = Vec::new();
    for (number, (key, when)) in (0..rounds).flat_map(|_| each.clone()).enumerate() {
        let call = number as u64;
        let target = Event { call, number: key };
        *aim.lock().unwrap_or_else(PoisonError::into_inner) = Some((target, when));
        let [in_loop, in_called] = waits(setting.form, key);
        let event = json!({
            "queue_id": queue, "event": "joined", "data": {"attempt_id": call},
            "variables": {"loop_ms": in_loop, "called_ms": in_called}
        });
        installation.post("/api/v1/events", &event).await?;
        accepted.extend(KEYS.map(|key| Event { call, number: key }));
        strikes.recv().await.ok_or("the receiver has ended")?;
        sleep(match when {
            When::During => Duration::ZERO,
            // Before what it came to is written down, or a little later.
            When::After => Duration::from_micros(setting.dice(call, 4_000)),
            When::Waiting => Duration::from_millis(WAIT_MS / 2),
        })
        .await;
        installation.nodes[0].kill()?;
        installation.up(0).await?;
        ends(&receiver, &installation, call).await?;
        if !is_as_it_should(&receiver, target, when) {
            wrong.push(target);
        }
    }
    let mut verdict = Verdict::of(&accepted, &receiver.arrivals(), accepted.len());
    // The requests of a run come in the order of its steps, whatever their keys are.
    verdict.late.clear();
    verdict.doubled.extend(wrong);
    verdict.notes.push(format!("killed {} times", each.len() * rounds));
    Ok(verdict)
}

/// How long a run waits in the loop and in the flow that is called. In a short trial it does so in one
/// of the two, the one that is nearer to where it is killed.
fn waits(form: Form, key: u64) -> [u64; 2] {
    let place = |key| KEYS.iter().position(|one| *one == key);
    match form {
        Form::Long => [WAIT_MS, WAIT_MS],
        Form::Short if place(key) < place(CALLED_WAITS_BEHIND) => [WAIT_MS, 0],
        Form::Short => [0, WAIT_MS],
    }
}

/// A step that tells the receiver this key.
fn request(receiver: SocketAddr, key: impl Into<Value>) -> Value {
    json!({"httpRequest": {
        "url": format!("http://{receiver}/"), "timeout": 5_000,
        "data": {"key": key.into(), "call": "${attempt_id}"}
    }})
}

/// A flow of fifteen steps, one of which calls this flow.
fn steps(receiver: SocketAddr, called: i64) -> Value {
    json!([
        {"function": {"name": "tell", "actions": [
            request(receiver, "${n}"), {"set": {"n": "${n}1"}}
        ]}},
        request(receiver, 2),
        {"set": {"n": "1"}},
        {"while": {"condition": "true", "maxSteps": 2, "do": [
            {"execute": {"name": "tell"}},
            {"if": {"expression": "'${n}' === '11'", "then": [{"softSleep": "${loop_ms}"}]}}
        ]}},
        request(receiver, 3),
        {"schema": {"id": called}},
        // As the called flow has left it.
        {"if": {"expression": "'${n}' === '1111'", "then": [request(receiver, 4)]}},
        {"log": "${n}"},
        request(receiver, 5)
    ])
}

/// The flow of four steps that is called.
fn called(receiver: SocketAddr) -> Value {
    json!([
        request(receiver, 6),
        {"softSleep": "${called_ms}"},
        {"set": {"n": "${n}1"}},
        request(receiver, 7)
    ])
}

/// Waits until the call's run has ended.
async fn ends(receiver: &Receiver, installation: &Installation, call: u64) -> Result<()> {
    let begun = Instant::now();
    let last = Event { call, number: KEYS[KEYS.len() - 1] };
    let open = "/api/v1/deliveries?state=pending&state=running&state=retrying&state=waiting&size=1";
    loop {
        let arrivals = receiver.arrivals();
        if arrivals.iter().any(|one| one.event == last && one.answered.is_some())
            && installation.get(open).await?["items"].as_array().is_some_and(Vec::is_empty)
        {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            let last = installation.logged_last();
            return Err(format!("the run of call {call} does not end:\n{last}").into());
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// What came of a call that was killed once: its requests in their order, and twice only one that was
/// under way. Which one that was after an answer, the receiver cannot know: a kill takes its time.
fn is_as_it_should(receiver: &Receiver, target: Event, when: When) -> bool {
    let arrivals = receiver.arrivals();
    let of_call = arrivals.iter().map(|one| one.event).filter(|event| event.call == target.call);
    let came: Vec<_> = of_call.map(|event| event.number).collect();
    let twice: Vec<_> = came.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
    let mut keys = came;
    keys.dedup();
    let may_repeat = match when {
        When::During => twice == [target.number],
        When::After => twice.len() <= 1,
        When::Waiting => twice.is_empty(),
    };
    keys == KEYS && may_repeat
}
