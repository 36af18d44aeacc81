//! Requests: to where they may go, within their time, with an answer of bounded size.

use super::{
    AllowTargets, failure,
    resolve::{Forbidden, admitted},
};
use flow::{Request, Response};
use model::{
    destination::DestinationKey,
    trace::{Failure, FailureClass},
};
use reqwest::{
    Identity, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderName, HeaderValue},
    redirect,
};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const IDLE: Duration = Duration::from_secs(30);

/// How many clients are kept for requests with a certificate or without checks, beyond that all are
/// made anew, which costs connections.
const KEPT: usize = 32;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    allowed: Arc<AllowTargets>,
    /// Whether a step may ask that no certificate is checked.
    insecure_too: bool,
    usual: Pair,
    /// By the certificate with its key, as PEM, and whether the receiver's is not checked.
    others: Arc<Mutex<HashMap<Manner, Pair>>>,
}

/// In what manner TLS is spoken, where it is not the usual one.
type Manner = (Option<String>, bool);

/// Two clients that speak TLS in one manner.
#[derive(Clone)]
struct Pair {
    /// Its resolver passes on only addresses that may be called.
    guarded: reqwest::Client,
    /// For hosts that the operator admits by name, whatever their addresses. A client of its own,
    /// so that the two never share a connection.
    admitted: reqwest::Client,
}

impl Pair {
    fn new(allowed: &Arc<AllowTargets>, manner: &Manner) -> Result<Self, reqwest::Error> {
        let (certificate, insecure) = manner;
        let builder = || -> Result<reqwest::ClientBuilder, reqwest::Error> {
            let mut builder = reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .pool_idle_timeout(IDLE)
                .user_agent(concat!("Offhook/", env!("CARGO_PKG_VERSION")));
            if let Some(pem) = certificate {
                builder = builder.identity(Identity::from_pem(pem.as_bytes())?);
            }
            if *insecure {
                builder = builder.tls_danger_accept_invalid_certs(true);
            }
            Ok(builder)
        };
        let resolver = Arc::new(GuardedResolver { allowed: allowed.clone() });
        let guarded = builder()?.dns_resolver(resolver).build()?;
        Ok(Self { guarded, admitted: builder()?.build()? })
    }
}

impl Client {
    /// A client that may call public addresses and what is admitted; where the operator allows it,
    /// also without checking certificates.
    pub fn new(allowed: AllowTargets, insecure_too: bool) -> Result<Self, reqwest::Error> {
        let allowed = Arc::new(allowed);
        let usual = Pair::new(&allowed, &(None, false))?;
        Ok(Self { allowed, insecure_too, usual, others: Arc::default() })
    }

    /// The clients that speak TLS as the request asks for.
    fn pair(&self, request: &Request, certificate: Option<String>) -> Result<Pair, Failure> {
        let insecure = request.tls.insecure;
        if certificate.is_none() && !insecure {
            return Ok(self.usual.clone());
        }
        if insecure && !self.insecure_too {
            let detail = "the step asks that no certificate is checked (`insecureSkipVerify`); the \
                          operator has to allow that by allow_insecure_tls";
            return Err(Failure::new(FailureClass::NotSetUp, detail));
        }
        let manner = (certificate, insecure);
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(&manner) {
            return Ok(known.clone());
        }
        let made = Pair::new(&self.allowed, &manner).map_err(|_| {
            // The library's error may quote what it could not read.
            let detail =
                "the step's `certificate` is no secret that holds a certificate and its key";
            Failure::new(FailureClass::NotSetUp, detail)
        })?;
        if others.len() >= KEPT {
            others.clear();
        }
        others.insert(manner, made.clone());
        Ok(made)
    }

    /// Sends a request to its address and reads the answer up to 1 MiB, all within its time limit.
    /// `certificate` says who is calling: PEM, with its chain and its key.
    pub async fn send(
        &self,
        Address { url, .. }: Address,
        request: Request,
        certificate: Option<String>,
    ) -> Result<Response, Failure> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let limit = request.timeout;
        let told = |mut failure: Failure| {
            failure.host = Some(host.clone());
            failure
        };
        let pair = self.pair(&request, certificate).map_err(told)?;
        let client = self.client_for(&pair, &url).map_err(told)?;
        match tokio::time::timeout(limit, exchange(client, url, request)).await {
            Ok(answer) => answer.map_err(told),
            Err(_) => Err(told(failure::no_answer(limit))),
        }
    }

    /// Chooses the client, or refuses an address that is written in the URL itself; a name is
    /// judged by its addresses when it has been resolved.
    fn client_for<'p>(&self, pair: &'p Pair, url: &Url) -> Result<&'p reqwest::Client, Failure> {
        let host = url.host_str().unwrap_or_default();
        if self.allowed.admits_host(host, url.port_or_known_default().unwrap_or_default()) {
            return Ok(&pair.admitted);
        }
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if !self.allowed.admits_address(address) => {
                Err(failure::forbidden(&Forbidden { host: host.into(), address }))
            }
            _ => Ok(&pair.guarded),
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub struct Address {
    url: Url,
    /// Whom it calls.
    pub destination: DestinationKey,
}

impl Address {
    /// Reads a URL that has a host.
    pub fn read(url: &str) -> Result<Self, Failure> {
        let refused = |why: &dyn std::fmt::Display| {
            // The URL itself is left out: it may hold a password.
            Failure::new(FailureClass::Flow, format!("the URL cannot be called: {why}"))
        };
        let url = Url::parse(url).map_err(|error| refused(&error))?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(refused(&"it names no host"));
        };
        let destination = DestinationKey::new(url.scheme(), host, port);
        Ok(Self { url, destination })
    }
}

async fn exchange(
    client: &reqwest::Client,
    url: Url,
    request: Request,
) -> Result<Response, Failure> {
    let faulty = |detail: String| Failure::new(FailureClass::Flow, detail);
    let method = reqwest::Method::from_bytes(request.method.as_bytes())
        .map_err(|_| faulty(format!("\"{}\" is no HTTP method", request.method)))?;
    let mut outgoing = client.request(method, url);
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| faulty(format!("\"{name}\" is no header name")))?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| faulty(format!("the value of header {name} holds a control character")))?;
        outgoing = outgoing.header(name, value);
    }
    if !request.body.is_empty() {
        outgoing = outgoing.body(request.body);
    }
    let mut answer = outgoing.send().await.map_err(|error| failure::of(&error))?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure::of(&error))? {
        let room = ANSWER_BYTES_MAX - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            cut = true;
            break;
        }
    }
    Ok(Response { status, headers, body, cut })
}

/// Resolves as the system does, and passes on only what may be called: the check stands between
/// resolution and connection, so a name cannot change its address in between.
struct GuardedResolver {
    allowed: Arc<AllowTargets>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let good = admitted(&allowed, &host, 0).await?;
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
