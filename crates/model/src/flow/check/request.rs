//! The arguments of `httpRequest`.

use super::{
    TIMEOUT_MAX_MS,
    reader::{Reader, below},
};
use crate::flow::{
    json::{Kind, Member, Node, place_in_string},
    path::Path,
    syntax::{Action, Expect, HttpRequest, METHODS, Number},
    template::{Part, Template},
};

/// Milliseconds that a request may take if it does not say.
const TIMEOUT_DEFAULT_MS: u64 = 1_000;

const ARGUMENTS: [&str; 9] = [
    "url",
    "method",
    "timeout",
    "headers",
    "path",
    "data",
    "exportVariables",
    "responseCode",
    "expect",
];

/// Arguments of the language that do nothing yet.
const TO_COME: [&str; 7] = [
    "parser",
    "exportCookie",
    "cacheCookie",
    "insecureSkipVerify",
    "renegotiation",
    "sign",
    "auth",
];

impl Reader<'_> {
    pub(super) fn http_request(&mut self, node: &Node, path: &str) -> Option<Action> {
        let members = self.object(node, path, "`httpRequest`")?;
        self.required(node, members, path, "`httpRequest`", "url");
        let mut url = None;
        let mut request = HttpRequest {
            url: Template::default(),
            method: Template { parts: vec![Part::Text("POST".to_owned())] },
            timeout: Number::Literal(TIMEOUT_DEFAULT_MS),
            headers: Vec::new(),
            path: Vec::new(),
            data: None,
            export_variables: Vec::new(),
            response_code: None,
            expect: None,
        };
        for member in members {
            let at = below(path, &member.key);
            let value = &member.value;
            match member.key.as_str() {
                "url" => url = self.url(value, &at),
                "method" => request.method = self.method(value, &at).unwrap_or_default(),
                "timeout" => {
                    let time = self.number(value, &at, "`timeout` in ms", 1..=TIMEOUT_MAX_MS);
                    request.timeout = time.unwrap_or(request.timeout);
                }
                "headers" => request.headers = self.headers(value, &at),
                "path" => request.path = self.texts(value, &at, "`path`"),
                "data" => {
                    let data = self.value(value, &at);
                    request.data = (value.kind != Kind::Null).then_some(data);
                }
                "exportVariables" => request.export_variables = self.exports(value, &at),
                "responseCode" => {
                    if let Some(name) = self.text(value, &at, "`responseCode`") {
                        self.variable(name, value.start, &at);
                        request.response_code = Some(name.to_owned());
                    }
                }
                "expect" => request.expect = self.expect(value, &at),
                key if TO_COME.contains(&key) => self.not_yet(member, &at),
                _ => self.unknown_argument(member, path, &ARGUMENTS),
            }
        }
        request.url = url?;
        Some(Action::HttpRequest(Box::new(request)))
    }

    fn url(&mut self, node: &Node, path: &str) -> Option<Template> {
        self.text(node, path, "`url`")?;
        let url = self.template(node, path, "`url`")?;
        if let Some(Part::Text(beginning)) = url.parts.first() {
            let beginning = beginning.trim_start().to_ascii_lowercase();
            let schemes = ["https://", "http://"];
            let whole = url.parts.len() == 1;
            let begins = schemes.iter().any(|scheme| {
                beginning.len() > scheme.len() && beginning.starts_with(scheme)
                    || !whole && (scheme.starts_with(&beginning) || beginning == *scheme)
            });
            if !begins {
                self.error(node.start, path, "`url` begins with http:// or https:// and a host");
            }
        }
        Some(url)
    }

    fn method(&mut self, node: &Node, path: &str) -> Option<Template> {
        self.text(node, path, "`method`")?;
        let method = self.template(node, path, "`method`")?;
        let Some(literal) = method.literal() else { return Some(method) };
        let upper = literal.trim().to_ascii_uppercase();
        if !METHODS.contains(&upper.as_str()) {
            let message = format!("`method` is one of {}", METHODS.join(", "));
            self.error(node.start, path, message);
            return None;
        }
        Some(Template { parts: vec![Part::Text(upper)] })
    }

    fn texts(&mut self, node: &Node, path: &str, what: &str) -> Vec<(String, Template)> {
        let mut texts = Vec::new();
        for member in self.object(node, path, what).unwrap_or_default() {
            let at = below(path, &member.key);
            let what = format!("`{}`", member.key);
            if let Some(text) = self.scalar(&member.value, &at, &what) {
                texts.push((member.key.clone(), text));
            }
        }
        texts
    }

    fn headers(&mut self, node: &Node, path: &str) -> Vec<(String, Template)> {
        for member in node.members() {
            if !is_header_name(&member.key) {
                let message = format!("\"{}\" cannot be the name of a header", member.key);
                self.error(member.key_start, &below(path, &member.key), message);
            }
        }
        self.texts(node, path, "`headers`")
    }

    fn exports(&mut self, node: &Node, path: &str) -> Vec<(String, Path)> {
        let mut exports = Vec::new();
        for member in self.object(node, path, "`exportVariables`").unwrap_or_default() {
            let at = below(path, &member.key);
            self.variable(&member.key, member.key_start, &at);
            let Kind::Text(text) = &member.value.kind else {
                self.wrong_type(&member.value, &at, "a path into the answer", "text");
                continue;
            };
            match Path::parse(text) {
                Ok(read) => exports.push((member.key.clone(), read)),
                Err(error) => {
                    let place = place_in_string(self.source(), member.value.start, error.offset);
                    self.error(place, &at, error.message);
                }
            }
        }
        exports
    }

    fn expect(&mut self, node: &Node, path: &str) -> Option<Expect> {
        let text = match &node.kind {
            Kind::Text(text) => text.clone(),
            Kind::Number(number) => number.to_string(),
            _ => {
                self.wrong_type(node, path, "`expect`", "text");
                return None;
            }
        };
        let expect = Expect::parse(&text);
        if expect.is_none() {
            let message = "`expect` is statuses with commas between: \"2xx\", \"200\", \"2xx,404\"";
            self.error(node.start, path, message);
        }
        expect
    }

    /// An argument that asks for nothing is let pass, so that exported flows stay as they are.
    fn not_yet(&mut self, member: &Member, path: &str) {
        let asks = match &member.value.kind {
            Kind::Null | Kind::Bool(false) => false,
            Kind::Text(text) => !text.is_empty(),
            _ => true,
        };
        if asks {
            let message = format!("`{}` is not available yet", member.key);
            self.error(member.key_start, path, message);
        }
    }
}

/// Whether a text is a `token` of RFC 9110.
pub fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
