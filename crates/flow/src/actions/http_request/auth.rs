//! Who is calling: a name and a password, a token, or a token that is fetched first.

use super::super::{Notes, Run};
use crate::{
    Request, Tls, World,
    interpolate::{Filler, percent_encode},
    variables::Variables,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    flow::syntax::Auth,
    trace::{Failure, FailureClass},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How long before a token's end another one is fetched, in microseconds.
const MARGIN_US: u64 = 10_000_000;
/// How long a token is used that does not say, in seconds.
const LIFE_S: u64 = 60;
/// How long a token may take to come.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The tokens that a run has fetched, by what was asked, and until when each is good.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<(String, String), (String, u64)>>);

impl Tokens {
    fn get(&self, key: &(String, String), now_us: u64) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(key).filter(|(_, until)| *until > now_us).map(|(token, _)| token.clone())
    }

    fn put(&self, key: (String, String), token: String, until_us: u64) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(key, (token, until_us));
    }
}

/// Gives a request its `Authorization`, in the place of one that it has.
pub(super) async fn add<W: World>(
    auth: &Auth,
    request: &mut Request,
    variables: &Variables<'_>,
    run: &Run<'_, W>,
    notes: &mut Notes,
) -> Result<(), Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let value = match auth {
        Auth::Basic { user, password } => {
            let pair = format!("{}:{}", filler.text(user), filler.text(password));
            filler.finish()?;
            format!("Basic {}", STANDARD.encode(pair))
        }
        Auth::Bearer { token } => {
            let token = filler.text(token);
            filler.finish()?;
            format!("Bearer {}", token.trim())
        }
        Auth::Oauth2 { token_url, client_id, client_secret, scope } => {
            let [url, id, secret, scope] =
                [token_url, client_id, client_secret, scope].map(|text| filler.text(text));
            filler.finish()?;
            let token = token(url.trim(), &id, &secret, &scope, request.tls.clone(), run).await?;
            format!("Bearer {token}")
        }
    };
    if value.chars().any(|c| c.is_control()) {
        let detail = "`auth` has a line break or another control character";
        return Err(Failure::new(FailureClass::Flow, detail));
    }
    request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    request.headers.push(("Authorization".to_owned(), value));
    Ok(())
}

async fn token<W: World>(
    url: &str,
    id: &str,
    secret: &str,
    scope: &str,
    tls: Tls,
    run: &Run<'_, W>,
) -> Result<String, Failure> {
    super::url::host(url)?;
    let mut form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        percent_encode(id),
        percent_encode(secret)
    );
    if !scope.is_empty() {
        form.push_str(&format!("&scope={}", percent_encode(scope)));
    }
    let key = (url.to_owned(), form.clone());
    let now_us = run.world.monotonic_us();
    if let Some(known) = run.tokens.get(&key, now_us) {
        return Ok(known);
    }
    let request = Request {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
        ],
        body: form.into_bytes(),
        timeout: TIMEOUT,
        tls,
    };
    let told = |failure: Failure| {
        let detail = format!("the token could not be fetched: {}", failure.detail);
        Failure { detail, ..failure }
    };
    let response = run.answer(run.world.send(request)).await.map_err(told)?;
    if !(200..300).contains(&response.status) {
        return Err(told(Failure {
            status: Some(response.status),
            ..Failure::new(FailureClass::Status, format!("the answer was {}", response.status))
        }));
    }
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let Some(token) = answer.get("access_token").and_then(Value::as_str) else {
        let failure = Failure::new(FailureClass::BadAnswer, "the answer has no `access_token`");
        return Err(told(failure));
    };
    let life_us = answer.get("expires_in").and_then(Value::as_u64).unwrap_or(LIFE_S) * 1_000_000;
    let until_us = now_us.saturating_add(life_us).saturating_sub(MARGIN_US);
    run.tokens.put(key, token.to_owned(), until_us);
    Ok(token.to_owned())
}
