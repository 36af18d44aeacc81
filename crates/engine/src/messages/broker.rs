//! The message broker (AMQP 0-9-1, such as RabbitMQ): messages are confirmed by it.

use super::mailer::causes;
use flow::Publication;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ErrorKind,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::ShortString,
    uri::AMQPUri,
};
use model::trace::{Failure, FailureClass};
use serde_json::Value;
use std::{fmt, str::FromStr, time::Duration};
use storage::address::without_password;
use tokio::{sync::Mutex, time::timeout};

/// How long the broker may take to connect, and to confirm.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How many bytes the protocol has for a name.
const NAME_BYTES_MAX: usize = 255;
/// Kept on the broker's disk.
const PERSISTENT: u8 = 2;

/// Where the broker is: `amqp://USER:PASSWORD@HOST:PORT/VHOST`. Its `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl(String);

/// An address that is no broker's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadBroker(String);

impl FromStr for BrokerUrl {
    type Err = BadBroker;

    fn from_str(text: &str) -> Result<Self, BadBroker> {
        text.parse::<AMQPUri>().map_err(BadBroker)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

/// Publishes messages, over one channel that is made when it is needed, and again when it is lost.
pub(crate) struct Broker {
    url: Option<BrokerUrl>,
    open: Mutex<Option<Open>>,
}

#[derive(Clone)]
struct Open {
    channel: Channel,
    /// Lives as long as its channel is used.
    _connection: std::sync::Arc<Connection>,
}

impl Broker {
    pub(super) fn new(url: Option<BrokerUrl>) -> Self {
        Self { url, open: Mutex::default() }
    }

    /// Publishes a message and waits until the broker has confirmed it.
    ///
    /// # Errors
    /// Class `not_set_up` without a broker, `connect` and `timeout` where another try may help,
    /// `bad_answer` where the broker refuses: there is no such exchange, or no queue of the name
    /// that the default exchange was given; `flow` where a name is too long for any broker.
    pub async fn publish(&self, message: &Publication) -> Result<(), Failure> {
        let Some(url) = &self.url else {
            let detail = "the step needs a message broker: set broker_url";
            return Err(Failure::new(FailureClass::NotSetUp, detail));
        };
        let told = |failure: Failure| Failure { host: host(url), ..failure };
        match timeout(ANSWER_MAX, self.confirmed(url, message)).await {
            Ok(answer) => answer.map_err(told),
            Err(_) => {
                // Whether it came is not known; the next message gets a channel of its own.
                self.open.lock().await.take();
                Err(told(Failure {
                    limit: u64::try_from(ANSWER_MAX.as_millis()).ok(),
                    ..Failure::new(FailureClass::Timeout, "the broker has not confirmed in time")
                }))
            }
        }
    }

    async fn confirmed(&self, url: &BrokerUrl, message: &Publication) -> Result<(), Failure> {
        let exchange = name("exchange", &message.exchange)?;
        let topic = name("topic", &message.topic)?;
        let open = self.opened(url).await.map_err(|error| failed(&error))?;
        let sent = send(&open.channel, exchange, topic, &message.body).await;
        if sent.is_err() {
            // A broker that refuses a message closes the channel it came by.
            let mut kept = self.open.lock().await;
            if kept.as_ref().is_some_and(|kept| !kept.channel.status().connected()) {
                kept.take();
            }
        }
        match sent.map_err(|error| failed(&error))? {
            Confirmation::Ack(None) | Confirmation::NotRequested => Ok(()),
            Confirmation::Ack(Some(back)) => Err(unrouted(message, back.reply_text.as_str())),
            Confirmation::Nack(_) => {
                Err(Failure::new(FailureClass::BadAnswer, "the broker did not take the message"))
            }
        }
    }

    async fn opened(&self, url: &BrokerUrl) -> lapin::Result<Open> {
        let mut kept = self.open.lock().await;
        if let Some(open) = kept.as_ref().filter(|open| open.channel.status().connected()) {
            return Ok(open.clone());
        }
        let named = ConnectionProperties::default().with_connection_name("offhook".into());
        let connection = Connection::connect(&url.0, named).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let open = Open { channel, _connection: connection.into() };
        *kept = Some(open.clone());
        Ok(open)
    }
}

/// A name as the protocol has it, which is asked for under this one.
fn name(what: &str, text: &str) -> Result<ShortString, Failure> {
    ShortString::try_new(text).map_err(|_| {
        let bytes = text.len();
        let detail = format!("`{what}` has {bytes} bytes, a broker takes {NAME_BYTES_MAX}");
        let limit = Some(NAME_BYTES_MAX as u64);
        Failure { limit, ..Failure::new(FailureClass::Flow, detail) }
    })
}

async fn send(
    channel: &Channel,
    exchange: ShortString,
    topic: ShortString,
    body: &Value,
) -> lapin::Result<Confirmation> {
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT);
    // An exchange may have nobody who listens; the default one is given a queue's name.
    let options =
        BasicPublishOptions { mandatory: exchange.as_str().is_empty(), ..Default::default() };
    let body = body.to_string();
    channel.basic_publish(exchange, topic, options, body.as_bytes(), properties).await?.await
}

fn unrouted(message: &Publication, said: &str) -> Failure {
    let detail = format!("the broker has no queue called \"{}\" ({said})", message.topic);
    Failure::new(FailureClass::BadAnswer, detail)
}

fn host(url: &BrokerUrl) -> Option<String> {
    url.0.parse::<AMQPUri>().ok().map(|uri| uri.authority.host)
}

fn failed(error: &lapin::Error) -> Failure {
    let class = match error.kind() {
        // It was told why, by a code of AMQP.
        ErrorKind::ProtocolError(_) => FailureClass::BadAnswer,
        _ => FailureClass::Connect,
    };
    Failure::new(class, format!("the broker: {}", causes(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_no_broker_takes_is_the_steps_own_failure() {
        // Where nobody is asked: the names are looked at before.
        let broker = Broker::new(Some("amqp://broker.invalid".parse().unwrap()));
        let long = "ä".repeat(128);
        for (exchange, topic, said) in [("", long.as_str(), "topic"), (&long, "calls", "exchange")]
        {
            let (exchange, topic) = (exchange.to_owned(), topic.to_owned());
            let failure = broker.publish(&Publication { exchange, topic, body: Value::Null }).await;
            let failure = failure.unwrap_err();
            assert_eq!((failure.class, failure.limit), (FailureClass::Flow, Some(255)));
            assert_eq!(failure.detail, format!("`{said}` has 256 bytes, a broker takes 255"));
        }
    }
}
