//! What the sample contact centre consists of.

use model::{
    catalog::{
        EventKind::{self, Answered, Bridged, Joined, Leaving, Missed, Offering, Processing},
        QueueType,
    },
    flow::FlowMode,
};

/// A flow of the sample.
pub struct SampleFlow {
    pub name: &'static str,
    pub description: &'static str,
    pub mode: FlowMode,
    /// The flow that runs when a delivery of this one dies.
    pub failure_flow: Option<&'static str>,
    /// The waits between attempts of its hooks' deliveries, in milliseconds, where they are not the
    /// usual ones.
    pub retry_waits_ms: Option<&'static [i64]>,
    /// JSON; `RECEIVER` stands for the receiver's host and port.
    pub source: &'static str,
}

/// A queue of the sample, with its hooks.
pub struct SampleQueue {
    pub name: &'static str,
    pub kind: QueueType,
    pub description: &'static str,
    /// A JSON object.
    pub variables: &'static str,
    pub hooks: &'static [SampleHook],
}

/// Event, flow and condition.
pub type SampleHook = (EventKind, &'static str, &'static str);

impl SampleFlow {
    /// A strict flow whose deliveries are as any.
    const fn new(name: &'static str, description: &'static str, source: &'static str) -> Self {
        Self {
            name,
            description,
            mode: FlowMode::Strict,
            failure_flow: None,
            retry_waits_ms: None,
            source,
        }
    }
}

const CONTACT: &str = "CRM: find or make the contact";
const SCREEN: &str = "Agent desktop: show who it is";
const RESULT: &str = "CRM: write down the result";
const CALLBACK: &str = "Callback: book one";
const ALERT: &str = "Alert: tell the supervisors";
const WALLBOARD: &str = "Wallboard: count the event";

const TEXT: &str = "Text: whoever gave up waiting";
const CONTACT_FAILED: &str = "CRM: leave the contact to a person";

/// The flows.
pub const FLOWS: &[SampleFlow] = &[
    SampleFlow {
        failure_flow: Some(CONTACT_FAILED),
        // Who calls has hung up before the usual waits are over.
        retry_waits_ms: Some(&[1_000, 5_000]),
        ..SampleFlow::new(
            CONTACT,
            "Puts the subscriber into the CRM, first in line if the list VIP says so, and keeps \
             the contact's id.",
            include_str!("flows/contact.json"),
        )
    },
    SampleFlow::new(
        SCREEN,
        "Shows the subscriber's card to the agent whose telephone rings.",
        include_str!("flows/screen.json"),
    ),
    SampleFlow::new(
        RESULT,
        "Writes an activity into the CRM: who talked, or why nobody did.",
        include_str!("flows/result.json"),
    ),
    SampleFlow::new(
        CALLBACK,
        "Asks for a callback and looks until it is booked: a function and a loop.",
        include_str!("flows/callback.json"),
    ),
    SampleFlow::new(
        ALERT,
        "Tells one room after the other, with a wait between them, until somebody has seen it.",
        include_str!("flows/alert.json"),
    ),
    SampleFlow {
        mode: FlowMode::Lenient,
        ..SampleFlow::new(
            WALLBOARD,
            "Counts the day's events for the screen on the wall. Lenient: a lost count is no harm.",
            include_str!("flows/wallboard.json"),
        )
    },
    SampleFlow::new(
        TEXT,
        "Texts whoever gave up waiting: once an hour at most, by the hours of the office, and \
         nobody on the list No texts.",
        include_str!("flows/text.json"),
    ),
    SampleFlow::new(
        CONTACT_FAILED,
        "Tells the operations room, and whoever looks after Offhook, of a contact that the CRM did \
         not take.",
        include_str!("flows/failed.json"),
    ),
];

const ABANDONED: &str = r#"cc_result == "abandoned""#;

/// The queues: one of every type.
pub const QUEUES: &[SampleQueue] = &[
    SampleQueue {
        name: "Support line",
        kind: QueueType::Inbound,
        description: "Customers who call for help.",
        variables: r#"{"crm_project": "support", "sla_seconds": 20}"#,
        hooks: &[
            (Joined, CONTACT, ""),
            (Joined, WALLBOARD, ""),
            (Offering, SCREEN, ""),
            (Missed, ALERT, ""),
            (Leaving, RESULT, ""),
            (Leaving, CALLBACK, ABANDONED),
            (Leaving, TEXT, ABANDONED),
            (Leaving, ALERT, r#"cc_result == "abandoned" && vip == true"#),
        ],
    },
    SampleQueue {
        name: "Website chat",
        kind: QueueType::ChatInbound,
        description: "Questions from the website.",
        variables: r#"{"crm_project": "support", "site": "www"}"#,
        hooks: &[
            (Joined, CONTACT, ""),
            (Offering, SCREEN, ""),
            (Leaving, RESULT, ""),
            (Leaving, ALERT, ABANDONED),
        ],
    },
    SampleQueue {
        name: "E-mail requests",
        kind: QueueType::Task,
        description: "Letters, worked off as tasks.",
        variables: r#"{"crm_project": "back-office"}"#,
        hooks: &[(Bridged, WALLBOARD, ""), (Processing, RESULT, "")],
    },
    SampleQueue {
        name: "Renewals",
        kind: QueueType::Preview,
        description: "Contracts about to end; the agent reads first, then dials.",
        variables: r#"{"crm_project": "sales", "campaign": "renewals"}"#,
        hooks: &[(Offering, SCREEN, ""), (Answered, WALLBOARD, ""), (Leaving, RESULT, "")],
    },
    SampleQueue {
        name: "Delivery reminders",
        kind: QueueType::Progressive,
        description: "Tells customers when their order comes.",
        variables: r#"{"crm_project": "delivery"}"#,
        hooks: &[(Bridged, SCREEN, ""), (Leaving, RESULT, r#"cc_result == "success""#)],
    },
    SampleQueue {
        name: "Spring campaign",
        kind: QueueType::Predictive,
        description: "An offer to those who asked for one.",
        variables: r#"{"crm_project": "sales", "campaign": "spring"}"#,
        hooks: &[
            (Offering, SCREEN, ""),
            (Leaving, RESULT, "call_voice_sec > 30"),
            (Leaving, CALLBACK, ABANDONED),
            (Leaving, TEXT, ABANDONED),
            (Leaving, ALERT, ABANDONED),
        ],
    },
    SampleQueue {
        name: "Appointment confirmations",
        kind: QueueType::OutboundIvr,
        description: "A recording asks whether the appointment stands.",
        variables: r#"{"crm_project": "clinic"}"#,
        hooks: &[(Bridged, WALLBOARD, ""), (Leaving, RESULT, "")],
    },
    SampleQueue {
        name: "Call-back list",
        kind: QueueType::Offline,
        description: "Numbers that agents call when they have time.",
        variables: r#"{"crm_project": "support"}"#,
        hooks: &[(Offering, SCREEN, ""), (Leaving, RESULT, "")],
    },
];
