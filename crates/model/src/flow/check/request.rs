//! Texts that stand for parts of a request.

use super::reader::Reader;
use crate::flow::{
    json::{Kind, Node},
    syntax::Expect,
    template::{Part, Template},
};

impl Reader<'_> {
    pub(super) fn url(&mut self, node: &Node, path: &str, what: &str) -> Option<Template> {
        self.text(node, path, what)?;
        let url = self.template(node, path, what)?;
        if let Some(Part::Text(beginning)) = url.parts.first() {
            let beginning = beginning.trim_start().to_ascii_lowercase();
            let schemes = ["https://", "http://"];
            let whole = url.parts.len() == 1;
            let begins = schemes.iter().any(|scheme| {
                beginning.len() > scheme.len() && beginning.starts_with(scheme)
                    || !whole && (scheme.starts_with(&beginning) || beginning == *scheme)
            });
            if !begins {
                let message = format!("{what} begins with http:// or https:// and a host");
                self.error(node.start, path, message);
            }
        }
        Some(url)
    }

    pub(super) fn statuses(&mut self, node: &Node, path: &str, what: &str) -> Option<Expect> {
        let text = match &node.kind {
            Kind::Text(text) => text.clone(),
            Kind::Number(number) => number.to_string(),
            _ => {
                self.wrong_type(node, path, what, "text");
                return None;
            }
        };
        let expect = Expect::parse(&text);
        if expect.is_none() {
            let message =
                format!("{what} is statuses with commas between: \"2xx\", \"200\", \"2xx,404\"");
            self.error(node.start, path, message);
        }
        expect
    }
}

/// Whether a text is a `token` of RFC 9110.
pub fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
