//! Mail by SMTP, within the same limits of addresses as requests.

use crate::{
    net::{self, AllowTargets},
    vault::OpenMailProfile,
};
use flow::{Attachment, Mail, Smtp};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment as Part, Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, MessageId},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use model::{
    mail_profile::MailTls,
    trace::{Failure, FailureClass},
};
use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// How long a server may take to be connected to, and to take a mail.
const CONNECT_MAX: Duration = Duration::from_secs(10);
const SEND_MAX: Duration = Duration::from_secs(25);
/// How long one address of several may take to be connected to before the next is tried.
const TRY_MAX: Duration = Duration::from_secs(3);
/// No server's address.
const UNSPECIFIED: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// Where TLS begins with the connection, and is not asked for in it (RFC 8314).
const IMPLICIT_TLS_PORT: u16 = 465;

/// The server by which a mail goes out.
pub(crate) struct MailServer<'a> {
    host: &'a str,
    port: u16,
    tls: MailTls,
    user: Option<&'a str>,
    password: Option<&'a str>,
    /// Who sends a mail that names nobody.
    from: Option<&'a str>,
}

impl<'a> MailServer<'a> {
    /// As a step says.
    pub fn of_step(smtp: &'a Smtp) -> Self {
        let tls = match (smtp.tls, smtp.port) {
            (false, _) => MailTls::None,
            (true, IMPLICIT_TLS_PORT) => MailTls::Implicit,
            (true, _) => MailTls::StartTls,
        };
        let (user, password) = (smtp.user.as_deref(), smtp.password.as_deref());
        Self { host: &smtp.server, port: smtp.port, tls, user, password, from: user }
    }

    /// As a stored profile says.
    pub fn of_profile(open: &'a OpenMailProfile) -> Self {
        let profile = &open.profile;
        Self {
            host: &profile.server,
            port: profile.port,
            tls: profile.tls,
            user: profile.user.as_deref(),
            password: open.password.as_deref(),
            from: Some(&profile.from),
        }
    }
}

/// Sends mail.
pub(crate) struct Mailer {
    allowed: Arc<AllowTargets>,
}

impl Mailer {
    pub(super) fn new(allowed: Arc<AllowTargets>) -> Self {
        Self { allowed }
    }

    /// Sends a mail by this server, which has to take it for all of its receivers; gives the mail's
    /// id.
    ///
    /// # Errors
    /// Class `flow` where the mail itself is at fault, `connect` where another try may help,
    /// `bad_answer` where the server refuses it for good.
    pub async fn send(&self, mail: &Mail, by: MailServer<'_>) -> Result<String, Failure> {
        let message = compose(mail, by.from)?;
        let id = message.headers().get::<MessageId>().map(|id| id.as_ref().to_owned());
        let transport = self.transport(&by).await?;
        let sent = timeout(SEND_MAX, transport.send(message)).await.map_err(|_| silent(&by))?;
        sent.map_err(|error| refused(&error, &by))?;
        Ok(id.unwrap_or_default())
    }

    async fn transport(
        &self,
        by: &MailServer<'_>,
    ) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
        let address = reachable(net::resolve(&self.allowed, by.host, by.port).await?).await;
        // The address that was checked is the one that is called; its certificate is the name's.
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
                .port(by.port)
                .timeout(Some(CONNECT_MAX))
                .tls(tls(by).await?);
        if let Some(user) = by.user {
            let password = by.password.unwrap_or_default();
            builder = builder.credentials(Credentials::new(user.into(), password.into()));
        }
        Ok(builder.build())
    }
}

/// The first of these addresses, of which there is at least one, that takes a connection; where none
/// does, the last, whose error is told.
async fn reachable(addresses: Vec<SocketAddr>) -> SocketAddr {
    let [others @ .., last] = addresses.as_slice() else { return UNSPECIFIED };
    for address in others {
        if let Ok(Ok(_)) = timeout(TRY_MAX, TcpStream::connect(address)).await {
            return *address;
        }
    }
    *last
}

async fn tls(by: &MailServer<'_>) -> Result<Tls, Failure> {
    if by.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let server = by.host.to_owned();
    // Reads the certificates that the system trusts.
    let parameters = tokio::task::spawn_blocking(move || TlsParameters::new(server)).await;
    let parameters = match parameters {
        Ok(Ok(parameters)) => parameters,
        Ok(Err(error)) => return Err(Failure::new(FailureClass::Tls, causes(&error))),
        Err(error) => return Err(Failure::new(FailureClass::Interrupted, error.to_string())),
    };
    let implicit = by.tls == MailTls::Implicit;
    Ok(if implicit { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
}

fn compose(mail: &Mail, from: Option<&str>) -> Result<Message, Failure> {
    let from = mail.from.as_deref().or(from).ok_or_else(|| {
        faulty("the mail has no sender: set `from`, in the step or in the mail profile".into())
    })?;
    let from = mailbox("from", from)?;
    let id = message_id(&mail.id, from.email.domain());
    let mut builder =
        Message::builder().from(from).subject(mail.subject.clone()).message_id(Some(id));
    for to in &mail.to {
        builder = builder.to(mailbox("to", to)?);
    }
    for cc in &mail.cc {
        builder = builder.cc(mailbox("cc", cc)?);
    }
    if let Some(reply_to) = &mail.reply_to {
        // The id of a mail, by which a reader shows the two as one conversation.
        builder = builder.in_reply_to(reply_to.clone()).references(reply_to.clone());
    }
    let text = mail.message.clone();
    let body = if mail.html { SinglePart::html(text) } else { SinglePart::plain(text) };
    let message = if mail.attachments.is_empty() {
        builder.singlepart(body)
    } else {
        let mut parts = MultiPart::mixed().singlepart(body);
        for file in &mail.attachments {
            parts = parts.singlepart(attachment(file)?);
        }
        builder.multipart(parts)
    };
    message.map_err(|error| faulty(format!("the mail cannot be written: {error}")))
}

/// The id of a mail: the same for a repeat, so that a mailbox can tell it.
fn message_id(id: &str, domain: &str) -> String {
    let mut local = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' => local.push(byte.into()),
            other => local.push_str(&format!("={other:02X}")),
        }
    }
    format!("<{local}@{domain}>")
}

fn attachment(file: &Attachment) -> Result<SinglePart, Failure> {
    let kind = if file.kind.is_empty() { "application/octet-stream" } else { &file.kind };
    let kind = ContentType::parse(kind)
        .map_err(|_| faulty(format!("\"{}\" is no media type of an attachment", file.kind)))?;
    // As it is, a line of a file could end the mail for its server: a file's lines are not a mail's.
    let content = Body::new_with_encoding(file.content.clone(), ContentTransferEncoding::Base64)
        .map_err(|_| faulty(format!("the attachment \"{}\" cannot be written", file.name)))?;
    Ok(Part::new(file.name.clone()).body(content, kind))
}

/// Reads `name <address>` or an address alone.
fn mailbox(field: &str, text: &str) -> Result<Mailbox, Failure> {
    let bare = || text.parse::<Address>().map(|address| Mailbox::new(None, address));
    text.parse::<Mailbox>()
        .or_else(|_| bare())
        .map_err(|error| faulty(format!("`{field}` is \"{text}\", no mail address: {error}")))
}

fn faulty(detail: String) -> Failure {
    Failure::new(FailureClass::Flow, detail)
}

/// The server has not taken the mail in time; whether it will is not known.
fn silent(by: &MailServer<'_>) -> Failure {
    let detail = format!("the mail server {}:{} does not answer in time", by.host, by.port);
    let limit = u64::try_from(SEND_MAX.as_millis()).ok();
    Failure { host: Some(by.host.into()), limit, ..Failure::new(FailureClass::Timeout, detail) }
}

/// What a server that did not take the mail has said.
fn refused(error: &lettre::transport::smtp::Error, by: &MailServer<'_>) -> Failure {
    let said = causes(error);
    let (class, what) = if error.is_permanent() {
        (FailureClass::BadAnswer, "refuses the mail")
    } else if error.is_transient() {
        (FailureClass::Connect, "asks to try again later")
    } else if error.is_tls() {
        (FailureClass::Tls, "cannot be spoken to by TLS")
    } else if error.is_timeout() {
        (FailureClass::Timeout, "does not answer in time")
    } else if error.is_response() || error.is_client() {
        (FailureClass::BadAnswer, "cannot be understood")
    } else {
        (FailureClass::Connect, "cannot be reached")
    };
    let detail = format!("the mail server {}:{} {what}: {said}", by.host, by.port);
    Failure { host: Some(by.host.to_owned()), ..Failure::new(class, detail) }
}

/// An error with its causes, each once.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        let one_says = one.to_string();
        if !said.contains(&one_says) {
            said = format!("{said}: {one_says}");
        }
        cause = one.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use flow::MailVia;
    use tokio::net::TcpListener;

    fn mail(id: &str) -> Mail {
        Mail {
            id: id.into(),
            to: vec!["anna@example.org".into()],
            cc: Vec::new(),
            from: Some("Desk <desk@crm.example>".into()),
            reply_to: None,
            subject: "Missed call".into(),
            message: "Please call back.".into(),
            html: false,
            attachments: Vec::new(),
            via: MailVia::Profile(flow::Reference::Id(1)),
        }
    }

    #[test]
    fn a_repeat_is_the_same_mail_and_another_visit_another() {
        let id = |visit: &str| {
            let message = compose(&mail(visit), None).unwrap();
            message.headers().get::<MessageId>().unwrap().as_ref().to_owned()
        };
        assert_eq!(id("0199_7.my step_1"), "<0199_7=2Emy=20step_1@crm.example>");
        assert_eq!(id("0199_a_1"), id("0199_a_1"));
        assert_ne!(id("0199_a_1"), id("0199_a_2"));
    }

    #[tokio::test]
    async fn of_several_addresses_one_that_takes_connections_is_called() {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dead = gone.local_addr().unwrap();
        drop(gone);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        assert_eq!(reachable(vec![dead, alive]).await, alive);
        assert_eq!(reachable(vec![alive, dead]).await, alive);
        assert_eq!(reachable(vec![dead]).await, dead);
    }
}
