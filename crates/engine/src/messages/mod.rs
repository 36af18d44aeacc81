//! What flows say to others than HTTP servers: mail servers, databases, a message broker.

mod broker;
mod databases;
mod mailer;
mod values;

pub use broker::{BadBroker, BrokerUrl};
pub(crate) use mailer::MailServer;

use crate::net::AllowTargets;
use broker::Broker;
use databases::Databases;
use mailer::Mailer;
use std::sync::Arc;

/// The ways out. What is kept of them (connections) is made when it is first needed.
pub(crate) struct Messengers {
    pub mailer: Mailer,
    pub databases: Databases,
    pub broker: Broker,
}

impl Messengers {
    /// May reach what flows may call, and this broker.
    pub fn new(allowed: AllowTargets, broker: Option<BrokerUrl>) -> Self {
        let allowed = Arc::new(allowed);
        Self {
            mailer: Mailer::new(allowed.clone()),
            databases: Databases::new(allowed),
            broker: Broker::new(broker),
        }
    }
}
