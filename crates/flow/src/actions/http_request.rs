//! `httpRequest`: calls the outside world.

mod answer;
mod auth;
mod body;
mod cookie;
mod url;

pub use answer::retry_after_ms;
use auth::Added;
pub use auth::Tokens;

use super::{Next, Notes, Surroundings};
use crate::{
    Request, Tls, World,
    interpolate::{Filler, percent_encode},
    record::{shown, shown_value},
    redact,
    variables::Variables,
};
use model::{
    flow::{
        FlowMode,
        check::{TIMEOUT_MAX_MS, is_header_name},
        syntax::{Auth, Expect, HttpRequest, METHODS},
        template::{Part, Template},
    },
    trace::{Answer, Body, Exchange, Failure, FailureClass},
};
use serde_json::{Map, Value};
use std::time::Duration;

/// Headers that the client sets by itself; a wrong one would break the connection.
const OF_THE_CLIENT: [&str; 4] = ["content-length", "transfer-encoding", "connection", "upgrade"];

/// The header by which a receiver tells a repeat.
const WEBHOOK_ID: &str = "webhook-id";

/// The status with which a receiver says that it does not know who is calling.
const UNAUTHORIZED: u16 = 401;

pub(crate) async fn run<W: World>(
    arguments: &HttpRequest,
    variables: &mut Variables<'_>,
    surroundings: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let run = surroundings.run;
    if arguments.renegotiation.is_some() {
        let message = "the client does no TLS renegotiation: `renegotiation` has no effect";
        notes.warnings.push(message.to_owned());
    }
    let (mut request, host) = prepare(arguments, variables, surroundings, notes)?;
    let cookie = cookie::Jar::of(arguments, &request, variables);
    if let Some(jar) = &cookie
        && jar.fill(run, variables, notes).await?
    {
        return Ok(Next::On);
    }
    // A token that is to be fetched comes first: who waited for room to fetch it has that now.
    if let Some(Auth::Oauth2 { .. }) = &arguments.auth {
        run.world.heads_for(&request.url);
    }
    let token = match &arguments.auth {
        Some(auth) => match auth::add(auth, &mut request, variables, run, notes).await? {
            Added::Known(token) => token,
            Added::Held => return Ok(Next::Held),
        },
        None => None,
    };
    if !run.within(run.world.admits(&request.url)).await? {
        return Ok(Next::Held);
    }
    let time = unix_seconds(run.world);
    request.headers.push(("webhook-timestamp".to_owned(), time.to_string()));
    if arguments.sign {
        let id = surroundings.webhook_id();
        let signature = run.answer(run.world.sign(&id, time, &request.body)).await?;
        request.headers.push(("webhook-signature".to_owned(), signature));
    }
    let mut exchange = Exchange {
        method: request.method.clone(),
        url: variables.shown_url(&request.url),
        request_headers: redact::headers(&request.headers, &run.settings.redact),
        request_body: Body::record(&request.body),
        answer: None,
    };
    let response = match run.answer(run.world.send(request)).await {
        Ok(response) => response,
        Err(failure) => {
            notes.http = Some(exchange);
            return Err(Failure { host: failure.host.or(Some(host)), ..failure });
        }
    };
    exchange.answer = Some(Answer {
        status: response.status,
        headers: redact::headers(&response.headers, &run.settings.redact),
        body: Body::record(&response.body),
    });
    notes.http = Some(exchange);
    if let Some(token) = token.filter(|_| response.status == UNAUTHORIZED) {
        run.world.tokens().refused(&token);
    }

    let mut output = Map::new();
    if let Some(name) = &arguments.response_code {
        variables.set(name, response.status.into())?;
        output.insert(name.clone(), response.status.into());
    }
    if let Some(failure) = unexpected(arguments, surroundings, &response, &host) {
        notes.output = Value::Object(output);
        return Err(failure);
    }
    if response.cut {
        let failure = Failure { host: Some(host.clone()), ..answer::too_large(&response) };
        if run.mode == FlowMode::Strict {
            notes.output = Value::Object(output);
            return Err(failure);
        }
        notes.warnings.push(format!("{}: the rest was not read", failure.detail));
    }
    if let Some(jar) = &cookie {
        jar.keep(&response, run, variables, &mut output).await?;
    }
    let exported =
        answer::export(arguments, run.mode, &response, variables, &mut output, &mut notes.warnings);
    if !output.is_empty() {
        notes.output = Value::Object(output);
    }
    exported.map_err(|failure| Failure {
        host: Some(host),
        status: Some(response.status),
        ..failure
    })?;
    Ok(Next::On)
}

/// A status that a strict flow, or the step itself, does not expect.
fn unexpected<W: World>(
    arguments: &HttpRequest,
    surroundings: &Surroundings<'_, W>,
    response: &crate::Response,
    host: &str,
) -> Option<Failure> {
    let success = Expect::success();
    let expect = match (&arguments.expect, surroundings.run.mode) {
        (Some(expect), _) => expect,
        (None, FlowMode::Strict) => &success,
        (None, FlowMode::Lenient) => return None,
    };
    if expect.admits(response.status) {
        return None;
    }
    let detail = format!("the answer was {}, expected {expect}", response.status);
    Some(Failure {
        host: Some(host.to_owned()),
        status: Some(response.status),
        retry_after_ms: answer::retry_after_ms(response, unix_seconds(surroundings.run.world)),
        ..Failure::new(FailureClass::Status, detail)
    })
}

/// The request with all templates filled, and its host. What it is goes into the step's record as
/// far as it is known.
fn prepare<W: World>(
    arguments: &HttpRequest,
    variables: &Variables<'_>,
    surroundings: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<(Request, String), Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let url = fill_url(arguments, &mut filler);
    let method = filler.text(&arguments.method);
    let timeout = filler.number(&arguments.timeout, "`timeout` in ms", 1..=TIMEOUT_MAX_MS);
    let mut headers: Vec<(String, String)> =
        arguments.headers.iter().map(|(name, value)| (name.clone(), filler.text(value))).collect();
    let data = arguments.data.as_ref().map(|data| filler.value(data, true));
    let filled = filler.finish();

    let mut input = Map::with_capacity(5);
    input.insert("url".to_owned(), shown(&variables.shown_url(&url)));
    input.insert("method".to_owned(), shown(&method));
    if !headers.is_empty() {
        let shown = redact::headers(&headers, &surroundings.run.settings.redact);
        let shown = shown.into_iter().map(|(name, value)| (name, crate::record::shown(&value)));
        input.insert("headers".to_owned(), Value::Object(shown.collect()));
    }
    if let Ok(timeout) = timeout {
        input.insert("timeout".to_owned(), timeout.into());
    }
    notes.input = Value::Object(input);
    let checked = (|| {
        filled?;
        let method = method.trim().to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            let message = format!("`method` is one of {}", METHODS.join(", "));
            return Err(Failure::new(FailureClass::Flow, message));
        }
        check_headers(&mut headers, variables, &mut notes.warnings)?;
        let host = url::host(&url).map_err(|why| url::refused(&url, why, variables))?;
        Ok((method, timeout?, host))
    })();
    let (method, timeout, host) = match checked {
        Ok(checked) => checked,
        Err(failure) => {
            // No exchange will show what would have been sent.
            if let (Value::Object(input), Some(data)) = (&mut notes.input, &data) {
                input.insert("data".to_owned(), shown_value(data));
            }
            return Err(failure);
        }
    };
    let body = match data {
        Some(data) => body::encode(data, &mut headers),
        None => Vec::new(),
    };
    headers.push((WEBHOOK_ID.to_owned(), surroundings.webhook_id()));
    let timeout = Duration::from_millis(timeout);
    let url = url.trim().to_owned();
    let tls = Tls { insecure: arguments.insecure, certificate: arguments.certificate.clone() };
    Ok((Request { method, url, headers, body, timeout, tls }, host))
}

fn unix_seconds(world: &impl World) -> i64 {
    world.now().as_second()
}

/// The url with its placeholders filled: those that `path` names from there and percent-encoded,
/// all others as text.
fn fill_url(arguments: &HttpRequest, filler: &mut Filler<'_>) -> String {
    if arguments.path.is_empty() {
        return filler.text(&arguments.url);
    }
    let mut url = String::new();
    for part in &arguments.url.parts {
        let Part::Placeholder(placeholder) = part else {
            url.push_str(&filler.text(&Template { parts: vec![part.clone()] }));
            continue;
        };
        let named = |(name, _): &&(String, Template)| *name == placeholder.name;
        match arguments.path.iter().find(named).filter(|_| !placeholder.global) {
            Some((_, value)) => url.push_str(&percent_encode(&filler.text(value))),
            None => url.push_str(&filler.placeholder(placeholder).unwrap_or_default()),
        }
    }
    url
}

/// Refuses headers that cannot be sent and drops those that are not the flow's to set.
fn check_headers(
    headers: &mut Vec<(String, String)>,
    variables: &Variables<'_>,
    warnings: &mut Vec<String>,
) -> Result<(), Failure> {
    for (name, value) in headers.iter() {
        let fault = if !is_header_name(name) {
            "its name has characters that no header may have"
        } else if value.chars().any(|c| c.is_control() && c != '\t') {
            "its value has a line break or another control character"
        } else {
            continue;
        };
        let detail = format!("the header \"{}\": {fault}", variables.quoted(name, 80));
        return Err(Failure::new(FailureClass::Flow, detail));
    }
    headers.retain(|(name, _)| {
        let name = name.to_ascii_lowercase();
        if OF_THE_CLIENT.contains(&name.as_str()) {
            warnings.push(format!("the header `{name}` is set by the client itself"));
            return false;
        }
        !matches!(name.as_str(), WEBHOOK_ID | "webhook-timestamp" | "webhook-signature")
    });
    for (_, value) in headers.iter_mut() {
        let trimmed = value.trim();
        if trimmed.len() < value.len() {
            *value = trimmed.to_owned();
        }
    }
    Ok(())
}
