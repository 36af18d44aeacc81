//! The arguments of `httpRequest`.

use super::Number;
use crate::flow::{
    path::Path,
    template::{Template, ValueTemplate},
    xpath::XPath,
};

/// The methods of a request.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The arguments of `httpRequest`.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    pub url: Template,
    /// `POST` if the step names none.
    pub method: Template,
    /// Milliseconds, 1000 if the step names none.
    pub timeout: Number,
    pub headers: Vec<(String, Template)>,
    /// Fills placeholders of the url, percent-encoded.
    pub path: Vec<(String, Template)>,
    pub data: Option<ValueTemplate>,
    /// Variables and where their values stand in the answer.
    pub export_variables: Vec<(String, Export)>,
    /// The variable that the status is stored in.
    pub response_code: Option<String>,
    pub expect: Option<Expect>,
    /// How the answer is read, whatever its Content-Type says.
    pub parser: Option<Parser>,
    /// The variable that the answer's cookies are stored in.
    pub export_cookie: Option<String>,
    /// Whether those cookies are kept until they expire, and spare the request meanwhile.
    pub cache_cookie: bool,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// What it asks for of TLS renegotiation, which the client does not do.
    pub renegotiation: Option<String>,
    /// Whether the request is signed in the way of Standard Webhooks.
    pub sign: bool,
    pub auth: Option<Auth>,
    /// The name of a stored certificate that says who is calling.
    pub certificate: Option<String>,
}

/// How an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parser {
    Json,
    Xml,
    Text,
}

impl Parser {
    pub const WORDS: [&str; 3] = ["json", "xml", "text"];

    /// Reads a word, or a content type as the original has it; nothing if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let media = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media.as_str() {
            "json" => Some(Self::Json),
            "xml" | "application/xml" => Some(Self::Xml),
            "text" => Some(Self::Text),
            media if media.ends_with("/json") || media.ends_with("+json") => Some(Self::Json),
            media if media.ends_with("/xml") || media.ends_with("+xml") => Some(Self::Xml),
            media if media.starts_with("text/") => Some(Self::Text),
            _ => None,
        }
    }
}

/// Where in an answer a value stands. Which one is used depends on what the answer is.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// As it was written: the pattern for an answer that is text.
    pub text: String,
    pub json: Option<Path>,
    pub xml: Option<XPath>,
}

/// How a request says who is calling.
#[derive(Debug, Clone, PartialEq)]
pub enum Auth {
    Basic {
        user: Template,
        password: Template,
    },
    Bearer {
        token: Template,
    },
    /// A token that is fetched by client credentials.
    Oauth2 {
        token_url: Template,
        client_id: Template,
        client_secret: Template,
        scope: Template,
    },
}

/// The statuses that a request expects: `2xx`, `200`, `2xx,404`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// From and to, both included.
    ranges: Vec<(u16, u16)>,
}

impl Expect {
    /// What a strict flow expects of a request that does not say: `2xx`.
    pub fn success() -> Self {
        Self { ranges: vec![(200, 299)] }
    }

    /// Reads `2xx`, `200`, `2xx,404`; nothing if it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let range = |part: &str| {
            let part = part.trim().to_ascii_lowercase();
            if let Some(class) = part.strip_suffix("xx") {
                let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
                return (part.len() == 3).then_some((class * 100, class * 100 + 99));
            }
            let digits = part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
            let status: u16 = part.parse().ok().filter(|s| digits && (100..=599).contains(s))?;
            Some((status, status))
        };
        let ranges = text.split(',').map(range).collect::<Option<Vec<_>>>()?;
        Some(Self { ranges })
    }

    /// Whether a status is one of these.
    pub fn admits(&self, status: u16) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (from, to)) in self.ranges.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            if from == to { write!(f, "{from}")? } else { write!(f, "{}xx", from / 100)? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expect_takes_classes_and_single_statuses() {
        let expect = Expect::parse("2XX, 404").unwrap();
        assert!(expect.admits(204) && expect.admits(404) && !expect.admits(400));
        assert_eq!(expect.to_string(), "2xx, 404");
        for text in ["", "2x", "xx", "20", "600", "2xx,", "6xx", "+20", "200-299", "12xx"] {
            assert_eq!(Expect::parse(text), None, "{text}");
        }
    }
}
