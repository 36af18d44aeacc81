//! Flows: a name and its immutable versions, each an array of steps.
//!
//! [`syntax`] is the tree, [`language`] describes the actions as data, [`check`] reads and validates
//! JSON text by it, [`expression`] is the expressions of `if` and `while`.

pub mod check;
pub mod expression;
pub mod import;
pub mod json;
pub mod language;
pub mod path;
pub mod script;
pub mod syntax;
pub mod template;
pub mod xpath;

use crate::{JsonMap, ids::FlowId, time::Millis};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a flow is for. Hooks run `default` and `service` flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    Default,
    Service,
    Voice,
    Chat,
    Processing,
}

impl FlowKind {
    pub const ALL: [Self; 5] =
        [Self::Service, Self::Default, Self::Voice, Self::Chat, Self::Processing];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Service => "service",
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Processing => "processing",
        }
    }

    /// Whether a hook may run it.
    pub fn fits_a_hook(self) -> bool {
        matches!(self, Self::Default | Self::Service)
    }
}

crate::user::word!(FlowKind, "flow type");

/// What happens when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowMode {
    /// The first error fails the attempt, which is retried.
    #[default]
    Strict,
    /// The error is recorded and the next step runs.
    Lenient,
}

impl FlowMode {
    pub const ALL: [Self; 2] = [Self::Strict, Self::Lenient];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        }
    }
}

crate::user::word!(FlowMode, "mode");

/// A flow with one of its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    pub id: FlowId,
    pub name: String,
    pub kind: FlowKind,
    pub description: String,
    /// The newest version's number, from 1.
    pub current: u32,
    pub version: FlowVersion,
    /// Members that other tools keep with it and Offhook has no use for, by name; given back as
    /// they came, and not sent to the browser.
    #[serde(skip)]
    pub extras: JsonMap,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// One saved state of a flow; never changed afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowVersion {
    pub number: u32,
    pub mode: FlowMode,
    /// The array of steps as JSON text, as the person laid it out, each step with its `_id`.
    pub source: String,
    pub saved_at: Millis,
    /// The login or the token's name of who saved it.
    pub saved_by: String,
}

/// What a person fills in for a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowDraft {
    pub name: String,
    pub kind: FlowKind,
    pub description: String,
    pub mode: FlowMode,
    /// The array of steps as JSON text.
    pub source: String,
    /// What other tools keep with it, as a whole; nothing leaves it as it is.
    #[serde(default)]
    pub extras: Option<JsonMap>,
}

/// A row of the flow list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRow {
    pub id: FlowId,
    pub name: String,
    pub kind: FlowKind,
    pub mode: FlowMode,
    pub current: u32,
    /// How many hooks run it.
    pub hooks: u32,
    pub updated_at: Millis,
    pub saved_by: String,
}

/// What the flow list is narrowed to. An empty text or list narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowFilter {
    /// A part of the name, in any case, or the whole id.
    pub search: String,
    /// The whole name, in any case; `*` stands for any characters. Each must fit.
    pub patterns: Vec<String>,
    pub ids: Vec<FlowId>,
    pub kinds: Vec<FlowKind>,
    pub mode: Option<FlowMode>,
    /// Only flows that a hook may run.
    pub for_hooks: bool,
    /// Names of tags, of which a flow has at least one; from the members kept for other tools.
    pub tags: Vec<String>,
    /// Whether it was drawn in the original's editor; from the members kept for other tools.
    pub editor: Option<bool>,
    /// One of [`Self::SORTS`]; by name otherwise.
    pub sort: crate::page::Sort,
}

impl FlowFilter {
    /// What the list can be sorted by; `updated` and `updated_at` are the same.
    pub const SORTS: &[&str] = &[
        "name",
        "id",
        "type",
        "description",
        "mode",
        "editor",
        "created_at",
        "updated",
        "updated_at",
    ];
}
