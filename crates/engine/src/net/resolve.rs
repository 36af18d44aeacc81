//! From a name to addresses that may be called.

use super::{AllowTargets, failure};
use model::trace::{Failure, FailureClass};
use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
};

/// The name has only addresses that may not be called.
#[derive(Debug, thiserror::Error)]
#[error("{} is private, loopback, link-local or otherwise not public", self.named())]
pub(super) struct Forbidden {
    pub host: String,
    pub address: IpAddr,
}

impl Forbidden {
    /// The name and the address; where an address was asked for, that alone.
    fn named(&self) -> String {
        let Self { host, address } = self;
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(_) => host.clone(),
            Err(_) => format!("{host} is {address}, which"),
        }
    }
}

/// The name does not resolve.
#[derive(Debug, thiserror::Error)]
#[error("the name {host} does not resolve: {detail}")]
pub(super) struct Unresolved {
    pub host: String,
    pub detail: String,
}

/// Of a name's addresses those that may be called, at least one.
///
/// # Errors
/// [`Unresolved`] or [`Forbidden`].
pub(super) async fn admitted(
    allowed: &AllowTargets,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
    let found = found(host, port).await?;
    let (good, bad): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|address| allowed.admits_address(address.ip()));
    match (good.is_empty(), bad.first()) {
        (false, _) => Ok(good),
        (true, Some(address)) => {
            Err(Forbidden { host: host.to_owned(), address: address.ip() }.into())
        }
        (true, None) => Err(none(host).into()),
    }
}

/// The addresses to call for this host and port, by whatever protocol: all that may be called, at
/// least one, in the order in which they are to be tried.
///
/// # Errors
/// Class `dns` where the name does not resolve, `forbidden_target` where it may not be called.
pub(crate) async fn resolve(
    allowed: &AllowTargets,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, Failure> {
    let bare = host.trim_matches(['[', ']']);
    let addresses = match allowed.admits_host(host, port) {
        true => found(bare, port).await.map_err(Into::into),
        false => admitted(allowed, bare, port).await,
    };
    let some = addresses.and_then(|all| match all.is_empty() {
        true => Err(none(host).into()),
        false => Ok(all),
    });
    some.map_err(|error| {
        let failure = match error.downcast_ref::<Forbidden>() {
            Some(refused) => failure::forbidden(refused),
            None => Failure::new(FailureClass::Dns, error.to_string()),
        };
        Failure { host: Some(host.to_owned()), ..failure }
    })
}

async fn found(host: &str, port: u16) -> Result<Vec<SocketAddr>, Unresolved> {
    let found = tokio::net::lookup_host((host, port)).await;
    let unresolved =
        |error: std::io::Error| Unresolved { host: host.to_owned(), detail: error.to_string() };
    Ok(found.map_err(unresolved)?.collect())
}

fn none(host: &str) -> Unresolved {
    Unresolved { host: host.to_owned(), detail: "it has no address".into() }
}
