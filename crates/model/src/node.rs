//! The processes that serve an installation, called nodes, and what each of them does.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A part of what is to be done, which a node may leave to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// Serves the pages, and the API but for events.
    Panel,
    /// Takes events.
    Intake,
    /// Runs deliveries.
    Dispatch,
}

impl NodeRole {
    pub const ALL: [Self; 3] = [Self::Panel, Self::Intake, Self::Dispatch];

    /// The word in settings and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Intake => "intake",
            Self::Dispatch => "dispatch",
        }
    }
}

crate::user::word!(NodeRole, "role");

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRoles {
    pub panel: bool,
    pub intake: bool,
    pub dispatch: bool,
}

impl NodeRoles {
    pub const ALL: Self = Self { panel: true, intake: true, dispatch: true };

    /// Whether it has this role.
    pub fn has(self, role: NodeRole) -> bool {
        match role {
            NodeRole::Panel => self.panel,
            NodeRole::Intake => self.intake,
            NodeRole::Dispatch => self.dispatch,
        }
    }

    /// The roles that it has.
    pub fn each(self) -> Vec<NodeRole> {
        NodeRole::ALL.into_iter().filter(|role| self.has(*role)).collect()
    }
}

impl fmt::Display for NodeRoles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.each().into_iter().map(NodeRole::as_str).collect();
        f.write_str(&words.join(", "))
    }
}

/// Why a list of roles is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRoles {
    #[error(transparent)]
    Unknown(#[from] crate::user::UnknownWord),
    #[error("a node has at least one role")]
    None,
}

/// Reads roles that stand between commas.
impl FromStr for NodeRoles {
    type Err = BadRoles;

    fn from_str(text: &str) -> Result<Self, BadRoles> {
        let mut roles = Self { panel: false, intake: false, dispatch: false };
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word.parse()? {
                NodeRole::Panel => roles.panel = true,
                NodeRole::Intake => roles.intake = true,
                NodeRole::Dispatch => roles.dispatch = true,
            }
        }
        if roles.each().is_empty() { Err(BadRoles::None) } else { Ok(roles) }
    }
}

/// How a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// It was heard of a moment ago.
    Alive,
    /// It has been silent for too long; others take up what it held.
    Lost,
    /// It was told to stop, and handed on what it held.
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_as_they_are_written() {
        for text in ["panel", "intake, dispatch", "panel, intake, dispatch"] {
            assert_eq!(text.parse::<NodeRoles>().unwrap().to_string(), text);
        }
        assert_eq!("dispatch,panel,,intake,panel".parse(), Ok(NodeRoles::ALL));
        let said = |text: &str| text.parse::<NodeRoles>().unwrap_err().to_string();
        assert!(said("panel,web").contains("panel, intake, dispatch"), "{}", said("panel,web"));
        assert_eq!(said(" , "), "a node has at least one role");
    }
}
