//! The arguments of the actions that look at or change something outside of the flow.

use super::{Number, Step};
use crate::flow::template::{Template, ValueTemplate};

/// What is named by its number or its name. The number wins where both are given.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    pub id: Option<Template>,
    pub name: Option<Template>,
}

/// The arguments of `calendar`.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    pub calendar: Named,
    /// The variable for the answer.
    pub variable: String,
    /// Whether the answer also says why it is closed.
    pub extended: bool,
}

/// The arguments of `cache`.
#[derive(Debug, Clone, PartialEq)]
pub enum Cache {
    /// Variables and the keys that fill them.
    Get(Vec<(String, Template)>),
    /// Keys and their values; the seconds until they expire, 0 for never.
    Set {
        data: Vec<(Template, Template)>,
        ttl: Number,
    },
    Delete(Vec<Template>),
}

/// The arguments of `list`.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    pub list: Named,
    pub destination: Template,
    /// Run if the number is in the list.
    pub actions: Vec<Step>,
}

/// The arguments of `listAdd`.
#[derive(Debug, Clone, PartialEq)]
pub struct ListAdd {
    pub list: Named,
    pub destination: Template,
    pub description: Option<Template>,
    /// Milliseconds since 1970; 0 for never.
    pub expire_at: Option<Number>,
}

/// What `global` sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Global {
    pub value: Template,
    /// Whether it is kept encrypted, and shown nowhere.
    pub encrypt: bool,
}

/// What `sql` can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlDriver {
    Postgres,
    Mysql,
}

/// The names of the drivers.
pub const SQL_DRIVERS: [&str; 4] = ["postgres", "postgresql", "mysql", "mariadb"];

impl SqlDriver {
    /// Reads one of [`SQL_DRIVERS`].
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::Mysql),
            _ => None,
        }
    }
}

/// The arguments of `sql`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sql {
    pub driver: SqlDriver,
    /// The address of the database.
    pub dns: Template,
    pub query: Template,
    pub params: ValueTemplate,
    /// Milliseconds.
    pub timeout: Number,
}

/// The types of a mail's text.
pub const EMAIL_TYPES: [&str; 2] = ["text/html", "text/plain"];

/// The arguments of `sendEmail`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    pub to: Vec<Template>,
    pub cc: Vec<Template>,
    pub from: Option<Template>,
    pub reply_to: Option<Template>,
    pub subject: Template,
    pub message: Template,
    /// Whether the message is HTML.
    pub html: bool,
    pub via: MailVia,
    pub attachments: Vec<Attachment>,
    /// How often it is tried again after an error.
    pub retries: u32,
    /// Variables for the mail's id and for an error.
    pub set_message_id: Option<String>,
    pub set_error: Option<String>,
}

/// How a mail goes out.
#[derive(Debug, Clone, PartialEq)]
pub enum MailVia {
    /// By a stored profile.
    Profile(Named),
    Smtp(Box<Smtp>),
}

/// A server for mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Smtp {
    pub server: Template,
    pub port: Number,
    pub tls: bool,
    pub user: Option<Template>,
    pub password: Option<Template>,
}

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    pub name: Template,
    /// Its media type.
    pub kind: Template,
    pub content: Template,
}

/// The arguments of `mq`.
#[derive(Debug, Clone, PartialEq)]
pub struct Publish {
    pub exchange: Template,
    pub topic: Template,
    pub body: ValueTemplate,
    /// The variable for an error, which is none of the step's then.
    pub set_error: Option<String>,
}

/// The kinds of a notification.
pub const NOTES: [&str; 4] = ["info", "success", "warning", "error"];

/// The arguments of `notification`.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// The numbers of the users.
    pub users: ValueTemplate,
    pub message: Template,
    /// One of [`NOTES`].
    pub kind: String,
    /// Seconds that it is shown.
    pub timeout: Number,
}
