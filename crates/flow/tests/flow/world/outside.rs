//! What the world of the tests does beside requests: scripts, the installation, messages, flows.

use super::{ScriptedWorld, none};
use flow::{
    CalendarAnswer, Child, ChildCall, Flows, Installation, ListEntry, Mail, Messages, Notification,
    Program, Publication, Query, Reference, Script, Scripts,
};
use model::{JsonMap, flow::FlowMode, trace::Failure};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

impl Scripts for ScriptedWorld {
    async fn script(&self, script: Script) -> Result<Value, Failure> {
        let mut state = self.state();
        let bindings: Vec<_> = script.bindings.iter().map(|(_, value)| value).collect();
        state.acts.push(json!({
            "script": &*script.source,
            "kind": format!("{:?}", script.kind),
            "with": bindings,
            "zone": script.zone,
        }));
        match state.outside.scripts.pop_front() {
            None if state.may_lack => Err(none()),
            done => done.expect("a script for which nothing is written").result(),
        }
    }
}

impl Installation for ScriptedWorld {
    async fn cached(&self, key: &str) -> Result<Option<String>, Failure> {
        Ok(self.state().outside.cache.get(key).cloned())
    }

    async fn cache(&self, key: &str, value: &str, ttl_s: Option<u64>) -> Result<(), Failure> {
        self.state().outside.cache.insert(key.to_owned(), value.to_owned());
        self.act(json!({"cache": key, "value": value, "ttl": ttl_s})).map(drop)
    }

    async fn forget(&self, key: &str) -> Result<(), Failure> {
        self.state().outside.cache.remove(key);
        self.act(json!({"forget": key})).map(drop)
    }

    async fn is_listed(&self, list: &Reference, destination: &str) -> Result<bool, Failure> {
        let state = self.state();
        let list = state.outside.lists.get(&named(list)).ok_or_else(none)?;
        Ok(list.iter().any(|number| number == destination))
    }

    async fn add_to_list(&self, list: &Reference, entry: ListEntry) -> Result<(), Failure> {
        self.act(json!({
            "list": named(list),
            "add": entry.destination,
            "description": entry.description,
            "until": entry.expires_at.map(|time| time.to_string()),
        }))
        .map(drop)
    }

    async fn calendar(&self, calendar: &Reference) -> Result<CalendarAnswer, Failure> {
        let state = self.state();
        let answer = state.outside.calendars.get(&named(calendar)).ok_or_else(none)?;
        Ok(match answer.as_str() {
            "open" => CalendarAnswer::Open,
            "closed" => CalendarAnswer::Closed,
            "expired" => CalendarAnswer::Expired,
            name => CalendarAnswer::Exception(name.to_owned()),
        })
    }

    async fn set_global(&self, name: &str, value: &str, encrypt: bool) -> Result<(), Failure> {
        self.state().outside.globals.insert(name.to_owned(), value.to_owned());
        self.act(json!({"global": name, "value": value, "encrypt": encrypt})).map(drop)
    }
}

impl Messages for ScriptedWorld {
    async fn query(&self, query: Query) -> Result<Option<JsonMap>, Failure> {
        let act = json!({
            "query": query.statement,
            "driver": format!("{:?}", query.driver),
            "at": query.address,
            "with": query.parameters,
            "timeout_ms": u64::try_from(query.timeout.as_millis()).unwrap(),
        });
        let found = self.act(act)?;
        let time = Duration::from_millis(self.state().outside.query_ms);
        self.wait(time).await;
        match found {
            Value::Object(row) => Ok(Some(row)),
            _ => Ok(None),
        }
    }

    async fn mail(&self, mail: Mail) -> Result<String, Failure> {
        let act = json!({
            "to": mail.to,
            "cc": mail.cc,
            "from": mail.from,
            "reply_to": mail.reply_to,
            "subject": mail.subject,
            "message": mail.message,
            "html": mail.html,
            "attachments": mail.attachments.iter().map(|file| &file.name).collect::<Vec<_>>(),
            "via": format!("{:?}", mail.via),
        });
        Ok(self.act(act)?.as_str().unwrap_or("<1@offhook>").to_owned())
    }

    async fn publish(&self, message: Publication) -> Result<(), Failure> {
        let act = json!({
            "exchange": message.exchange,
            "topic": message.topic,
            "body": message.body,
        });
        self.act(act).map(drop)
    }

    async fn notify(&self, note: Notification) -> Result<(), Failure> {
        let timeout = note.timeout.map(|timeout| timeout.as_secs());
        let act = json!({
            "note": note.message,
            "users": note.users,
            "type": note.kind,
            "timeout": timeout,
        });
        self.act(act).map(drop)
    }
}

impl Flows for ScriptedWorld {
    async fn flow(&self, id: i64) -> Result<Arc<Program>, Failure> {
        let flow = self.state().outside.flows.get(&id).cloned().ok_or_else(none)?;
        Ok(Arc::new(Program::load(&flow.to_string(), FlowMode::Strict).unwrap()))
    }

    async fn start(&self, child: Child) -> Result<(), Failure> {
        let call = match child.call {
            ChildCall::Function { flow: None, name } => json!({"function": name}),
            ChildCall::Function { flow, name } => json!({"function": name, "of": flow}),
            ChildCall::Flow(id) => json!({"flow": id}),
        };
        self.act(json!({"start": call, "with": child.inherited.variables, "step": child.step}))
            .map(drop)
    }
}

fn named(reference: &Reference) -> String {
    match reference {
        Reference::Id(id) => id.to_string(),
        Reference::Name(name) => name.clone(),
    }
}
