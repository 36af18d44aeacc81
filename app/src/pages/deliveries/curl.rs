//! A recorded request as a curl command.

use model::trace::Exchange;

/// Headers that curl writes by itself, or that belong to one connection only.
const LEFT_OUT: [&str; 4] = ["content-length", "host", "connection", "transfer-encoding"];

/// The command that makes the same request; what was redacted stays visible as such.
pub fn command(exchange: &Exchange) -> String {
    let mut lines = vec![format!("curl -X {} {}", exchange.method, quoted(&exchange.url))];
    for (name, value) in &exchange.request_headers {
        if !LEFT_OUT.contains(&name.to_ascii_lowercase().as_str()) {
            lines.push(format!("  -H {}", quoted(&format!("{name}: {value}"))));
        }
    }
    if !exchange.request_body.text.is_empty() {
        lines.push(format!("  --data-raw {}", quoted(&exchange.request_body.text)));
    }
    lines.join(" \\\n")
}

/// The text in single quotes for a POSIX shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::trace::Body;

    #[test]
    fn quotes_and_redacted_headers_survive() {
        let exchange = Exchange {
            method: "POST".into(),
            url: "https://crm.example/a?b=c".into(),
            request_headers: vec![
                ("Authorization".into(), "[redacted]".into()),
                ("Content-Length".into(), "9".into()),
            ],
            request_body: Body { text: r#"{"a":"it's"}"#.into(), cut_from: None },
            answer: None,
        };
        assert_eq!(
            command(&exchange),
            "curl -X POST 'https://crm.example/a?b=c' \\\n  -H 'Authorization: [redacted]' \\\n  \
             --data-raw '{\"a\":\"it'\\''s\"}'"
        );
    }
}
