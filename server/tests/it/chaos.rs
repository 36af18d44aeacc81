//! Failures, injected for a few seconds each: nothing is lost, nothing comes twice without a cause,
//! nothing is out of order without a mark. `make chaos` goes on for longer, and has more of them.

use crate::support::OFFHOOK;
use bench::chaos::{Form, Scenario, Setting};

/// The choices of chance, the same in every run.
const SEED: u64 = 4;

async fn holds(scenario: Scenario) {
    if let Some(lacking) = scenario.lacks() {
        panic!("{scenario:?} cannot be tried: {lacking}");
    }
    let setting = Setting { program: OFFHOOK.into(), form: Form::Short, seed: SEED };
    let verdict = scenario.run(&setting).await.unwrap();
    assert!(verdict.holds(), "seed {SEED}: {verdict}\n{verdict:?}");
    assert!(verdict.accepted > 0, "nothing was accepted");
}

macro_rules! scenarios {
    ($($name:ident: $scenario:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            holds(Scenario::$scenario).await;
        }
    )*};
}

scenarios! {
    kills_lose_nothing: Kills,
    a_freeze_loses_nothing: Freeze,
    a_receiver_that_fails_gets_everything: Fails,
    a_receiver_that_drips_its_headers_gets_everything: DripsHeaders,
    a_receiver_that_drips_its_bodies_gets_everything: DripsBody,
    a_receiver_that_never_answers_gets_everything_later: NeverAnswers,
    a_receiver_that_resets_gets_everything: Resets,
    a_body_without_end_ends: Endless,
    a_name_that_resolves_later_loses_nothing: Names,
    a_full_disk_loses_nothing: Disk,
    a_clock_that_is_set_loses_nothing: Clock,
    a_torn_log_keeps_what_came_before_the_tear: Torn,
    few_files_lose_nothing: Descriptors,
    a_kill_at_any_step_repeats_no_request_but_the_one_under_way: Steps,
    nor_does_it_on_postgresql: PostgresSteps,
    postgresql_kept_what_a_killed_server_accepted: PostgresKills,
    postgresql_may_be_killed_itself: PostgresGone,
    three_nodes_bear_that_as_well: NodesPostgresGone,
    nodes_that_come_and_go_repeat_nothing: NodeRestarts,
    one_of_three_nodes_may_be_killed: NodeKills,
    one_of_three_nodes_may_freeze: NodeFreeze,
}
