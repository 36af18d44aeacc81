//! The fields that events carry.

use serde::Serialize;

/// A field of `data`.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: FieldType,
    /// What it means.
    pub about: &'static str,
    /// Its unit, if it has one.
    pub unit: Option<&'static str>,
    /// The values that are known, if they are a list; others pass through unless `closed`.
    pub values: &'static [&'static str],
    /// Whether no other value is allowed.
    pub closed: bool,
    /// A plausible value, as JSON.
    pub example: &'static str,
}

/// The JSON type of a field. `Integer` and `Number` take numeric text as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    String,
    Integer,
    Number,
    Boolean,
}

impl FieldType {
    /// The word in the catalog.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }
}

/// Every field, in the catalog's order.
pub const FIELDS: &[Field] = &[
    Field {
        name: "channel",
        kind: FieldType::String,
        about: "What the attempt is: a call, a chat or a task.",
        unit: None,
        values: &["call", "chat", "task"],
        closed: true,
        example: r#""call""#,
    },
    Field {
        name: "attempt_id",
        kind: FieldType::Integer,
        about: "Number of the distribution attempt, the same in each of its events. Events of one attempt are delivered in order.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"80217"#,
    },
    Field {
        name: "destination",
        kind: FieldType::String,
        about: "The subscriber's number or address.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""+380441234567""#,
    },
    Field {
        name: "use_processing",
        kind: FieldType::Boolean,
        about: "Whether the agent does post-processing after the conversation.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"true"#,
    },
    Field {
        name: "agent_channel_id",
        kind: FieldType::String,
        about: "The agent's session; for a call, the id that a telephony API takes.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""6f1c2a3e-agent""#,
    },
    Field {
        name: "member_channel_id",
        kind: FieldType::String,
        about: "The subscriber's session; for a call, the id that a telephony API takes.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""6f1c2a3e-member""#,
    },
    Field {
        name: "agent_name",
        kind: FieldType::String,
        about: "The agent's name as shown.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""Iryna Bondar""#,
    },
    Field {
        name: "agent_id",
        kind: FieldType::Integer,
        about: "The agent's number.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"41"#,
    },
    Field {
        name: "user_id",
        kind: FieldType::Integer,
        about: "The number of the agent's user account.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"212"#,
    },
    Field {
        name: "agent_extension",
        kind: FieldType::String,
        about: "The agent's extension.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""204""#,
    },
    Field {
        name: "member_name",
        kind: FieldType::String,
        about: "The subscriber's name.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""Olena Koval""#,
    },
    Field {
        name: "member_id",
        kind: FieldType::Integer,
        about: "The subscriber's number in the queue's list of members.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"7310"#,
    },
    Field {
        name: "cc_attempt_seq",
        kind: FieldType::Integer,
        about: "Which attempt for this member it is, counted from 1.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"1"#,
    },
    Field {
        name: "cc_result",
        kind: FieldType::String,
        about: "How the attempt ended. Other systems send more values than the documented ones; they pass through. The spelling sucess is taken as success.",
        unit: None,
        values: &["success", "cancel", "abandoned"],
        closed: false,
        example: r#""success""#,
    },
    Field {
        name: "call_bill_sec",
        kind: FieldType::Number,
        about: "The subscriber's time in conversation, from the answer until now or the end of the call.",
        unit: Some("s"),
        values: &[],
        closed: false,
        example: r#"64"#,
    },
    Field {
        name: "call_duration",
        kind: FieldType::Number,
        about: "The whole call, from the start of dialling until now or its end, without post-processing.",
        unit: Some("s"),
        values: &[],
        closed: false,
        example: r#"87"#,
    },
    Field {
        name: "call_cause",
        kind: FieldType::String,
        about: "Why the call hung up. The known causes are listed below with their Q.850 numbers; others pass through.",
        unit: None,
        values: &[],
        closed: false,
        example: r#""NORMAL_CLEARING""#,
    },
    Field {
        name: "call_sip_code",
        kind: FieldType::Number,
        about: "The SIP status that ended the call, 100 to 699.",
        unit: None,
        values: &[],
        closed: false,
        example: r#"200"#,
    },
    Field {
        name: "amd_result",
        kind: FieldType::String,
        about: "What the answering-machine detection heard. The spelling MASHINE is taken as MACHINE; other values pass through.",
        unit: None,
        values: &["HUMAN", "MACHINE"],
        closed: false,
        example: r#""HUMAN""#,
    },
    Field {
        name: "call_voice_sec",
        kind: FieldType::Number,
        about: "How long subscriber and agent have talked, from their connection until now or the end of the call.",
        unit: Some("s"),
        values: &[],
        closed: false,
        example: r#"58"#,
    },
];
