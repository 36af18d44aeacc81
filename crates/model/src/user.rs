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

/// Somebody, or some program, that asks for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The login or the token's name, for the record of who did what.
    pub name: String,
    pub grant: Grant,
}

/// What an actor's rights rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    User(UserId, Role),
    Token(Vec<Scope>),
    /// The command line on the machine itself.
    Operator,
}

/// What an act needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Post events.
    Ingest,
    /// See queues, hooks, flows and the log.
    Read,
    /// Change queues, hooks and flows; send tests; replay.
    Edit,
    /// Change variables of the installation, secrets and mail profiles.
    Configure,
    /// Manage users and tokens.
    Administer,
}

impl Permission {
    /// What would allow it, in words for the one who was refused.
    fn needs(self) -> &'static str {
        match self {
            Self::Ingest => "a token with the scope ingest",
            Self::Read => "a signed-in user, or a token with the scope read",
            Self::Edit => "the role editor or admin, or a token with the scope manage",
            Self::Configure => "the role admin, or a token with the scope manage",
            Self::Administer => "the role admin",
        }
    }
}

/// The actor may not do this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} may not do this: it needs {needs}")]
pub struct Denied {
    pub name: String,
    pub needs: &'static str,
}

impl Actor {
    /// The command line on the machine itself, which may do everything.
    pub fn operator() -> Self {
        Self { name: "operator".into(), grant: Grant::Operator }
    }

    /// Whether the actor has this permission.
    pub fn has(&self, permission: Permission) -> bool {
        match &self.grant {
            Grant::Operator => true,
            Grant::User(_, role) => match permission {
                Permission::Ingest => false,
                Permission::Read => true,
                Permission::Edit => *role >= Role::Editor,
                Permission::Configure | Permission::Administer => *role == Role::Admin,
            },
            Grant::Token(scopes) => match permission {
                Permission::Ingest => scopes.contains(&Scope::Ingest),
                // Whoever may change a thing may see it.
                Permission::Read => {
                    scopes.contains(&Scope::Read) || scopes.contains(&Scope::Manage)
                }
                Permission::Edit | Permission::Configure => scopes.contains(&Scope::Manage),
                Permission::Administer => false,
            },
        }
    }

    /// Refuses an actor without this permission.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.has(permission) {
            Ok(())
        } else {
            Err(Denied { name: self.name.clone(), needs: permission.needs() })
        }
    }
}
