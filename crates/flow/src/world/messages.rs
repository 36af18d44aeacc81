//! Messages to others than HTTP servers.

use super::Reference;
use model::{JsonMap, flow::syntax::SqlDriver, trace::Failure};
use serde_json::Value;
use std::{future::Future, time::Duration};

/// A question to a database. Its `Debug` hides the address, which has a password in it.
#[derive(Clone, PartialEq)]
pub struct Query {
    pub driver: SqlDriver,
    /// Its address, with user and password.
    pub address: String,
    pub statement: String,
    pub parameters: Vec<Value>,
    pub timeout: Duration,
}

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query")
            .field("driver", &self.driver)
            .field("statement", &self.statement)
            .finish_non_exhaustive()
    }
}

/// A mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// The same for each repeat, another for each visit of the step.
    pub id: String,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    /// Nothing for the profile's own sender.
    pub from: Option<String>,
    pub reply_to: Option<String>,
    pub subject: String,
    pub message: String,
    pub html: bool,
    pub attachments: Vec<Attachment>,
    pub via: MailVia,
}

/// How a mail goes out.
#[derive(Debug, Clone, PartialEq)]
pub enum MailVia {
    Profile(Reference),
    Smtp(Smtp),
}

/// A server for mail. Its `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    pub server: String,
    pub port: u16,
    /// Whether the connection must be encrypted.
    pub tls: bool,
    pub user: Option<String>,
    pub password: Option<String>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("server", &self.server)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    /// Its media type.
    pub kind: String,
    pub content: Vec<u8>,
}

/// A message to a broker.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// Empty for the default exchange.
    pub exchange: String,
    pub topic: String,
    pub body: Value,
}

/// A note to users of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub users: Vec<i64>,
    pub message: String,
    /// One of `model::flow::syntax::NOTES`.
    pub kind: String,
    /// How long it is shown; nothing until it is closed.
    pub timeout: Option<Duration>,
}

/// Databases, mail, brokers and the panel.
pub trait Messages: Sync {
    /// The first row by its columns; nothing if there is none.
    ///
    /// # Errors
    /// When the database cannot be asked, or refuses.
    fn query(&self, query: Query) -> impl Future<Output = Result<Option<JsonMap>, Failure>> + Send;
    /// Sends a mail and gives its id.
    ///
    /// # Errors
    /// When no server has taken it.
    fn mail(&self, mail: Mail) -> impl Future<Output = Result<String, Failure>> + Send;
    /// Publishes a message and waits until the broker has confirmed it.
    ///
    /// # Errors
    /// When the broker has not.
    fn publish(&self, message: Publication) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Shows a note.
    ///
    /// # Errors
    /// When it can be shown to nobody.
    fn notify(&self, note: Notification) -> impl Future<Output = Result<(), Failure>> + Send;
}
