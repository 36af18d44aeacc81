//! The panel's routes.

mod forms;
mod stream;

use super::{Services, security, see_through, session};
use app::{
    App,
    api::{
        Visitor,
        form::{FLASH_KEY, Flash},
        imports::{ImportReports, import_reports, post_imports},
        session::{BEGAN_KEY, USER_KEY, sign_in_path},
        tokens::made_tokens,
    },
    error::AppError,
    shell::document,
    start::{Start, THEME_COOKIE, Theme, Who},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use leptos::{config::get_configuration, prelude::*};
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use model::{ids::UserId, note::Note, time::Millis};
use std::{
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
    services::{ServeDir, ServeFile},
};
use tower_sessions::Session;

/// Where in the session is kept when it was last prolonged.
const SEEN_KEY: &str = "seen";
/// A session in use is prolonged this often, not at every request: milliseconds.
const PROLONG_MS: i64 = 3_600_000;

/// The panel.
pub fn router(services: Services) -> Router {
    let options = options(&services);
    let reports = import_reports();
    let provide = provide(&services, reports.clone());
    let shell = |options: LeptosOptions| document(options, theme_of_request());
    // Files are compressed when they are built; what is not, is not worth the time at each request.
    let worth = DefaultPredicate::new().and(NotForContentType::const_new("application/wasm"));
    let compression =
        CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth);
    let exports = Router::new()
        .route("/flows/{id}/export.json", get(app::api::flows::export))
        .with_state(services.admin.clone());
    let imports = Router::new()
        .route("/flows/import", post(post_imports))
        .with_state((services.admin.clone(), reports));
    let streams =
        Router::new().route("/deliveries/stream", get(stream::follow)).with_state(services.clone());
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), provide.clone(), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .route_layer(from_fn_with_state(services.clone(), hand_over))
        .merge(exports)
        .merge(imports)
        .merge(streams)
        .route_layer(from_fn(forms::read_whole))
        .route_layer(from_fn(gate))
        .merge(files(&services.site_root))
        .fallback(file_and_error_handler_with_context::<LeptosOptions, _>(provide, shell))
        .layer(from_fn_with_state(services.clone(), identify))
        .layer(session::layer(&services))
        .layer(from_fn_with_state(services.public_url.clone(), security::check_origin))
        .layer(compression)
        .layer(from_fn(security::add_headers))
        .layer(from_fn(see_through))
        .with_state(options)
}

/// What the browser's half consists of. Not by way of the panel's own handler of files: it answers
/// for a file with the status and the headers of whichever page is being drawn on the same thread,
/// which then lacks them.
fn files<S: Clone + Send + Sync + 'static>(site_root: &Path) -> Router<S> {
    let pkg = ServeDir::new(site_root.join("pkg")).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service("/pkg", pkg)
        .route_service("/favicon.svg", ServeFile::new(site_root.join("favicon.svg")))
        .layer(from_fn(tag))
}

/// Tells a browser that it has a file already by the file's time and length, rather than by whether it is
/// newer: those of an earlier release, or out of an archive, may be older than what the browser has.
async fn tag(mut request: Request, next: Next) -> Response {
    request.headers_mut().remove(header::IF_MODIFIED_SINCE);
    let known = request.headers_mut().remove(header::IF_NONE_MATCH);
    let mut answer = next.run(request).await;
    let told = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let Some((at, length)) = told(header::LAST_MODIFIED).zip(told(header::CONTENT_LENGTH)) else {
        return answer;
    };
    let Ok(tag) = HeaderValue::from_str(&format!("\"{}-{length}\"", at.replace([' ', ','], "-")))
    else {
        return answer;
    };
    let known = known.as_ref().and_then(|known| known.to_str().ok()).unwrap_or_default();
    // Whoever packs it on its way says that it is as good as the same.
    let mut known = known.split(',').map(|one| one.trim().trim_start_matches("W/"));
    if known.any(|one| one == tag || one == "*") && answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer.headers_mut().remove(header::CONTENT_LENGTH);
        *answer.body_mut() = Body::empty();
    }
    answer.headers_mut().insert(header::ETAG, tag);
    answer
}

/// What cargo-leptos says by the environment while it watches or builds, else what is built in.
fn options(services: &Services) -> LeptosOptions {
    let told = get_configuration(None).map(|config| config.leptos_options);
    let mut options = told.unwrap_or_else(|_| LeptosOptions::builder().output_name("").build());
    if options.output_name.is_empty() {
        options.output_name = "offhook".into();
    }
    options.site_root = services.site_root.to_string_lossy().into();
    options
}

/// What server functions and pages find in their context.
fn provide(
    services: &Services,
    reports: Arc<ImportReports>,
) -> impl Fn() + Clone + Send + Sync + 'static {
    let services = services.clone();
    let made_tokens = made_tokens();
    move || {
        provide_context(made_tokens.clone());
        provide_context(reports.clone());
        provide_context(services.admin.clone());
        provide_context(services.engine.clone());
        provide_context(services.sign_in.clone());
        if let Some(receiver) = services.receiver.clone() {
            provide_context(receiver);
        }
        security::provide_page_nonce();
    }
}

fn theme_of_request() -> Theme {
    let parts = use_context::<Parts>();
    parts
        .and_then(|parts| parts.extensions.get::<Start>().map(|start| start.theme))
        .unwrap_or_default()
}

/// Finds out who asks, once a request, and what there is to say to them.
async fn identify(
    State(services): State<Services>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    let visitor = visitor(&services, &session).await;
    let actor = visitor.as_ref().ok().and_then(Option::as_ref);
    let start = Start {
        who: actor.and_then(Who::of),
        theme: theme(request.headers()),
        now: now(),
        flash: Flash::default(),
        notes: String::new(),
        sample: services.receiver.is_some(),
    };
    request.extensions_mut().insert(start);
    request.extensions_mut().insert(Visitor(visitor));
    next.run(request).await
}

async fn visitor(
    services: &Services,
    session: &Session,
) -> Result<Option<model::user::Actor>, AppError> {
    let unread = |error| {
        tracing::error!(%error, "a session cannot be read");
        AppError::Unavailable
    };
    let id: Option<UserId> = session.get(USER_KEY).await.map_err(unread)?;
    let began: Option<Millis> = session.get(BEGAN_KEY).await.map_err(unread)?;
    let (Some(id), Some(began)) = (id, began) else { return Ok(None) };
    let actor = services.admin.actor_of(id, began).await?;
    if actor.is_some() {
        prolong(services, session).await;
    }
    Ok(actor)
}

async fn prolong(services: &Services, session: &Session) {
    let now = now();
    let seen: Option<Millis> = session.get(SEEN_KEY).await.ok().flatten();
    if seen.is_some_and(|seen| seen.plus(PROLONG_MS) >= now) {
        return;
    }
    let prolonged = async |session: &Session| session.insert(SEEN_KEY, now).await;
    let kept = async {
        let session = session::anew(services, session);
        prolonged(&session).await?;
        session.save().await
    };
    // Where it cannot be kept, the one of the request stays as it is: in the end it would fail the request,
    // and this is no reason for that.
    let done = match kept.await {
        Ok(()) => prolonged(session).await,
        failed => failed,
    };
    if let Err(error) = done {
        tracing::warn!(%error, "a session cannot be prolonged");
    }
}

/// Gives the flash and the notes to a page that is going to be shown. Requests that lead on, fetch a file or
/// are made ahead of time leave it where it is.
async fn hand_over(
    State(services): State<Services>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    if is_page(&request) && !is_ahead(request.headers()) {
        let flash = flash(&session).await;
        let looks = request.extensions().get::<Visitor>().cloned();
        let notes = notes(&services, looks).await;
        if let Some(start) = request.extensions_mut().get_mut::<Start>() {
            start.flash = flash;
            start.tell(notes);
        }
    }
    next.run(request).await
}

/// What flows have to say to whoever looks.
async fn notes(services: &Services, looks: Option<Visitor>) -> Vec<Note> {
    let Some(Visitor(Ok(Some(actor)))) = looks else { return Vec::new() };
    services.admin.take_notes(&actor).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the notes to a user cannot be read");
        Vec::new()
    })
}

/// Whether a browser asks only in case that the page is going to be wanted.
fn is_ahead(headers: &HeaderMap) -> bool {
    let purpose = headers.get("sec-purpose").and_then(|value| value.to_str().ok());
    purpose.is_some_and(|purpose| purpose.contains("prefetch"))
}

/// What the last form left behind. It is read before it is taken, so that a session without any
/// is not written.
async fn flash(session: &Session) -> Flash {
    match session.get::<Flash>(FLASH_KEY).await {
        Ok(Some(flash)) => {
            // The session of a stranger was made for this alone.
            let stranger = matches!(session.get_value(USER_KEY).await, Ok(None));
            let taken = if stranger {
                session.flush().await
            } else {
                session.remove::<Flash>(FLASH_KEY).await.map(drop)
            };
            if let Err(error) = taken {
                tracing::warn!(%error, "what a form left behind cannot be taken");
            }
            flash
        }
        Ok(None) | Err(_) => Flash::default(),
    }
}

fn is_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The theme that the visitor chose.
pub fn theme(headers: &HeaderMap) -> Theme {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == THEME_COOKIE)
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or_default()
}

/// Leads those who are not signed in to where they can. Server functions answer for themselves.
async fn gate(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let signed_in = request.extensions().get::<Start>().is_some_and(|start| start.who.is_some());
    let unavailable = matches!(request.extensions().get::<Visitor>(), Some(Visitor(Err(_))));
    match path {
        "/sign-in" if signed_in => Redirect::to("/overview").into_response(),
        "/" if signed_in => Redirect::to("/overview").into_response(),
        "/sign-in" | "/setup" => next.run(request).await,
        path if path.starts_with("/api/") || signed_in || unavailable => next.run(request).await,
        _ => {
            let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
            Redirect::to(&sign_in_path(asked)).into_response()
        }
    }
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
