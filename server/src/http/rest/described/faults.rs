//! The errors of these routes, for the document.

use super::super::fault::{Body, Fault};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses, PartialSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

/// A kind of error: its name in the document, the status, what it means, and what one looks like.
struct Kind {
    name: &'static str,
    status: StatusCode,
    about: &'static str,
    id: &'static str,
    detail: &'static str,
}

const INVALID: Kind = Kind {
    name: "FaultInvalid",
    status: StatusCode::BAD_REQUEST,
    about: "The body, a parameter or an id cannot be read or is not as it should be; detail names \
            each member",
    id: "request.invalid",
    detail: "name: is needed",
};

const UNAUTHORIZED: Kind = Kind {
    name: "FaultUnauthorized",
    status: StatusCode::UNAUTHORIZED,
    about: "There is no token, or it is not known",
    id: "access.token",
    detail: "this token is not known; it may have been deleted",
};

const DENIED: Kind = Kind {
    name: "FaultDenied",
    status: StatusCode::FORBIDDEN,
    about: "The token has not the scope that this needs",
    id: "access.denied",
    detail: "crm may not do this: it needs the role editor or admin, or a token with the scope manage",
};

const NOT_FOUND: Kind = Kind {
    name: "FaultNotFound",
    status: StatusCode::NOT_FOUND,
    about: "There is no such thing (any more)",
    id: "request.not_found",
    detail: "there is no queue 30",
};

const CONFLICT: Kind = Kind {
    name: "FaultConflict",
    status: StatusCode::CONFLICT,
    about: "It does not go with what is there",
    id: "request.conflict",
    detail: "somebody saved version 4 meanwhile; copy your text, reload and merge",
};

const TOO_LARGE: Kind = Kind {
    name: "FaultTooLarge",
    status: StatusCode::PAYLOAD_TOO_LARGE,
    about: "The body is larger than it may be",
    id: "request.unreadable",
    detail: "a body has at most 2048 KiB",
};

const UNAVAILABLE: Kind = Kind {
    name: "FaultUnavailable",
    status: StatusCode::SERVICE_UNAVAILABLE,
    about: "The database does not answer; nothing was done",
    id: "server.unavailable",
    detail: "the database cannot be used at the moment",
};

const KINDS: [Kind; 7] =
    [INVALID, UNAUTHORIZED, DENIED, NOT_FOUND, CONFLICT, TOO_LARGE, UNAVAILABLE];

impl Kind {
    fn response(&self) -> Response {
        let shown = Fault::new(self.status, self.id, self.detail).body();
        let content = ContentBuilder::new()
            .schema(Some(Body::schema()))
            .example(serde_json::to_value(shown).ok())
            .build();
        ResponseBuilder::new().description(self.about).content("application/json", content).build()
    }
}

/// Every kind of error by its name.
pub fn all() -> impl Iterator<Item = (&'static str, Response)> {
    KINDS.iter().map(|kind| (kind.name, kind.response()))
}

fn entries<const N: usize>(kinds: [Kind; N]) -> BTreeMap<String, RefOr<Response>> {
    let entry =
        |kind: Kind| (kind.status.as_str().into(), RefOr::Ref(Ref::from_response_name(kind.name)));
    kinds.into_iter().map(entry).collect()
}

/// What every route may answer.
pub struct Faults;

impl IntoResponses for Faults {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        entries([INVALID, UNAUTHORIZED, DENIED, UNAVAILABLE])
    }
}

/// What a route about one thing may answer besides.
pub struct Missing;

impl IntoResponses for Missing {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        entries([NOT_FOUND])
    }
}

/// What a route that changes something may answer besides.
pub struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        entries([CONFLICT, TOO_LARGE])
    }
}
