//! What a failed request tells: its class, from the chain of its causes.

use super::client::{Forbidden, Unresolved};
use model::trace::{Failure, FailureClass};
use std::{error::Error, io, time::Duration};

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
            return Failure::new(FailureClass::Tls, tls.to_string());
        }
        if let Some(fault) = one.downcast_ref::<io::Error>() {
            if is_tls(fault) {
                return Failure::new(FailureClass::Tls, fault.to_string());
            }
            if let Some(detail) = connection_fault(fault.kind()) {
                return Failure::new(FailureClass::Connect, detail);
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

/// Whether an error of input and output carries one of TLS, however deep: such an error is not
/// among its own sources.
fn is_tls(fault: &io::Error) -> bool {
    fault.get_ref().is_some_and(|inner| {
        inner.is::<rustls::Error>() || inner.downcast_ref::<io::Error>().is_some_and(is_tls)
    })
}

fn connection_fault(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::ConnectionAborted => "connection aborted",
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            "the connection was closed before the answer was whole"
        }
        io::ErrorKind::HostUnreachable => "host unreachable",
        io::ErrorKind::NetworkUnreachable => "network unreachable",
        io::ErrorKind::TimedOut => "the connection timed out",
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

/// An answer over the cap.
pub(super) fn too_large(cap: u64) -> Failure {
    Failure {
        limit: Some(cap),
        ..Failure::new(FailureClass::TooLarge, format!("the answer has more than {cap} bytes"))
    }
}
