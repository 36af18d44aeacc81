//! What a failed request tells: its class, from the chain of its causes.

use super::resolve::{Forbidden, Unresolved};
use model::{
    time::Millis,
    trace::{Failure, FailureClass, Fault},
};
use rustls::{CertificateError, pki_types::UnixTime};
use std::{error::Error, io, time::Duration};

/// The most names of a certificate that are told.
const NAMES_MAX: usize = 5;
/// What the system answers where the process, or the machine, may open no more files; the library
/// has no kind for it yet.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// The failure that a client's error stands for.
pub(super) fn of(error: &reqwest::Error) -> Failure {
    // The outermost error names the URL, which may hold a secret; its causes say enough.
    let mut cause = error.source();
    let mut last = "the request failed".to_owned();
    while let Some(one) = cause {
        if let Some(refused) = one.downcast_ref::<Forbidden>() {
            return forbidden(refused);
        }
        if one.is::<Unresolved>() {
            return Failure::new(FailureClass::Dns, one.to_string());
        }
        if let Some(tls) = one.downcast_ref::<rustls::Error>() {
            return of_tls(tls);
        }
        if let Some(error) = one.downcast_ref::<io::Error>() {
            if let Some(tls) = tls_within(error) {
                return of_tls(tls);
            }
            if matches!(error.raw_os_error(), Some(EMFILE | ENFILE)) {
                let fault = Some(Box::new(Fault::NoFiles));
                return Failure { fault, ..Failure::new(FailureClass::Connect, error.to_string()) };
            }
            if let Some((detail, fault)) = connection_fault(error.kind()) {
                let fault = fault.map(Box::new);
                return Failure { fault, ..Failure::new(FailureClass::Connect, detail) };
            }
        }
        last = one.to_string();
        cause = one.source();
    }
    // The system's resolver, for hosts that are admitted by name.
    let class = if last.contains("lookup address") || last.contains("not known") {
        FailureClass::Dns
    } else {
        FailureClass::Connect
    };
    Failure::new(class, last)
}

/// The error of TLS that an error of input and output carries, however deep: such an error is not
/// among its own sources.
fn tls_within(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner
        .downcast_ref::<rustls::Error>()
        .or_else(|| inner.downcast_ref::<io::Error>().and_then(tls_within))
}

fn of_tls(error: &rustls::Error) -> Failure {
    let fault = match error {
        rustls::Error::InvalidCertificate(fault) => certificate_fault(fault),
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            Some(Fault::NotTls)
        }
        _ => None,
    };
    let fault = fault.map(Box::new);
    Failure { fault, ..Failure::new(FailureClass::Tls, error.to_string()) }
}

fn certificate_fault(error: &CertificateError) -> Option<Fault> {
    Some(match error {
        CertificateError::Expired => Fault::CertificateExpired { until: None },
        CertificateError::ExpiredContext { not_after, .. } => {
            Fault::CertificateExpired { until: Some(millis(*not_after)) }
        }
        CertificateError::NotValidYet => Fault::CertificateNotYetValid { from: None },
        CertificateError::NotValidYetContext { not_before, .. } => {
            Fault::CertificateNotYetValid { from: Some(millis(*not_before)) }
        }
        CertificateError::NotValidForName => Fault::CertificateForOthers { names: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().take(NAMES_MAX).map(|name| bare(name)).collect();
            Fault::CertificateForOthers { names }
        }
        CertificateError::UnknownIssuer => Fault::CertificateUnknownIssuer,
        CertificateError::Revoked => Fault::CertificateRevoked,
        // A certificate that is its own authority's comes as an error of the verifier's library.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            Fault::CertificateUnknownIssuer
        }
        _ => return None,
    })
}

/// A name of a certificate without the kind that the library writes around it.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

fn millis(at: UnixTime) -> Millis {
    Millis(i64::try_from(at.as_secs()).unwrap_or(i64::MAX).saturating_mul(1_000))
}

fn connection_fault(kind: io::ErrorKind) -> Option<(&'static str, Option<Fault>)> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => ("connection refused", Some(Fault::Refused)),
        io::ErrorKind::ConnectionReset => ("connection reset", Some(Fault::Closed)),
        io::ErrorKind::ConnectionAborted => ("connection aborted", Some(Fault::Closed)),
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            ("the connection was closed before the answer was whole", Some(Fault::Closed))
        }
        io::ErrorKind::HostUnreachable => ("host unreachable", Some(Fault::Unreachable)),
        io::ErrorKind::NetworkUnreachable => ("network unreachable", Some(Fault::Unreachable)),
        io::ErrorKind::TimedOut => ("the connection timed out", Some(Fault::Unreachable)),
        _ => return None,
    })
}

/// An address that may not be called.
pub(super) fn forbidden(refused: &Forbidden) -> Failure {
    Failure::new(FailureClass::ForbiddenTarget, refused.to_string())
}

/// No whole answer within the limit.
pub(super) fn no_answer(limit: Duration) -> Failure {
    let ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    Failure {
        limit: Some(ms),
        ..Failure::new(FailureClass::Timeout, format!("no whole answer within {ms} ms"))
    }
}
