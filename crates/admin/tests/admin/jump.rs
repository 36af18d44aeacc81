//! Jumping: what is found, and what comes first.

use crate::support::*;
use model::{
    catalog::EventKind,
    jump::{Fit, Found, Target},
};

impl House {
    /// What is found, a line each: how well it fits, and what it is.
    async fn jump(&self, search: &str) -> Vec<String> {
        let found = self.admin.jump(&viewer(), search).await.unwrap();
        found.iter().map(line).collect()
    }
}

fn line(found: &Found) -> String {
    let fit = match found.fit {
        Fit::Exact => "exact",
        Fit::Start => "start",
        Fit::Word => "word",
        Fit::Part => "part",
    };
    let what = match &found.target {
        Target::Queue { name, .. } => format!("queue {name}"),
        Target::Flow { name, .. } => format!("flow {name}"),
        Target::Hook { queue_name, event, flow_name, .. } => {
            format!("hook {queue_name}: {event} → {flow_name}")
        }
        other => format!("{other:?}"),
    };
    format!("{fit} {what}")
}

#[tokio::test]
async fn the_best_fit_comes_first_whatever_its_kind() {
    let house = House::new().await;
    for name in ["Resales", "Sales", "Sales, north", "Our sales"] {
        house.queue(name).await;
    }
    house.flow("Sales report").await;
    assert_eq!(
        house.jump(" sales ").await,
        [
            "exact queue Sales",
            "start queue Sales, north",
            "start flow Sales report",
            "word queue Our sales",
            "part queue Resales",
        ]
    );
    assert_eq!(house.jump("").await, [""; 0]);
    assert_eq!(house.jump(&"sales ".repeat(100)).await, [""; 0]);
}

#[tokio::test]
async fn a_number_finds_what_has_it_and_words_find_a_hook_across_its_parts() {
    let house = House::new().await;
    let queue = house.queue("Support line").await;
    let flow = house.flow("Tell the CRM").await;
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    assert_eq!((queue.id.0, flow.id.0, hook.id.0), (1, 1, 1));
    let all = [
        "exact queue Support line",
        "exact flow Tell the CRM",
        "exact hook Support line: joined → Tell the CRM",
    ];
    assert_eq!(house.jump("1").await, all);
    assert_eq!(house.jump("#1").await, all);
    assert_eq!(
        house.jump("crm joined supp").await,
        ["part hook Support line: joined → Tell the CRM"]
    );
    assert_eq!(house.jump("crm missed").await, [""; 0]);
}

#[tokio::test]
async fn no_kind_crowds_the_others_out() {
    let house = House::new().await;
    for number in 0..30 {
        house.queue(&format!("Line {number:02}")).await;
    }
    house.flow("A line of its own").await;
    let found = house.jump("line").await;
    assert_eq!(found.iter().filter(|line| line.contains("queue")).count(), 8);
    assert_eq!(found.last().unwrap(), "word flow A line of its own");
}
