//! How long a page of the lists takes in a large installation: the panel's queues, hooks and
//! flows. It is to be under 100 ms.

use crate::{
    Result,
    fill::{self, DELIVERIES, FLOWS, Filled, HOOKS, QUEUES, fill},
    report::{self, Timed},
};
use model::{
    catalog::{EventKind, QueueType},
    flow::FlowFilter,
    hook::HookFilter,
    many::AT_ONCE,
    page::{Paging, Sort},
    queue::QueueFilter,
};
use std::time::Instant;
use storage::Storage;
use tempfile::TempDir;

/// What a page may take, in ms.
const LIMIT_MS: f64 = 100.0;
/// How often each page is asked for, after being asked for once to warm up.
const RUNS: usize = 60;
const HOUR_MS: i64 = 3_600_000;

/// Fills a database and times the lists.
pub async fn run() -> Result<()> {
    let folder = TempDir::new()?;
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = storage::open(&url).await?;
    store.migrate().await?;
    let begun = Instant::now();
    let filled = fill(&*store).await?;
    println!(
        "filled in {:.0} s: {QUEUES} queues, {} hooks, {FLOWS} flows, {DELIVERIES} deliveries",
        begun.elapsed().as_secs_f64(),
        QUEUES * HOOKS
    );
    report::print("queues", &queues(&*store, &filled).await?, LIMIT_MS);
    report::print("hooks of one queue", &hooks_of_one(&*store, &filled).await?, LIMIT_MS);
    report::print("hooks of all queues", &hooks(&*store, &filled).await?, LIMIT_MS);
    report::print("flows", &flows(&*store).await?, LIMIT_MS);
    Ok(())
}

/// Asks for something again and again.
async fn timed(what: impl Into<String>, ask: impl AsyncFn() -> Result<()>) -> Result<Timed> {
    ask().await?;
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let begun = Instant::now();
        ask().await?;
        runs.push(begun.elapsed());
    }
    Ok(Timed { what: what.into(), runs })
}

/// The last page of so many rows.
fn last(rows: usize) -> Paging {
    let size = Paging::default().size;
    Paging { page: u32::try_from(rows.div_ceil(size as usize)).unwrap_or(u32::MAX), size }
}

fn first() -> Paging {
    Paging::default()
}

/// As many rows as a page may have.
fn full() -> Paging {
    Paging { page: 1, size: AT_ONCE as u32 }
}

/// Each column both ways.
fn sorts(columns: &[&str]) -> impl Iterator<Item = String> {
    let both = columns.iter().flat_map(|column| [(*column).to_owned(), format!("-{column}")]);
    both.collect::<Vec<_>>().into_iter()
}

async fn queues(store: &dyn Storage, filled: &Filled) -> Result<Vec<Timed>> {
    let all = QueueFilter::default;
    let mut cases = vec![
        ("first page".to_owned(), all(), first()),
        ("last page".to_owned(), all(), last(QUEUES)),
        (format!("{AT_ONCE} rows"), all(), full()),
        ("search".to_owned(), QueueFilter { search: "night".into(), ..all() }, first()),
        (
            "search, last page".to_owned(),
            QueueFilter { search: "night".into(), ..all() },
            last(833),
        ),
        ("search, nothing".to_owned(), QueueFilter { search: "nobody".into(), ..all() }, first()),
        ("type".to_owned(), QueueFilter { kinds: vec![QueueType::Inbound], ..all() }, first()),
        ("state".to_owned(), QueueFilter { enabled: Some(false), ..all() }, first()),
    ];
    for sort in sorts(&["name", "type", "id"]) {
        let filter = QueueFilter { sort: Sort::parse(&sort), ..all() };
        cases.push((format!("sort {sort}"), filter, first()));
    }
    let since = filled.now.plus(-HOUR_MS);
    let mut all = Vec::new();
    for (what, filter, paging) in cases {
        all.push(
            timed(what, async || {
                store.queues(&filter, paging, since).await?;
                Ok(())
            })
            .await?,
        );
    }
    Ok(all)
}

async fn time_hooks(
    store: &dyn Storage,
    filled: &Filled,
    cases: Vec<(String, HookFilter, Paging)>,
) -> Result<Vec<Timed>> {
    let mut all = Vec::new();
    for (what, filter, paging) in cases {
        all.push(
            timed(what, async || {
                store.hooks(&filter, paging, filled.now).await?;
                Ok(())
            })
            .await?,
        );
    }
    Ok(all)
}

async fn hooks_of_one(store: &dyn Storage, filled: &Filled) -> Result<Vec<Timed>> {
    let middle = filled.queues[filled.queues.len() / 2];
    let all = || HookFilter::of_queue(middle);
    let mut cases = vec![
        ("first page".to_owned(), all(), first()),
        ("search".to_owned(), HookFilter { search: "crm".into(), ..all() }, first()),
        ("event".to_owned(), HookFilter { events: vec![EventKind::Joined], ..all() }, first()),
    ];
    for sort in sorts(&["event", "flow"]) {
        let filter = HookFilter { sort: Sort::parse(&sort), ..all() };
        cases.push((format!("sort {sort}"), filter, first()));
    }
    time_hooks(store, filled, cases).await
}

async fn hooks(store: &dyn Storage, filled: &Filled) -> Result<Vec<Timed>> {
    let all = HookFilter::default;
    let search = |text: &str| HookFilter { search: text.into(), ..all() };
    let mut cases = vec![
        ("first page".to_owned(), all(), first()),
        ("last page".to_owned(), all(), last(fill::QUEUES * HOOKS)),
        (format!("{AT_ONCE} rows"), all(), full()),
        ("search a flow".to_owned(), search("flow 07"), first()),
        ("search a queue".to_owned(), search("night shift 4001"), first()),
        ("search a condition".to_owned(), search("bill_sec > 4"), first()),
        ("search what most have".to_owned(), search("crm"), first()),
        ("search what most have, last page".to_owned(), search("crm"), last(QUEUES * HOOKS)),
        ("search, nothing".to_owned(), search("nobody"), first()),
        ("event".to_owned(), HookFilter { events: vec![EventKind::Missed], ..all() }, first()),
        ("state".to_owned(), HookFilter { enabled: Some(false), ..all() }, first()),
        ("flow".to_owned(), HookFilter::of_flow(filled.flows[7]), first()),
        ("queue".to_owned(), HookFilter::of_queue(filled.queues[4_321]), first()),
    ];
    for sort in sorts(&["queue", "event", "flow", "id"]) {
        let filter = HookFilter { sort: Sort::parse(&sort), ..all() };
        cases.push((format!("sort {sort}"), filter, first()));
    }
    let by_queue = HookFilter { sort: Sort::parse("queue"), ..all() };
    cases.push(("sort queue, last page".to_owned(), by_queue, last(QUEUES * HOOKS)));
    time_hooks(store, filled, cases).await
}

async fn flows(store: &dyn Storage) -> Result<Vec<Timed>> {
    let all = FlowFilter::default;
    let mut timings = Vec::new();
    for (what, filter) in [
        ("first page", all()),
        ("search", FlowFilter { search: "flow 07".into(), ..all() }),
        ("sort -updated", FlowFilter { sort: Sort::parse("-updated"), ..all() }),
    ] {
        timings.push(
            timed(what, async || {
                store.flows(&filter, first()).await?;
                Ok(())
            })
            .await?,
        );
    }
    Ok(timings)
}
