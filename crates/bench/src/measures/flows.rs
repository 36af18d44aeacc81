//! Flows: the interpreter alone, its share of a delivery, and three requests in a row with what is
//! kept of the run between them.

use super::{Database, Rig, latency, sustained};
use bench::{
    Result,
    figures::{Figure, Target},
    installation::{Installation, request},
    nowhere::Nowhere,
    receiver::{Arrivals, Manner, Receiver},
    sender::Events,
};
use flow::{Program, RunSettings};
use model::{JsonMap, flow::FlowMode, trace::AttemptOutcome};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

/// For how long the interpreter runs alone.
const ALONE: Duration = Duration::from_secs(3);
/// Runs between two looks at the clock.
const ROUND: usize = 1_000;
const FLOWS: usize = 20_000;
const CALM_RATE: f64 = 20.0;
const CALM_EVENTS: usize = 400;

/// Measures it.
pub async fn run(rig: &mut Rig) -> Result<()> {
    let ten = alone(ten_steps()).await?;
    let figure = Figure::new("ten steps without I/O", "one core", 1e6 / ten, "runs/s");
    let note = format!("{ten:.1} µs a run, its trace made and thrown away");
    rig.tell(figure.to_reach(Target::AtLeast(50_000.0)).noted(note));
    rig.on_each("three requests", three).await;
    Ok(())
}

/// The mean time of one run by itself, in µs.
async fn alone(steps: Value) -> Result<f64> {
    let program = Program::load(&steps.to_string(), FlowMode::Strict)
        .map_err(|problems| format!("the flow is refused: {problems:?}"))?;
    let (program, world) = (Arc::new(program), Nowhere::default());
    let settings = RunSettings::new("0197b0a2-7c57-7000-8000-000000000000");
    let variables: JsonMap = serde_json::from_value(json!({
        "key": "7", "attempt_id": 4711, "delivery_id": "1", "destination": "+380441234567",
        "cc_result": "abandoned", "wait": 35
    }))?;
    let (begun, mut runs) = (Instant::now(), 0_usize);
    while begun.elapsed() < ALONE {
        for _ in 0..ROUND {
            let ended = flow::run(&program, variables.clone(), &settings, &world).await;
            if ended.outcome != AttemptOutcome::Completed {
                return Err(format!("the flow ended as {:?}", ended.failure).into());
            }
        }
        runs += ROUND;
    }
    Ok(begun.elapsed().as_secs_f64() * 1e6 / runs as f64)
}

/// Ten steps are run, none of which needs anything outside.
fn ten_steps() -> Value {
    json!([
        {"set": {"who": "${destination}", "greeting": "Hello ${destination}"}},
        {"if": {"expression": "${cc_result} === 'abandoned' && ${wait} > 20", "then": [
            {"set": {"urgent": "yes"}}
        ]}},
        {"string": {"data": "${greeting}", "fn": "length", "setVar": "length"}},
        {"switch": {"variable": "${urgent}", "case": {"yes": [{"log": "urgent: ${who}"}]}}},
        {"string": {"data": "${who}", "fn": "reverse", "setVar": "turned"}},
        {"if": {"expression": "${length} * 2 > 10 || !${turned}", "then": [{"log": "${turned}"}]}},
        {"unSet": ["turned"]}
    ])
}

async fn three(rig: &mut Rig, database: Database) -> Result<()> {
    let on = database.to_string();
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    // Those before the last say no key, so the last one's arrival counts.
    let before = |receiver: SocketAddr| {
        json!({"httpRequest": {"url": format!("http://{receiver}/"), "timeout": 10_000,
                               "data": {"call": "${attempt_id}"}}})
    };
    let steps = |receiver| json!([before(receiver), before(receiver), request(receiver)]);
    let calm = calm(&installation, &steps, &on).await?;
    let figure = Figure::new("three requests, p50", &on, calm.p50, "ms");
    rig.tell(figure.to_reach(Target::AtMost(5.0)).noted(format!("p99 {:.1} ms", calm.p99)));
    let what = format!("three requests, {database}");
    let busy = sustained::flood_of(&installation, &what, FLOWS, Events::to, steps).await?;
    let figure = Figure::new("three requests, at saturation", &on, busy.rate, "flows/s");
    rig.tell(figure.to_reach(Target::AtLeast(4_000.0)).noted(busy.told()));

    let what = format!("one request, {database}");
    let one = sustained::flood(&installation, &what, FLOWS, Events::to).await?;
    let interpreter = alone(json!([request(SocketAddr::from(([127, 0, 0, 1], 9)))])).await?;
    let share = interpreter / one.processor_us * 100.0;
    let note = format!(
        "{interpreter:.1} µs of {:.0} µs of processor time for a delivery of one request",
        one.processor_us
    );
    rig.tell(Figure::new("the interpreter's share", &on, share, "%").noted(note));
    Ok(())
}

async fn calm(
    installation: &Installation,
    steps: &impl Fn(SocketAddr) -> Value,
    on: &str,
) -> Result<latency::Latency> {
    let arrivals = Arrivals::of(CALM_EVENTS);
    let receiver = Receiver::start(arrivals.clone(), Manner::default())?;
    let queues = [installation.running(receiver.addr, &steps(receiver.addr)).await?];
    let load = latency::Load { rate: CALM_RATE, batch: 1, queues: &queues, of: 1 };
    latency::of_load(installation, &arrivals, CALM_EVENTS, load, on).await
}
