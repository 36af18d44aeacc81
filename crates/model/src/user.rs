//! Who may do what: users with roles, tokens with scopes.

use crate::{
    ids::{TokenId, UserId},
    time::Millis,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a user may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything but users and tokens.
    Viewer,
    /// Changes queues, hooks and flows; replays.
    Editor,
    /// Manages users and tokens as well.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// The word in the database, the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Post events.
    Ingest,
    /// Change queues, hooks and flows; replay.
    Manage,
    /// Read the log.
    Read,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Manage, Self::Read];

    /// The word in the database, the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Manage => "manage",
            Self::Read => "read",
        }
    }
}

/// A word that names no member of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} \"{given}\"; one of {allowed}")]
pub struct UnknownWord {
    pub what: &'static str,
    pub given: String,
    pub allowed: String,
}

macro_rules! word {
    ($name:ident, $what:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = $crate::user::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| {
                    $crate::user::UnknownWord {
                        what: $what,
                        given: text.into(),
                        allowed: Self::ALL.map(|one| one.as_str()).join(", "),
                    }
                })
            }
        }
    };
}
pub(crate) use word;

word!(Role, "role");
word!(Scope, "scope");

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub login: String,
    pub role: Role,
    pub created_at: Millis,
    pub last_seen_at: Option<Millis>,
}

/// An API token, without its secret, which is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The first characters of the secret, to tell tokens apart.
    pub hint: String,
    pub created_at: Millis,
    pub last_used_at: Option<Millis>,
}
