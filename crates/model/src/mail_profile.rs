//! Mail profiles: the servers by which flows send mail.

use crate::{ids::MailProfileId, problem::Problem, time::Millis, user::word};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest server, user, password or sender, in characters.
const TEXT_MAX: usize = 500;

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// Not at all.
    None,
    /// After it has begun in the clear; refused where the server cannot.
    StartTls,
    /// From its start.
    Implicit,
}

impl MailTls {
    pub const ALL: [Self; 3] = [Self::None, Self::StartTls, Self::Implicit];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StartTls => "start_tls",
            Self::Implicit => "implicit",
        }
    }
}

word!(MailTls, "encryption");

/// A mail profile, without its password, which is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailProfile {
    pub id: MailProfileId,
    pub name: String,
    /// A host name or an address.
    pub server: String,
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 65535))]
    pub port: u16,
    pub tls: MailTls,
    /// Null where the server asks for none.
    pub user: Option<String>,
    pub has_password: bool,
    /// The sender of mails that name none, such as `Offhook <hooks@example.org>`.
    pub from: String,
    pub updated_at: Millis,
    /// The person or the token that changed it last.
    pub updated_by: String,
}

/// What a mail profile is to be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MailProfileDraft {
    /// A host name or an address.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub server: String,
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 65535))]
    pub port: u16,
    pub tls: MailTls,
    /// Empty or missing where the server asks for none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub user: Option<String>,
    /// Missing leaves it as it is, which another server is refused; empty is none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub password: Option<String>,
    /// The sender of mails that name none.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub from: String,
}

impl fmt::Debug for MailProfileDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailProfileDraft")
            .field("server", &self.server)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl MailProfileDraft {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, detail: &str| {
            problems.push(Problem::new(format!("/{field}"), detail.to_owned()));
        };
        let server = self.server.trim();
        if server.is_empty() {
            refuse("server", "is needed");
        } else if server.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '@')) {
            refuse("server", "is a host name or an address alone");
        }
        if self.port == 0 {
            refuse("port", "is 1 to 65535");
        }
        if !self.from.contains('@') {
            refuse("from", "is a mail address, such as Offhook <hooks@example.org>");
        }
        let texts = [
            ("server", Some(&self.server)),
            ("user", self.user.as_ref()),
            ("password", self.password.as_ref()),
            ("from", Some(&self.from)),
        ];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            if text.chars().count() > TEXT_MAX {
                refuse(field, "has at most 500 characters");
            } else if text.chars().any(char::is_control) {
                refuse(field, "holds a control character");
            }
        }
        problems
    }
}
