//! Looking at a URL before it is called.

use model::trace::{Failure, FailureClass};

/// The host of an absolute http or https URL, without its port.
///
/// # Errors
/// When the text is no such URL.
pub(super) fn host(url: &str) -> Result<String, Failure> {
    let refuse = |detail: &str| {
        let shown: String = crate::redact::url(url).chars().take(200).collect();
        let detail = format!("the url \"{}\" {detail}", shown.escape_debug());
        Err(Failure::new(FailureClass::Flow, detail))
    };
    if url.chars().any(char::is_control) {
        return refuse("has a control character");
    }
    let rest = match url.trim().split_once("://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            rest
        }
        _ => return refuse("does not begin with http:// or https://"),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    if address.contains(char::is_whitespace) {
        return refuse("has a space in its host");
    }
    let (host, port) = match address.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => {
                (host, port.strip_prefix(':').unwrap_or(port))
            }
            _ => return refuse("has a bad IPv6 address"),
        },
        None => address.split_once(':').unwrap_or((address, "")),
    };
    if host.is_empty() {
        return refuse("has no host");
    }
    if !port.is_empty()
        && (!port.bytes().all(|b| b.is_ascii_digit()) || port.parse::<u16>().is_err())
    {
        return refuse("has a bad port");
    }
    Ok(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(host(url).map_err(|f| f.class), Err(FailureClass::Flow), "{url:?}");
        }
        assert!(!host("ftp://user:secret@h").unwrap_err().detail.contains("secret"));
    }
}
