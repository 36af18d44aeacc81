//! Looking at a URL before it is called.

use crate::variables::Variables;
use model::trace::{Failure, FailureClass};

/// The failure of a step whose URL is none.
pub(super) fn refused(url: &str, why: &str, variables: &Variables<'_>) -> Failure {
    let shown = variables.quoted(&variables.shown_url(url), 200);
    Failure::new(FailureClass::Flow, format!("the url \"{shown}\" {why}"))
}

/// The host of an absolute http or https URL, without its port.
///
/// # Errors
/// When the text is no such URL: what it has or lacks.
pub(super) fn host(url: &str) -> Result<String, &'static str> {
    if url.chars().any(char::is_control) {
        return Err("has a control character");
    }
    let rest = match url.trim().split_once("://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            rest
        }
        _ => return Err("does not begin with http:// or https://"),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    if address.contains(char::is_whitespace) {
        return Err("has a space in its host");
    }
    let (host, port) = match address.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => {
                (host, port.strip_prefix(':').unwrap_or(port))
            }
            _ => return Err("has a bad IPv6 address"),
        },
        None => address.split_once(':').unwrap_or((address, "")),
    };
    if host.is_empty() {
        return Err("has no host");
    }
    if !port.is_empty()
        && (!port.bytes().all(|b| b.is_ascii_digit()) || port.parse::<u16>().is_err())
    {
        return Err("has a bad port");
    }
    Ok(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::tests::with;
    use model::JsonMap;

    #[test]
    fn the_host_is_found() {
        for (url, expected) in [
            ("https://Crm.Example/call?x=a@b", "crm.example"),
            ("http://u:p@h.example:8080", "h.example"),
            ("HTTPS://[::1]:443/", "::1"),
            (" http://h ", "h"),
            ("http://h?x", "h"),
            ("http://h:/", "h"),
        ] {
            assert_eq!(host(url).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_is_a_fault_of_the_flow() {
        for url in [
            "",
            "crm.example",
            "ftp://h",
            "http://",
            "http:///x",
            "http://h\n",
            "http://a b/",
            "http://h:x",
            "http://h:99999",
            "http://[::1",
            "http://[x]/",
            "http://@/",
            "javascript:1",
        ] {
            assert!(host(url).is_err(), "{url:?}");
        }
        let told = refused("ftp://user:word@h", "is none", &with(JsonMap::new()));
        assert_eq!(told.class, FailureClass::Flow);
        assert_eq!(told.detail, "the url \"ftp://[redacted]@h\" is none");
    }
}
