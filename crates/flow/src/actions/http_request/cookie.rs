//! The cookies of an answer, kept for later requests.

use super::{
    super::{Notes, Run},
    WEBHOOK_ID, auth,
};
use crate::{Request, Response, World, redact::HIDDEN, variables::Variables};
use jiff::{Timestamp, fmt::rfc2822};
use model::{
    cache::{COOKIE_KEYS, TTL_MAX_S},
    flow::syntax::HttpRequest,
    trace::Failure,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// How long cookies are kept that do not say, in seconds.
const LIFE_S: i64 = 3_600;
/// How long before their end they are no longer used, in seconds.
const MARGIN_S: i64 = 30;

/// Where the cookies of a step are kept.
pub(super) struct Jar<'a> {
    variable: &'a str,
    /// The key of the cache; nothing where they are not to be kept.
    key: Option<String>,
}

impl<'a> Jar<'a> {
    /// The jar of a step that exports its cookies.
    pub(super) fn of(
        arguments: &'a HttpRequest,
        request: &Request,
        variables: &Variables<'_>,
    ) -> Option<Self> {
        let variable = arguments.export_cookie.as_deref()?;
        let hash = || hash(request, auth::filled(arguments.auth.as_ref(), variables));
        let key = arguments.cache_cookie.then(|| format!("{COOKIE_KEYS}{variable}:{}", hash()));
        Some(Self { variable, key })
    }

    /// Fills the variable from what was kept; whether that spares the request.
    pub(super) async fn fill<W: World>(
        &self,
        run: &Run<'_, W>,
        variables: &mut Variables<'_>,
        notes: &mut Notes,
    ) -> Result<bool, Failure> {
        let Some(key) = &self.key else { return Ok(false) };
        let Some(kept) = run.answer(run.world.cached(key)).await? else { return Ok(false) };
        notes.output(self.variable, || HIDDEN.into());
        notes.output("cached", || true.into());
        variables.hide_given(&kept);
        variables.set(self.variable, Value::String(kept))?;
        Ok(true)
    }

    /// Fills the variable from an answer, and keeps it.
    pub(super) async fn keep<W: World>(
        &self,
        response: &Response,
        run: &Run<'_, W>,
        variables: &mut Variables<'_>,
        output: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let now = run.world.now();
        let given: Vec<_> = response
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .map(|(_, value)| value.as_str())
            .collect();
        if given.is_empty() {
            return Ok(());
        }
        let pairs: Vec<_> =
            given.iter().map(|one| one.split(';').next().unwrap_or_default().trim()).collect();
        let cookies = pairs.join("; ");
        output.insert(self.variable.to_owned(), HIDDEN.into());
        variables.hide_given(&cookies);
        variables.set(self.variable, Value::String(cookies.clone()))?;
        let life = given.iter().filter_map(|one| life_s(one, now)).min().unwrap_or(LIFE_S);
        let life = u64::try_from(life.saturating_sub(MARGIN_S)).unwrap_or(0).min(TTL_MAX_S);
        if let Some(key) = self.key.as_ref().filter(|_| life > 0) {
            run.answer(run.world.cache(key, &cookies, Some(life))).await?;
        }
        Ok(())
    }
}

/// What cookies are asked for with, by its hash: it may hold secrets, and be longer than a key. Who logs
/// in as somebody else gets other cookies.
fn hash(request: &Request, auth: Vec<String>) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(request.url.as_bytes());
    add(request.method.as_bytes());
    for (name, value) in request.headers.iter().filter(|(name, _)| name != WEBHOOK_ID) {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    add(&request.body);
    add(format!("{:?}", request.tls).as_bytes());
    auth.iter().for_each(|text| add(text.as_bytes()));
    hex::encode(hash.finalize())
}

/// How long a cookie lives, in seconds; nothing if it does not say.
fn life_s(cookie: &str, now: Timestamp) -> Option<i64> {
    let attributes = || {
        cookie.split(';').skip(1).filter_map(|one| {
            let (name, value) = one.split_once('=')?;
            Some((name.trim(), value.trim()))
        })
    };
    let named = |wanted: &str| {
        attributes().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    if let Some(age) = named("max-age").and_then(|age| age.parse().ok()) {
        return Some(age);
    }
    let date = named("expires")?.replace('-', " ");
    let until = rfc2822::DateTimeParser::new().parse_timestamp(&date).ok()?;
    Some(until.as_second() - now.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_lives_as_long_as_it_says() {
        let now = Timestamp::from_second(784_111_767).unwrap();
        for (cookie, life) in [
            ("a=1; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
            ("a=1; path=/; EXPIRES=Sun, 06-Nov-1994 08:49:37 GMT", Some(10)),
            ("a=1; HttpOnly", None),
            ("a=1; Max-Age=x", None),
            ("max-age=5", None),
        ] {
            assert_eq!(life_s(cookie, now), life, "{cookie}");
        }
    }
}
