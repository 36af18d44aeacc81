//! `httpRequest`, where one argument says how another is read.

use crate::flow::{
    check::{
        arguments::{Arguments, Raw},
        reader::Reader,
    },
    json::place_in_string,
    path::Path,
    syntax::{Action, Auth, Export, HttpRequest, Parser},
    xpath::XPath,
};

impl Reader<'_> {
    pub(super) fn http_request(&mut self, arguments: &mut Arguments) -> Option<Action> {
        let parser = arguments.take::<String>("parser");
        let parser = parser.filter(|parser| !parser.trim().is_empty()).and_then(|text| {
            let parser = Parser::parse(&text);
            if parser.is_none() {
                let message =
                    format!("`parser` is one of {}, or a content type", Parser::WORDS.join(", "));
                let (offset, path) = arguments.site();
                self.error(offset, &path, message);
            }
            parser
        });
        let exports: Vec<(String, Raw)> = arguments.take("exportVariables").unwrap_or_default();
        let export_variables = exports
            .into_iter()
            .filter_map(|(name, raw)| Some((name, self.export(raw, parser)?)))
            .collect();
        let auth = match arguments.take::<Arguments>("auth") {
            Some(auth) => Some(self.auth(auth)?),
            None => None,
        };
        Some(Action::HttpRequest(Box::new(HttpRequest {
            url: arguments.take("url")?,
            method: arguments.take("method")?,
            timeout: arguments.take("timeout")?,
            headers: arguments.take("headers").unwrap_or_default(),
            path: arguments.take("path").unwrap_or_default(),
            data: arguments.take("data"),
            export_variables,
            response_code: arguments.take("responseCode"),
            expect: arguments.take("expect"),
            parser,
            export_cookie: arguments.take("exportCookie"),
            cache_cookie: arguments.take("cacheCookie")?,
            insecure: arguments.take("insecureSkipVerify")?,
            renegotiation: arguments.take("renegotiation"),
            sign: arguments.take("sign")?,
            auth,
            certificate: arguments.take("certificate"),
        })))
    }

    /// Where in the answer a value stands. Without a parser it may be any of the three.
    fn export(&mut self, raw: Raw, parser: Option<Parser>) -> Option<Export> {
        let (json, xml) = (Path::parse(&raw.text), XPath::parse(&raw.text));
        let fault = match (parser, &json, &xml) {
            (Some(Parser::Json), Err(fault), _) | (Some(Parser::Xml), _, Err(fault)) => Some(fault),
            (None, _, Err(fault)) if raw.text.starts_with('/') => Some(fault),
            (None, Err(fault), _) if !raw.text.starts_with('/') => Some(fault),
            _ => None,
        };
        if let Some(fault) = fault {
            let place = place_in_string(self.source(), raw.start, fault.offset);
            self.error(place, &raw.path, fault.message.clone());
            return None;
        }
        Some(Export { text: raw.text, json: json.ok(), xml: xml.ok() })
    }

    fn auth(&mut self, mut given: Arguments) -> Option<Auth> {
        let kind: String = given.take("type")?;
        let needed: &[&str] = match kind.as_str() {
            "basic" => &["user", "password"],
            "bearer" => &["token"],
            _ => &["tokenUrl", "clientId", "clientSecret"],
        };
        for name in needed {
            if !given.has(name) {
                let (offset, path) = given.site();
                self.error(offset, &path, format!("`auth` of type {kind} lacks `{name}`"));
            }
        }
        Some(match kind.as_str() {
            "basic" => Auth::Basic { user: given.take("user")?, password: given.take("password")? },
            "bearer" => Auth::Bearer { token: given.take("token")? },
            _ => Auth::Oauth2 {
                token_url: given.take("tokenUrl")?,
                client_id: given.take("clientId")?,
                client_secret: given.take("clientSecret")?,
                scope: given.take("scope").unwrap_or_default(),
            },
        })
    }
}
