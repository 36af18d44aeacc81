//! The call of an address.

use super::{Argument, Description, Group::Requests, Keys, Kind, Range};
use crate::flow::{check::TIMEOUT_MAX_MS, syntax::METHODS};

const AUTH: Kind = Kind::Object(&[
    Argument::required(
        "type",
        Kind::OneOf { words: &["basic", "bearer", "oauth2"], templates: false },
        "A name and a password, a token, or a token that is fetched by client credentials.",
    ),
    Argument::new("user", Kind::Text, "For basic: the name."),
    Argument::new("password", Kind::Text, "For basic: the password."),
    Argument::new("token", Kind::Text, "For bearer: the token."),
    Argument::new(
        "tokenUrl",
        Kind::Url,
        "For oauth2: where the token is fetched. All runs use it until it is over or refused with 401.",
    ),
    Argument::new("clientId", Kind::Text, "For oauth2: the client's id."),
    Argument::new("clientSecret", Kind::Text, "For oauth2: the client's secret."),
    Argument::new("scope", Kind::Text, "For oauth2: the scope that is asked for."),
]);

pub(super) static ACTIONS: &[Description] = &[
    Description::new(
        "httpRequest",
        Requests,
        "Calls an address",
        Kind::Object(&[
            Argument::required("url", Kind::Url, "The address, http or https."),
            Argument::or(
                "method",
                Kind::OneOf { words: &METHODS, templates: true },
                r#""POST""#,
                "The method, in any letter case.",
            ),
            Argument::or(
                "timeout",
                Kind::Number(Range::new(1, TIMEOUT_MAX_MS, "ms")),
                "1000",
                "The longest time until the answer is whole, in milliseconds.",
            ),
            Argument::new(
                "headers",
                Kind::Map { keys: Keys::Headers, values: &Kind::Text },
                "Headers of the request.",
            ),
            Argument::new(
                "path",
                Kind::Map { keys: Keys::Any, values: &Kind::Text },
                "Values for placeholders of the url, percent-encoded.",
            ),
            Argument::new(
                "data",
                Kind::Value,
                "The body, written by the Content-Type: a form, XML or text as it is, else JSON. A text that is just one placeholder keeps its variable's type.",
            ),
            Argument::new(
                "exportVariables",
                Kind::Map { keys: Keys::Variables, values: &Kind::Path },
                "Variables and where in the answer their values stand.",
            ),
            Argument::new(
                "responseCode",
                Kind::Variable,
                "The variable that the answer's status is stored in.",
            ),
            Argument::new(
                "expect",
                Kind::Statuses,
                "The statuses that are no error. A strict flow expects 2xx, a lenient one anything.",
            ),
            Argument::new(
                "parser",
                Kind::Label,
                "How the answer is read, whatever its Content-Type says: json, xml or text; a content type will do.",
            ),
            Argument::new(
                "exportCookie",
                Kind::Variable,
                "The variable that the answer's cookies are stored in.",
            ),
            Argument::or(
                "cacheCookie",
                Kind::Flag,
                "false",
                "Keeps those cookies until they expire; until then the variable is filled without a request.",
            ),
            Argument::or(
                "insecureSkipVerify",
                Kind::Flag,
                "false",
                "Accepts any certificate, where the operator allows it (allow_insecure_tls). Whoever stands between can read and change everything.",
            ),
            Argument::new("renegotiation", Kind::Label, "Kept for the original; has no effect."),
            Argument::or(
                "sign",
                Kind::Flag,
                "false",
                "Signs the request in the way of Standard Webhooks.",
            ),
            Argument::new("auth", AUTH, "How the request says who is calling."),
            Argument::new(
                "certificate",
                Kind::Plain,
                "The name of a secret with a certificate, its chain and its key in PEM, that says who is calling (mutual TLS).",
            ),
        ]),
        r#"{
  "httpRequest": {
    "url": "https://crm.example/calls/${attempt_id}",
    "method": "POST",
    "headers": {"Content-Type": "application/json"},
    "data": {"event": "${event}", "caller": "${destination}"},
    "timeout": 3000,
    "exportVariables": {"crm_id": "data.id"}
  }
}"#,
    )
    .outside()
    .secrets(),
];
