//! Each way to fail, made to happen through the program, and told in a sentence.

use crate::{
    support::{Receiver, Server, until},
    tls_server,
};
use app::text::{
    cause::headline,
    explain::{Of, explain},
};
use axum::{Router, http::header, routing::any};
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryRow, DeliveryState},
    ids::FlowId,
    time::Millis,
    trace::{Failure, FailureClass, Fault},
    user::{Actor, Scope},
    warning::WarningKind,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};
use tokio::net::TcpSocket;

const EVENTS: &str = "/api/v1/events";

/// One server, one event, and for each of these flows one delivery, which has failed.
async fn failed(server: &mut Server, flows: &[(&str, Value)]) -> HashMap<String, DeliveryRow> {
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let mut names: HashMap<FlowId, String> = HashMap::new();
    for (name, request) in flows {
        // A step as it is, or the arguments of a request.
        let step = match request.get("step") {
            Some(step) => step.clone(),
            None => json!({"httpRequest": request}),
        };
        let flow = server.flow(name, json!([step])).await;
        server.hook(queue, EventKind::Joined, flow).await;
        names.insert(flow, (*name).to_owned());
    }
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 7}});
    assert_eq!(server.post(&token, EVENTS, event).await.0, 202);
    until("each has failed", async || {
        let log = server.log().await;
        log.len() == flows.len() && log.iter().all(|row| row.failure.is_some())
    })
    .await;
    let log = server.log().await;
    log.into_iter().map(|row| (names[&row.flow_id].clone(), row)).collect()
}

fn of<'a>(all: &'a HashMap<String, DeliveryRow>, name: &str) -> &'a Failure {
    all[name].failure.as_ref().unwrap()
}

#[tokio::test]
async fn what_can_go_wrong_on_the_way_is_told_with_its_cause_and_the_next_step() {
    let mut server = Server::prepare().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    // A port where nobody listens, and that nobody else gets while it is held.
    let held = TcpSocket::new_v4().unwrap();
    held.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let closed = held.local_addr().unwrap();
    let receiver = answering().await;
    // One that asks for patience is a destination of its own: the others would wait for it.
    let asks = answering().await;
    let to = |path: &str| format!("http://{receiver}{path}");
    let all = failed(
        &mut server,
        &[
            ("dns", json!({"url": "http://crm.invalid/", "timeout": 25_000})),
            ("refused", json!({"url": format!("http://{closed}/")})),
            (
                "silent",
                json!({
                    "url": format!("http://{}/", silent.local_addr().unwrap()), "timeout": 300
                }),
            ),
            ("busy", json!({"url": format!("http://{asks}/busy")})),
            ("html", json!({"url": to("/html"), "exportVariables": {"id": "data.id"}})),
            ("empty", json!({"url": to("/empty"), "exportVariables": {"id": "data.id"}})),
            ("huge", json!({"url": to("/huge")})),
            ("forbidden", json!({"url": "http://10.0.0.1/"})),
            ("flow", json!({"url": "${nothing}"})),
            ("not set up", json!({"step": {"mq": {"topic": "calls"}}})),
        ],
    )
    .await;
    for (name, class, said) in [
        ("dns", FailureClass::Dns, "The name crm.invalid did not resolve."),
        ("refused", FailureClass::Connect, "127.0.0.1 refused the connection."),
        ("silent", FailureClass::Timeout, "127.0.0.1 gave no whole answer within 300 ms."),
        (
            "busy",
            FailureClass::Status,
            "127.0.0.1 answered 503 Service Unavailable and asks for 60 s.",
        ),
        (
            "html",
            FailureClass::BadAnswer,
            "The answer of 127.0.0.1 is not JSON (text/html), and the step needs JSON.",
        ),
        (
            "empty",
            FailureClass::BadAnswer,
            "The answer of 127.0.0.1 is empty, where the step needs JSON.",
        ),
        ("huge", FailureClass::TooLarge, "127.0.0.1 sent an answer of more than 1 MiB."),
        (
            "forbidden",
            FailureClass::ForbiddenTarget,
            "10.0.0.1 is not an address that may be called.",
        ),
        ("flow", FailureClass::Flow, "The flow is at fault at step 1 (/0): The url"),
        (
            "not set up",
            FailureClass::NotSetUp,
            "Something that the flow needs is missing: The step needs a message broker",
        ),
    ] {
        let failure = of(&all, name);
        assert_eq!(failure.class, class, "{name}: {failure:?}");
        let headline = headline(failure);
        assert!(headline.starts_with(said), "{name}: {headline}");
        let cause = explain(&all[name], Of::default(), Millis(0)).unwrap().plain();
        assert!(cause.starts_with(&headline) && cause.ends_with("More about this."), "{cause}");
    }
    assert!(
        explain(&all["forbidden"], Of::default(), Millis(0))
            .unwrap()
            .plain()
            .contains("OFFHOOK_ALLOW_TARGETS=10.0.0.1")
    );

    // Each is found by its class, and several at once.
    let with = async |failures: Vec<FailureClass>| {
        let filter = DeliveryFilter { failures, ..DeliveryFilter::default() };
        let query = DeliveryQuery { filter, size: 50, ..DeliveryQuery::default() };
        server.admin.deliveries(&Actor::operator(), &query).await.unwrap().items.len()
    };
    assert_eq!(with(vec![FailureClass::Dns]).await, 1);
    assert_eq!(with(vec![FailureClass::Dns, FailureClass::BadAnswer]).await, 3);
}

/// A receiver that answers as its paths say.
async fn answering() -> SocketAddr {
    let html = ([(header::CONTENT_TYPE, "text/html")], "<p>Sign in</p>");
    let busy = (axum::http::StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")], "");
    let router = Router::new()
        .route("/busy", any(async move || busy))
        .route("/html", any(async move || html))
        .route("/empty", any(async || ""))
        .route("/huge", any(async || "x".repeat((1 << 20) + 1)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    addr
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_with_its_date_or_names() {
    let mut server = Server::prepare().await;
    let authority = Authority::new();
    server.set("SSL_CERT_FILE", authority.file(server.folder.path().join("ca.pem")));
    let (long_ago, ago) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 3, 4));
    let (soon, late) = (date_time_ymd(2199, 5, 6), date_time_ymd(2200, 1, 1));
    let between = |from, to| {
        let mut own = params("127.0.0.1");
        own.not_before = from;
        own.not_after = to;
        own
    };
    let (expired, not_yet) = (between(long_ago, ago), between(soon, late));
    let stranger = KeyPair::generate().unwrap();
    let mut alone = params("127.0.0.1");
    alone.distinguished_name.push(DnType::CommonName, "a stranger");
    let alone = alone.self_signed(&stranger).unwrap().der().clone();
    let plain = Receiver::start().await.addr;
    let servers = [
        ("expired", authority.serves(expired)),
        ("not yet", authority.serves(not_yet)),
        ("other name", authority.serves(params("other.example"))),
        ("self-signed", serve(alone, &stranger)),
        ("no TLS", plain),
        ("good", authority.serves(params("127.0.0.1"))),
    ];
    let flows: Vec<_> = servers
        .iter()
        .map(|(name, addr)| (*name, json!({"url": format!("https://{addr}/"), "timeout": 20_000})))
        .collect();
    let all = failed(&mut server, &flows).await;
    let at = |text: &str| Some(text.parse::<Millis>().unwrap());
    for (name, fault, said) in [
        (
            "expired",
            Fault::CertificateExpired { until: at("2002-03-04T00:00:00Z") },
            "The TLS certificate of 127.0.0.1 has expired on 2002-03-04 00:00 UTC.",
        ),
        (
            "not yet",
            Fault::CertificateNotYetValid { from: at("2199-05-06T00:00:00Z") },
            "The TLS certificate of 127.0.0.1 is not valid yet, only from 2199-05-06 00:00 UTC on.",
        ),
        (
            "other name",
            Fault::CertificateForOthers { names: vec!["other.example".into()] },
            "The TLS certificate of 127.0.0.1 is not for this name, but for other.example.",
        ),
        (
            "self-signed",
            Fault::CertificateUnknownIssuer,
            "The TLS certificate of 127.0.0.1 is self-signed, or its issuer is not known here.",
        ),
        ("no TLS", Fault::NotTls, "127.0.0.1 does not speak TLS at this port."),
    ] {
        let failure = of(&all, name);
        assert_eq!(
            (failure.class, failure.fault.as_deref()),
            (FailureClass::Tls, Some(&fault)),
            "{name}"
        );
        assert_eq!(headline(failure), said);
    }
    // The handshake with a good certificate succeeds: only then is an answer missed.
    assert_eq!(of(&all, "good").class, FailureClass::Connect, "{:?}", of(&all, "good"));
}

/// A certificate's particulars, for this name or address.
fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

/// An authority of the test's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes its certificate down for those who are to trust it.
    fn file(&self, path: PathBuf) -> String {
        std::fs::write(&path, &self.pem).unwrap();
        path.display().to_string()
    }

    /// A server with a certificate of this authority.
    fn serves(&self, params: CertificateParams) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        serve(params.signed_by(&key, &self.issuer).unwrap().der().clone(), &key)
    }
}

/// A TLS server on the loopback, which closes each connection when it has read a request.
fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> SocketAddr {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    tls_server::serve(config, b"")
}

#[tokio::test]
async fn a_condition_that_names_what_the_event_does_not_carry_is_told_and_found() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let other = server.telling_flow("other", receiver.addr).await;
    let hook =
        server.conditional_hook(queue, EventKind::Joined, flow, "cc_result == 'success'").await;
    server.hook(queue, EventKind::Joined, other).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 7}});
    server.post(&token, EVENTS, event).await;
    server.settled().await;

    let filter = DeliveryFilter { warned: Some(true), ..DeliveryFilter::default() };
    let query = DeliveryQuery { filter, size: 50, ..DeliveryQuery::default() };
    let found = server.admin.deliveries(&Actor::operator(), &query).await.unwrap().items;
    assert_eq!(found.len(), 1);
    let warning = found[0].warning.as_ref().unwrap();
    assert_eq!((warning.kind, warning.field.as_deref()), (WarningKind::NoField, Some("cc_result")));
    assert_eq!(found[0].state, DeliveryState::Delivered);
    let said =
        explain(&found[0], Of { hook: Some(&hook), ..Of::default() }, Millis(0)).unwrap().plain();
    assert!(
        said.starts_with(
            "Delivered, with a warning. The condition names the field `cc_result`, which a joined \
             event does not carry; it comes with leaving"
        ),
        "{said}"
    );
}

#[tokio::test]
async fn a_call_tells_what_waited_for_what() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    for event in [EventKind::Joined, EventKind::Bridged] {
        server.hook(queue, event, flow).await;
    }
    server.up().await;
    receiver.answer_next(vec![(503, None)]);
    let of = |event: &str| json!({"event": event, "queue_id": queue, "data": {"attempt_id": 7}});
    // The last one fires nothing, and is told all the same.
    let all = json!([of("joined"), of("bridged"), of("missed")]);
    server.post(&token, EVENTS, all).await;
    server.settled().await;

    let call = server.admin.call(&Actor::operator(), 7).await.unwrap();
    let events = &call.stretches[0].events;
    assert_eq!((call.stretches.len(), events.len()), (1, 3));
    let (first, second) = (&events[0].deliveries[0], &events[1].deliveries[0]);
    assert_eq!((first.runs.len(), &first.wait), (2, &None));
    let wait = second.wait.as_ref().unwrap();
    assert_eq!((wait.why, wait.on), (model::call::WaitReason::Retried, Some(first.row.id)));
    assert!(second.could_start >= Some(first.runs[1].started_at));
    assert!(second.could_start <= Some(second.runs[0].started_at));
    assert!(events[2].deliveries.is_empty());
}
