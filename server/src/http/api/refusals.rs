//! The errors that routes have in common, for the document.

use super::super::problem::{ApiProblem, ParameterFault};
use axum::http::StatusCode;
use model::problem::Problem;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses,
    openapi::{
        ContentBuilder, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
        schema::{SchemaType, Type},
    },
};

/// A kind of refusal: the status, what it means, and what one looks like.
struct Kind {
    /// Its name in the document.
    name: &'static str,
    status: StatusCode,
    about: &'static str,
    example: fn() -> ApiProblem,
    /// A header that goes with it, and what it says.
    header: Option<(&'static str, &'static str)>,
}

/// Every kind of refusal.
const KINDS: [Kind; 10] = [
    BAD_PARAMETERS,
    BAD_POST,
    UNAUTHORIZED,
    FORBIDDEN,
    NOT_FOUND,
    CONFLICT,
    TOO_LARGE,
    UNREAD_TYPE,
    INVALID,
    UNAVAILABLE,
];

const BAD_PARAMETERS: Kind = Kind {
    name: "BadParameters",
    status: StatusCode::BAD_REQUEST,
    about: "A parameter of the query is unknown, malformed or given twice; parameters names each",
    example: || {
        let detail = "is 1 to 200, not 500".into();
        ApiProblem::parameters(vec![ParameterFault { name: "size".into(), detail }])
    },
    header: None,
};

const BAD_POST: Kind = Kind {
    name: "BadPost",
    status: StatusCode::BAD_REQUEST,
    about: "The body cannot be read: it is not JSON, or not packed as it says; or the query has \
            parameters",
    example: || {
        let detail = "the body is not JSON: EOF while parsing a value at line 1 column 10";
        ApiProblem::new(StatusCode::BAD_REQUEST, detail)
    },
    header: None,
};

const UNAUTHORIZED: Kind = Kind {
    name: "Unauthorized",
    status: StatusCode::UNAUTHORIZED,
    about: "There is no token, or it is not known",
    example: || {
        let detail = "this token is not known; it may have been deleted";
        ApiProblem::new(StatusCode::UNAUTHORIZED, detail)
    },
    header: Some(("WWW-Authenticate", "The scheme that is asked for: Bearer")),
};

const FORBIDDEN: Kind = Kind {
    name: "Forbidden",
    status: StatusCode::FORBIDDEN,
    about: "The token has not the scope that this needs",
    example: || {
        let detail = "dialler may not do this: it needs a signed-in user, or a token with the \
                      scope read";
        ApiProblem::new(StatusCode::FORBIDDEN, detail)
    },
    header: None,
};

const NOT_FOUND: Kind = Kind {
    name: "NotFound",
    status: StatusCode::NOT_FOUND,
    about: "There is no such thing (any more)",
    example: || {
        let detail = "there is no delivery 0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901";
        ApiProblem::new(StatusCode::NOT_FOUND, detail)
    },
    header: None,
};

const CONFLICT: Kind = Kind {
    name: "Conflict",
    status: StatusCode::CONFLICT,
    about: "It does not go with how things stand",
    example: || {
        let detail = "this delivery is still under way; it can be replayed when it has ended";
        ApiProblem::new(StatusCode::CONFLICT, detail)
    },
    header: None,
};

const TOO_LARGE: Kind = Kind {
    name: "TooLarge",
    status: StatusCode::PAYLOAD_TOO_LARGE,
    about: "The body is larger than it may be",
    example: || {
        let detail = "one event has at most 1024 KiB, many together 8192 KiB";
        ApiProblem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    },
    header: None,
};

const UNREAD_TYPE: Kind = Kind {
    name: "UnreadType",
    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    about: "Bodies of this type, or packed so, are not read; the header Accept-Post or \
            Accept-Encoding says which are",
    example: || {
        let detail = "bodies packed as br are not unpacked here; gzip and zstd are";
        ApiProblem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    },
    header: None,
};

const INVALID: Kind = Kind {
    name: "Invalid",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    about: "The body has faults; errors names each by its JSON pointer",
    example: || {
        let detail = "is an integer, not the text \"many\"";
        ApiProblem::invalid(vec![Problem::new("/data/attempt_id", detail)])
    },
    header: None,
};

const UNAVAILABLE: Kind = Kind {
    name: "Unavailable",
    status: StatusCode::SERVICE_UNAVAILABLE,
    about: "The server is stopping, or its database does not answer; nothing was done",
    example: || {
        let detail = "nothing is accepted at the moment: the server is stopping";
        ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    },
    header: Some(("Retry-After", "How soon to try again, in seconds")),
};

impl Kind {
    fn response(&self) -> Response {
        let example = serde_json::to_value((self.example)()).ok();
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("ProblemDetails")))
            .example(example)
            .build();
        let response = ResponseBuilder::new()
            .description(self.about)
            .content("application/problem+json", content);
        let Some((name, about)) = self.header else { return response.build() };
        let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        let mut header = Header::new(text);
        header.description = Some(about.into());
        response.header(name, header).build()
    }

    /// An entry of an operation's answers that points to this kind.
    fn entry(&self) -> (String, RefOr<Response>) {
        (self.status.as_str().into(), RefOr::Ref(Ref::from_response_name(self.name)))
    }
}

/// Every kind of refusal by its name, for the document.
pub fn all() -> impl Iterator<Item = (&'static str, Response)> {
    KINDS.iter().map(|kind| (kind.name, kind.response()))
}

macro_rules! refusals {
    ($($(#[$about:meta])* $name:ident: $($kind:ident),+;)+) => {
        $(
            $(#[$about])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [$($kind.entry()),+].into()
                }
            }
        )+
    };
}

refusals! {
    /// What every route that wants a token may answer.
    Refusals: UNAUTHORIZED, FORBIDDEN, UNAVAILABLE;
    /// That the query has faults.
    BadParameters: BAD_PARAMETERS;
    /// That the body cannot be read, or the query has faults.
    BadPost: BAD_POST;
    /// That there is no such thing.
    NotFound: NOT_FOUND;
    /// That it does not go with how things stand.
    Conflict: CONFLICT;
    /// That the body is too large.
    TooLarge: TOO_LARGE;
    /// That bodies of such a kind are not read.
    UnreadType: UNREAD_TYPE;
    /// That the body has faults.
    Invalid: INVALID;
}
