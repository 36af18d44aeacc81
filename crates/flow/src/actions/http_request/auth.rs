//! Who is calling: a name and a password, a token, or a token that is fetched first.

use super::{
    super::{Notes, Run},
    answer,
};
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
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long before a token's end another one is fetched, in seconds.
const MARGIN_S: i64 = 10;
/// How long a token is used that does not say, in seconds.
const LIFE_S: i64 = 60;
/// The longest that a token is used, whatever it says, in seconds.
const LIFE_MAX_S: i64 = 86_400;
/// How many tokens are kept.
const KEPT_MAX: usize = 1_000;
/// The status with which a server says that something is gone for good.
const GONE: u16 = 410;
/// How long a token may take to come.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The tokens that requests have fetched; all runs of a [`World`] share them.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<Asked, Kept>>);

/// What a token was asked for with: whoever asks for the same gets the same.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked {
    url: String,
    form: String,
    tls: Tls,
}

struct Kept {
    token: String,
    /// Unix time in seconds.
    until: i64,
}

/// What became of a request that was to say who is calling.
pub(super) enum Added {
    /// It says so, perhaps by a token.
    Known(Option<Shown>),
    /// There was no room to fetch its token.
    Held,
}

/// A token as a request shows it.
pub(super) struct Shown {
    asked: Asked,
    token: String,
}

impl Tokens {
    fn get(&self, asked: &Asked, now: i64) -> Option<String> {
        self.all().get(asked).filter(|kept| kept.until > now).map(|kept| kept.token.clone())
    }

    fn put(&self, asked: Asked, kept: Kept, now: i64) {
        let mut all = self.all();
        if all.len() >= KEPT_MAX {
            all.retain(|_, kept| kept.until > now);
        }
        if all.len() < KEPT_MAX {
            all.insert(asked, kept);
        }
    }

    /// Forgets a token that was refused, unless there is another one in its place.
    pub(super) fn refused(&self, shown: &Shown) {
        let mut all = self.all();
        if all.get(&shown.asked).is_some_and(|kept| kept.token == shown.token) {
            all.remove(&shown.asked);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Asked, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// With what texts a request says who is calling, whether they can be filled or not.
pub(super) fn filled(auth: Option<&Auth>, variables: &Variables<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut filler = Filler::new(variables, &mut warnings);
    let texts: &[_] = match auth {
        None => &[],
        Some(Auth::Basic { user, password }) => &[user, password],
        Some(Auth::Bearer { token }) => &[token],
        Some(Auth::Oauth2 { token_url, client_id, client_secret, scope }) => {
            &[token_url, client_id, client_secret, scope]
        }
    };
    texts.iter().map(|text| filler.text(text)).collect()
}

/// Gives a request its `Authorization`, in the place of one that it has.
pub(super) async fn add<W: World>(
    auth: &Auth,
    request: &mut Request,
    variables: &Variables<'_>,
    run: &Run<'_, W>,
    notes: &mut Notes,
) -> Result<Added, Failure> {
    let mut added = Added::Known(None);
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let value = match auth {
        Auth::Basic { user, password } => {
            let pair = format!("{}:{}", filler.text(user), filler.text(password));
            filler.finish()?;
            let pair = STANDARD.encode(pair);
            variables.hide_given(&pair);
            format!("Basic {pair}")
        }
        Auth::Bearer { token } => {
            let token = filler.text(token);
            filler.finish()?;
            variables.hide_given(token.trim());
            format!("Bearer {}", token.trim())
        }
        Auth::Oauth2 { token_url, client_id, client_secret, scope } => {
            let [url, id, secret, scope] =
                [token_url, client_id, client_secret, scope].map(|text| filler.text(text));
            filler.finish()?;
            let url = url.trim();
            super::url::host(url).map_err(|why| super::url::refused(url, why, variables))?;
            let asked = asked(url, &id, &secret, &scope, request.tls.clone());
            let now = run.world.now().as_second();
            let token = match run.world.tokens().get(&asked, now) {
                Some(token) => token,
                None if !run.within(run.world.admits(&asked.url)).await? => return Ok(Added::Held),
                None => fetch(&asked, now, run).await?,
            };
            added = Added::Known(Some(Shown { asked, token: token.clone() }));
            variables.hide_given(&token);
            format!("Bearer {token}")
        }
    };
    if value.chars().any(|c| c.is_control()) {
        let detail = "`auth` has a line break or another control character";
        return Err(Failure::new(FailureClass::Flow, detail));
    }
    request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    request.headers.push(("Authorization".to_owned(), value));
    Ok(added)
}

fn asked(url: &str, id: &str, secret: &str, scope: &str, tls: Tls) -> Asked {
    let mut form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        percent_encode(id),
        percent_encode(secret)
    );
    if !scope.is_empty() {
        form.push_str(&format!("&scope={}", percent_encode(scope)));
    }
    Asked { url: url.to_owned(), form, tls }
}

/// Fetches a token and keeps it for all runs.
async fn fetch<W: World>(asked: &Asked, now: i64, run: &Run<'_, W>) -> Result<String, Failure> {
    let request = Request {
        method: "POST".to_owned(),
        url: asked.url.clone(),
        headers: vec![
            ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
        ],
        body: asked.form.clone().into_bytes(),
        timeout: TIMEOUT,
        tls: asked.tls.clone(),
    };
    let host = super::url::host(&asked.url).ok();
    let told = |failure: Failure| {
        let detail = format!("the token could not be fetched: {}", failure.detail);
        Failure { detail, host: failure.host.or_else(|| host.clone()), ..failure }
    };
    let response = run.answer(run.world.send(request)).await.map_err(told)?;
    if !(200..300).contains(&response.status) {
        return Err(told(Failure {
            // That a token is gone for good does not say so of the receiver.
            status: Some(response.status).filter(|status| *status != GONE),
            retry_after_ms: answer::retry_after_ms(&response, run.world.now().as_second()),
            ..Failure::new(FailureClass::Status, format!("the answer was {}", response.status))
        }));
    }
    if response.cut {
        return Err(told(answer::too_large(&response)));
    }
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let Some(token) = answer.get("access_token").and_then(Value::as_str) else {
        let failure = Failure::new(FailureClass::BadAnswer, "the answer has no `access_token`");
        return Err(told(failure));
    };
    let life = answer.get("expires_in").and_then(Value::as_i64).unwrap_or(LIFE_S);
    let life = life.clamp(0, LIFE_MAX_S);
    let token = token.to_owned();
    let kept = Kept { token: token.clone(), until: now.saturating_add(life - MARGIN_S) };
    run.world.tokens().put(asked.clone(), kept, now);
    Ok(token)
}
