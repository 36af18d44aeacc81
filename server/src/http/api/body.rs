//! What a request that changes something says, as JSON.

use super::super::{Services, auth::Bearer, problem::ApiProblem};
use admin::AdminError;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::StatusCode,
};
use model::{
    problem::{Problem, pointer_token},
    user::{Actor, Permission},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};
use std::{fmt, marker::PhantomData, sync::Arc};

/// Who asks, and what the body says. Whoever may change nothing is told so first, whatever the
/// body.
pub struct Said<T>(pub Arc<Actor>, pub T);

impl<T: DeserializeOwned> FromRequest<Services> for Said<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, services: &Services) -> Result<Self, ApiProblem> {
        let (mut parts, body) = request.into_parts();
        let Bearer(actor) = Bearer::from_request_parts(&mut parts, services).await?;
        actor.require(Permission::Edit).map_err(AdminError::from)?;
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, services)
            .await
            .map_err(|error| ApiProblem::new(error.status(), error.body_text()))?;
        Ok(Self(actor, read(&body)?))
    }
}

/// What the body says, or what is wrong with it, by JSON pointer.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiProblem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json).map(|Object(said)| said);
    let read = read.map_err(|error| {
        let pointer = pointer(error.path());
        let error = error.into_inner();
        match error.classify() {
            Category::Data => ApiProblem::invalid(vec![Problem::new(pointer, error.to_string())]),
            Category::Io | Category::Syntax | Category::Eof => not_json(&error),
        }
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(read)
}

/// A structure that is written as an object. Serde takes it from a list as well, in which an empty
/// one would say nothing.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        object(given).map(Self)
    }
}

/// Reads a structure from an object and from nothing else.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(given: D) -> Result<T, D::Error> {
    struct Members<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members))
        }
    }
    given.deserialize_map(Members(PhantomData))
}

fn not_json(error: &serde_json::Error) -> ApiProblem {
    ApiProblem::new(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}"))
}

fn pointer(path: &Path) -> String {
    let token = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", pointer_token(key)),
        // The body as a whole, or a word of a closed list.
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(token).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::policy::PolicyChange;

    /// The status, and where the fault is.
    fn refused(body: &str) -> (u16, Vec<String>) {
        let problem = read::<PolicyChange>(body.as_bytes()).unwrap_err();
        (problem.status, problem.errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_where_it_stands() {
        assert_eq!(refused(r#"{"max_age_ms": "long"}"#), (422, vec!["/max_age_ms".to_owned()]));
        let (status, at) = refused(r#"{"retry_waits_ms": [5000, 0.5]}"#);
        assert_eq!((status, at), (422, vec!["/retry_waits_ms/1".to_owned()]));
        assert_eq!(refused(r#"{"priority": "first"}"#), (422, vec!["/priority".to_owned()]));
        assert_eq!(refused(r#"{"waits": 3}"#), (422, vec!["/waits".to_owned()]));
        for text in ["7", "[]", "null"] {
            assert_eq!(refused(text), (422, vec![String::new()]), "{text}");
        }
        for text in ["", "{", "{} {}", "priority=high"] {
            assert_eq!(refused(text), (400, Vec::new()), "{text}");
        }
        assert!(read::<PolicyChange>(b" {} ").is_ok());
    }
}
