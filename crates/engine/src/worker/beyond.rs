//! The world of a flow beyond its requests: the clock, other flows, and what this installation has
//! not: that is said as the step's error, and nothing is pretended.

use super::{children, installation::no_such, outside::Outside};
use crate::{clock, messages::MailServer};
use flow::{
    Child, ChildCall, Clock, Context, Flows, GlobalValue, Mail, MailVia, Messages, Notification,
    Program, Publication, Query, Script, Scripts,
};
use jiff::Timestamp;
use model::{
    JsonMap,
    flow::script::ScriptKind,
    ids::FlowId,
    trace::{Failure, FailureClass},
};
use script::ScriptError;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// The failure of a step that needs what is not here.
pub(super) fn not_set_up(what: &str) -> Failure {
    let detail = format!("the step needs {what}: not set up on this installation");
    Failure::new(FailureClass::NotSetUp, detail)
}

fn no_flow(id: FlowId) -> Failure {
    Failure::new(FailureClass::Flow, format!("there is no flow {id}"))
}

impl Context for Outside<'_> {
    fn global(&self, name: &str) -> Option<GlobalValue> {
        match self.own_variable(name) {
            Some(own) => self.vault.value_of(&own),
            None => self.vault.variable(name),
        }
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.vault.secret(name)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(clock::now().0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Clock for Outside<'_> {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn random(&self) -> u64 {
        rand::random()
    }
}

impl Scripts for Outside<'_> {
    async fn script(&self, script: Script) -> Result<Value, Failure> {
        let named = |(name, value): (&str, Value)| (name.to_owned(), value);
        let script = script::Script {
            kind: match script.kind {
                ScriptKind::Expression => script::Kind::Expression,
                ScriptKind::Body => script::Kind::Body,
            },
            source: script.source.to_string(),
            bindings: script.bindings.into_iter().map(named).collect(),
            zone: script.zone,
        };
        self.scripts.run(&script).await.map_err(|error| {
            let class = match error {
                // The next attempt may fare better.
                ScriptError::Lost(_) | ScriptError::Start(_) => FailureClass::Interrupted,
                _ => FailureClass::Flow,
            };
            Failure::new(class, error.to_string())
        })
    }
}

impl Messages for Outside<'_> {
    async fn query(&self, query: Query) -> Result<Option<JsonMap>, Failure> {
        self.lease.valid(self.under).await;
        let sent_at = clock::now();
        let answer = self.messengers.databases.first_row(&query).await;
        self.note_reached(sent_at, &answer);
        answer
    }

    async fn mail(&self, mail: Mail) -> Result<String, Failure> {
        self.lease.valid(self.under).await;
        let (mailer, sent_at) = (&self.messengers.mailer, clock::now());
        let answer = match &mail.via {
            MailVia::Smtp(smtp) => mailer.send(&mail, MailServer::of_step(smtp)).await,
            MailVia::Profile(named) => {
                let Some(profile) = self.vault.mail_profile(named) else {
                    return Err(no_such("mail profile", named));
                };
                mailer.send(&mail, MailServer::of_profile(&profile)).await
            }
        };
        self.note_reached(sent_at, &answer);
        answer
    }

    async fn publish(&self, message: Publication) -> Result<(), Failure> {
        self.lease.valid(self.under).await;
        let sent_at = clock::now();
        let answer = self.messengers.broker.publish(&message).await;
        self.note_reached(sent_at, &answer);
        answer
    }

    async fn notify(&self, note: Notification) -> Result<(), Failure> {
        self.leave_note(note).await
    }
}

impl Flows for Outside<'_> {
    async fn flow(&self, id: i64) -> Result<Arc<Program>, Failure> {
        let id = FlowId(id);
        let Some(version) = self.version(id) else {
            return Err(no_flow(id));
        };
        self.programs.get(id, version).await.unwrap_or_else(|error| {
            let detail = format!("flow {id} could not be read: {error}");
            Err(Failure::new(FailureClass::Interrupted, detail))
        })
    }

    async fn start(&self, child: Child) -> Result<(), Failure> {
        let flow = match &child.call {
            ChildCall::Function { flow: None, .. } => None,
            ChildCall::Function { flow: Some(id), .. } | ChildCall::Flow(id) => Some(FlowId(*id)),
        };
        let version = match flow {
            None => (self.job.flow_id, self.job.flow_version),
            Some(id) => (id, self.version(id).ok_or_else(|| no_flow(id))?),
        };
        if self.children().many.is_none() {
            let many = self.storage.children_of(self.job.id).await.map_err(|error| {
                let detail = format!("what this run has begun cannot be counted: {error}");
                Failure::new(FailureClass::Interrupted, detail)
            })?;
            self.children().many = Some(many);
        }
        let child = children::of_step(self.job, self.depth, child, self.vault, version)?;
        self.children().add(child)
    }
}
