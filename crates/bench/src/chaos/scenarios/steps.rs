//! The process is killed at every step of a flow that has loops, waits, functions and requests: each
//! request arrives once, but for the one that was under way.

use crate::{
    Result,
    chaos::{
        Event, Setting, Verdict,
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
const KEYS: [u64; 6] = [2, 1, 11, 3, 4, 5];
/// The request behind which the run waits, and how long it does.
const WAITS_BEHIND: u64 = 1;
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
    let flow = installation.flow("Twelve steps", &steps(receiver.addr)).await?;
    let queue = installation.queue("Steps").await?;
    installation.hook(queue, flow).await?;

    let each = KEYS.iter().flat_map(|key| [(*key, When::During), (*key, When::After)]);
    let each: Vec<_> = each.chain([(WAITS_BEHIND, When::Waiting)]).collect();
    let rounds = setting.size(1, 5);
    let mut wrong = Vec::new();
    let mut accepted = Vec::new();
    for (number, (key, when)) in (0..rounds).flat_map(|_| each.clone()).enumerate() {
        let call = number as u64;
        let target = Event { call, number: key };
        *aim.lock().unwrap_or_else(PoisonError::into_inner) = Some((target, when));
        let event = json!({"queue_id": queue, "event": "joined", "data": {"attempt_id": call}});
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
    let mut verdict = Verdict::of(&accepted, &receiver.arrivals(), true);
    // The requests of a run come in the order of its steps, whatever their keys are.
    verdict.late.clear();
    verdict.doubled.extend(wrong);
    verdict.notes.push(format!("killed {} times", each.len() * rounds));
    Ok(verdict)
}

/// A flow of fourteen steps.
fn steps(receiver: SocketAddr) -> Value {
    let request = |key: Value| {
        json!({"httpRequest": {
            "url": format!("http://{receiver}/"), "timeout": 5_000,
            "data": {"key": key, "call": "${attempt_id}"}
        }})
    };
    json!([
        {"function": {"name": "tell", "actions": [
            request("${n}".into()), {"set": {"n": "${n}1"}}
        ]}},
        request(2.into()),
        {"set": {"n": "1"}},
        {"while": {"condition": "true", "maxSteps": 2, "do": [
            {"execute": {"name": "tell"}},
            {"if": {"expression": "'${n}' === '11'", "then": [{"softSleep": WAIT_MS}]}}
        ]}},
        request(3.into()),
        {"if": {"expression": "'${n}' === '111'", "then": [request(4.into())]}},
        {"log": "${n}"},
        request(5.into())
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
