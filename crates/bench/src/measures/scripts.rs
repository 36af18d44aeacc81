//! JavaScript of flows: one script, those that follow, all cores, and a quick one beside many that
//! are hostile.

use super::Rig;
use bench::{
    Result,
    figures::{Figure, Target},
};
use futures::{StreamExt, stream};
use script::{Kind, Limits, Pool, PoolSettings, Script};
use std::time::{Duration, Instant};
use tokio::{task::JoinSet, time::sleep};

/// How many runs are timed, the scripts of each, and what lies between two runs.
const RUNS: usize = 1_000;
const SCRIPTS_OF_A_RUN: usize = 4;
const BETWEEN_RUNS: Duration = Duration::from_millis(5);
/// How many runs come before that.
const WARM_UP: usize = 50;
/// How many scripts all cores are kept busy with.
const SCRIPTS: usize = 10_000;
/// How many flows want a script at once when all cores are to be busy.
const AT_ONCE: usize = 64;
/// How many hostile scripts begin at once, and the processor time that they may use.
const HOSTILE: usize = 200;
const HOSTILE_LIMIT: Duration = Duration::from_millis(100);
const HOSTILE_SOURCES: [&str; 3] =
    ["for (;;);", "return new Array(2 ** 32 - 1).join('')", "const a = []; for (;;) a.push({})"];

/// Measures them in worker processes of the program.
pub async fn run(rig: &mut Rig) -> Result<()> {
    let settings = PoolSettings::of(rig.program.clone());
    let pool = Pool::new(settings.clone());
    timed(&pool, WARM_UP).await?;

    let Timed { first, further } = timed(&pool, RUNS).await?;
    let one = Figure::new("one script, median", "", share(&first, 0.5), "µs");
    let note = "with the hop to its process and a fresh interpreter";
    rig.tell(one.to_reach(Target::AtMost(400.0)).noted(note));
    rig.tell(Figure::new("one script, p99", "", share(&first, 0.99), "µs"));
    let next = Figure::new("further scripts of a run, median", "", share(&further, 0.5), "µs");
    let note =
        format!("{} of them, each begun when the one before has ended", SCRIPTS_OF_A_RUN - 1);
    let less = Target::AtMost(share(&first, 0.5));
    rig.tell(next.to_reach(less).noted(note));
    rig.tell(Figure::new("further scripts of a run, p99", "", share(&further, 0.99), "µs"));

    let begun = Instant::now();
    let all = stream::iter(0..SCRIPTS).map(|_| one_script(&pool)).buffer_unordered(AT_ONCE);
    for took in all.collect::<Vec<_>>().await {
        took?;
    }
    let rate = SCRIPTS as f64 / begun.elapsed().as_secs_f64();
    let note = format!("{} processes, {AT_ONCE} at once", settings.workers);
    rig.tell(Figure::new("scripts", "", rate, "scripts/s").noted(note));

    let limits = Limits { cpu: HOSTILE_LIMIT, ..settings.limits };
    beside_hostile(rig, Pool::new(PoolSettings { limits, ..settings })).await
}

/// Times quick scripts for as long as hostile ones run, all of which begin at once.
async fn beside_hostile(rig: &mut Rig, pool: Pool) -> Result<()> {
    timed(&pool, WARM_UP).await?;
    let begun = Instant::now();
    let mut hostile = JoinSet::new();
    for number in 0..HOSTILE {
        // Each is another one: none is known to be slow before it has run.
        let source = HOSTILE_SOURCES[number % HOSTILE_SOURCES.len()];
        let script = script(Kind::Body, &format!("// {number}\n{source}"));
        let pool = pool.clone();
        hostile.spawn(async move { pool.run(&script).await });
    }
    let mut took = Vec::new();
    while !hostile.is_empty() {
        took.push(one_script(&pool).await?);
        sleep(Duration::from_millis(5)).await;
        while let Some(ended) = hostile.try_join_next() {
            if let Ok(value) = ended? {
                return Err(format!("a hostile script gave {value}").into());
            }
        }
    }
    let note = format!("{HOSTILE} at once, done after {:.1} s", begun.elapsed().as_secs_f64());
    took.sort();
    let ms = |which| share(&took, which) / 1_000.0;
    rig.tell(Figure::new("a script beside hostile ones, p50", "", ms(0.5), "ms").noted(note));
    rig.tell(Figure::new("a script beside hostile ones, p99", "", ms(0.99), "ms"));
    rig.tell(Figure::new("a script beside hostile ones, max", "", ms(1.0), "ms"));
    Ok(())
}

/// How long scripts took, in order of time.
struct Timed {
    /// The first ones of each run.
    first: Vec<Duration>,
    further: Vec<Duration>,
}

/// Times the scripts of so many runs, one after the other.
async fn timed(pool: &Pool, runs: usize) -> Result<Timed> {
    let mut timed = Timed { first: Vec::new(), further: Vec::new() };
    for _ in 0..runs {
        sleep(BETWEEN_RUNS).await;
        // In a task, as the server runs a flow: this one may be on a thread that no answer wakes.
        let pool = pool.clone();
        let run = tokio::spawn(async move {
            let mut took = Vec::with_capacity(SCRIPTS_OF_A_RUN);
            for _ in 0..SCRIPTS_OF_A_RUN {
                took.push(one_script(&pool).await?);
            }
            Ok::<_, bench::Error>(took)
        });
        let took = run.await??;
        timed.first.extend(&took[..1]);
        timed.further.extend(&took[1..]);
    }
    timed.first.sort();
    timed.further.sort();
    Ok(timed)
}

/// What a step of a flow would ask for.
async fn one_script(pool: &Pool) -> Result<Duration> {
    let mut script = script(Kind::Expression, "v0.trim().replace(/-/g, ' ') + v1.length");
    script.bindings =
        vec![("v0".to_owned(), " call-4711 ".into()), ("v1".to_owned(), "abandoned".into())];
    let begun = Instant::now();
    let value = pool.run(&script).await?;
    let took = begun.elapsed();
    if value != "call 47119" {
        return Err(format!("the script gave {value}").into());
    }
    Ok(took)
}

fn script(kind: Kind, source: &str) -> Script {
    Script { kind, source: source.to_owned(), bindings: Vec::new(), zone: "UTC".to_owned() }
}

/// What so large a share took at most, in µs.
fn share(sorted: &[Duration], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e6)
}
