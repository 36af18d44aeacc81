//! Requests that say who is calling by a certificate, and such that check none.

use crate::{
    support::{Server, until},
    tls_server::serve,
};
use axum::http::StatusCode;
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryRow, DeliveryState},
    policy::Policy,
    user::Scope,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::Method;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};

/// An authority, and a certificate with its key that it has given.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    own: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), own }
    }

    fn certificate(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// The same as one text, as a person pastes it.
    fn pem(&self, name: &str) -> String {
        let (certificate, key) = self.certificate(name);
        certificate.pem() + &key.serialize_pem()
    }
}

/// Answers 200 to whoever has a certificate of this authority, by TLS with one that nobody trusts.
fn receiver(clients: &Authority) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(clients.own.clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let (certificate, key) = Authority::new().certificate("127.0.0.1");
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    serve(config, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
}

/// A server whose queue calls the receiver with this certificate, where there is one.
async fn calling(
    server: &mut Server,
    to: SocketAddr,
    certificate: Option<&str>,
) -> (String, Value) {
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let mut request = json!({"url": format!("https://{to}/"), "insecureSkipVerify": true});
    if let Some(name) = certificate {
        request["certificate"] = name.into();
    }
    let flow = server.flow("Tells", json!([{"httpRequest": request}])).await;
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, once).await;
    server.up().await;
    (token, json!({"event": "joined", "queue_id": queue}))
}

/// Posts an event, and gives what becomes of it.
async fn ended(server: &Server, token: &str, event: &Value) -> DeliveryRow {
    let before = server.log().await.len();
    let (status, said) = server.post(token, "/api/v1/events", event).await;
    assert_eq!(status, 202, "{said}");
    until("it has ended", async || {
        let log = server.log().await;
        log.len() > before && log.iter().all(|row| row.state.is_final())
    })
    .await;
    server.log().await.pop().unwrap()
}

#[tokio::test]
async fn a_request_says_who_is_calling_by_a_certificate_that_is_a_secret() {
    let (mut server, clients) = (Server::prepare().await, Authority::new());
    server.set("OFFHOOK_ALLOW_INSECURE_TLS", "true");
    let addr = receiver(&clients);
    let (token, event) = calling(&mut server, addr, Some("CRM_CLIENT")).await;
    let put = async |value: String| {
        let path = "/api/v1/secrets/CRM_CLIENT";
        server.ask(Method::PUT, &token, path, json!({"value": value})).await
    };
    let failure = ended(&server, &token, &event).await.failure.unwrap();
    assert!(failure.detail.contains("CRM_CLIENT"), "{failure}");

    // What could never be used is refused when it is saved.
    let (certificate, _) = clients.certificate("desk");
    let (status, said) = put(certificate.pem()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY.as_u16(), "{said}");
    let (_, foreign) = clients.certificate("other");
    let (status, said) = put(certificate.pem() + &foreign.serialize_pem()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY.as_u16(), "{said}");

    let strange = Authority::new();
    assert_eq!(put(strange.pem("desk")).await.0, 200);
    let refused = ended(&server, &token, &event).await;
    assert_eq!(refused.state, DeliveryState::Dead, "its authority is not the receiver's");
    // As a field of one line leaves it.
    assert_eq!(put(clients.pem("desk").replace('\n', "")).await.0, 200);
    let taken = ended(&server, &token, &event).await;
    assert_eq!((taken.state, taken.failure), (DeliveryState::Delivered, None));
}

#[tokio::test]
async fn without_the_operators_leave_every_certificate_is_checked() {
    let (mut server, clients) = (Server::prepare().await, Authority::new());
    let addr = receiver(&clients);
    let (token, event) = calling(&mut server, addr, None).await;
    let failure = ended(&server, &token, &event).await.failure.unwrap();
    assert!(failure.detail.contains("allow_insecure_tls"), "{failure}");
}
