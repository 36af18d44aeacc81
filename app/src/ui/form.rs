//! The one way to send something: a form that posts to a server function.
//!
//! ```text
//! <Form action={url_of::<CreateQueue>()}>
//!     <Field name="name" label="Name" />
//!     <FormErrors />
//!     <Button kind=Kind::Primary>"Save"</Button>
//! </Form>
//! ```
//! It does not use leptos's `ActionForm`, which decodes and encodes each form's own type in the
//! browser: this one sends the fields as the browser would, whatever they are, and is compiled
//! once.

use super::{get_form::encoded, use_toasts};
use crate::{
    api::form::{Done, Reply},
    error::AppError,
    start, text,
};
use leptos::{html, prelude::*, server_fn, task::spawn_local};
use leptos_router::hooks::use_navigate;
use model::problem::Problem;
use wasm_bindgen::JsCast;

/// What a form's fields know of it.
#[derive(Clone, Copy)]
pub struct FormState {
    problems: RwSignal<Vec<Problem>>,
    typed: StoredValue<Vec<(String, String)>>,
    known: StoredValue<Vec<String>>,
    /// Whether there is a place for what belongs to no field.
    summed_up: StoredValue<bool>,
    /// Whether an answer is being waited for.
    pub pending: RwSignal<bool>,
}

impl FormState {
    fn new(action: &str) -> Self {
        let refused = start::use_flash()
            .with_value(|flash| flash.form.clone())
            .filter(|refused| refused.action == action);
        let (problems, typed) =
            refused.map(|refused| (refused.problems, refused.typed)).unwrap_or_default();
        Self {
            problems: RwSignal::new(problems),
            typed: StoredValue::new(typed),
            known: StoredValue::new(Vec::new()),
            summed_up: StoredValue::new(false),
            pending: RwSignal::new(false),
        }
    }

    /// The form around this component; one of its own where there is none.
    pub fn here() -> Self {
        use_context().unwrap_or_else(|| Self::new(""))
    }

    /// Says that a field of this name shows its own problems, and tells what had been typed.
    pub fn field(self, name: &str) -> Option<String> {
        self.known.update_value(|known| known.push(name.to_owned()));
        self.typed.with_value(|typed| {
            typed.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone())
        })
    }

    /// What is wrong with the field of this name.
    pub fn problem(self, name: &str) -> Option<String> {
        self.problems.with(|problems| {
            let own = problems.iter().filter(|problem| head(problem) == name);
            let told: Vec<_> = own.map(|problem| text::form::sentence(&problem.detail)).collect();
            (!told.is_empty()).then(|| told.join(". "))
        })
    }

    /// Whether all that is wrong stands somewhere in the form.
    fn is_shown(self) -> bool {
        self.summed_up.get_value() || self.others().is_empty()
    }

    /// What is wrong and belongs to no field that shows it.
    fn others(self) -> Vec<String> {
        let known = self.known.get_value();
        self.problems.with(|problems| {
            let others =
                problems.iter().filter(|problem| !known.iter().any(|name| name == head(problem)));
            others.map(|problem| text::form::sentence(&problem.detail)).collect()
        })
    }
}

fn head(problem: &Problem) -> &str {
    problem.field().split('/').next().unwrap_or_default()
}

/// A form that posts to a server function which answers with [`crate::api::form::answer`].
#[component]
pub fn Form(
    /// From [`crate::api::url_of`].
    action: &'static str,
    /// A class of its own.
    #[prop(optional, into)]
    class: String,
    #[prop(optional, into)] id: Option<String>,
    /// Called as soon as it is sent.
    #[prop(optional, into)]
    on_send: Option<Callback<()>>,
    /// Called when it did what it should, before going anywhere.
    #[prop(optional, into)]
    on_done: Option<Callback<Done>>,
    /// Called when it was refused. Without this, what belongs to no field goes to a toast where
    /// the form has no [`FormErrors`].
    #[prop(optional, into)]
    on_refused: Option<Callback<AppError>>,
    children: Children,
) -> impl IntoView {
    let state = FormState::new(action);
    provide_context(state);
    let toasts = use_toasts();
    let changes = start::use_changes();
    let navigate = use_navigate();
    let node = NodeRef::<html::Form>::new();

    let refused = move |error: AppError| {
        match &error {
            AppError::SignedOut => {
                load(&crate::api::session::sign_in_path(&here()));
                return;
            }
            AppError::Invalid(problems) => state.problems.set(problems.clone()),
            other => state.problems.set(vec![Problem::new("", other.to_string())]),
        }
        if let Some(tell) = on_refused {
            tell.run(error);
        } else if state.is_shown() {
            // The marks are drawn by then.
            request_animation_frame(move || {
                if let Some(form) = node.get_untracked() {
                    focus_first_problem(&form);
                }
            });
        } else {
            toasts.bad(error.to_string());
        }
    };
    let done = move |done: Done| {
        state.problems.set(Vec::new());
        if let Some(tell) = on_done {
            tell.run(done.clone());
        }
        if done.anew {
            load(done.to.as_deref().unwrap_or("/"));
            return;
        }
        if !done.gone {
            changes.update(|count| *count += 1);
        }
        if let Some(said) = done.said {
            toasts.good(said);
        }
        if let Some(to) = done.to {
            navigate(&to, Default::default());
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(form) = node.get_untracked() else { return };
        if state.pending.get_untracked() {
            return;
        }
        let body = encoded(&form, &event);
        state.pending.set(true);
        if let Some(tell) = on_send {
            tell.run(());
        }
        let done = done.clone();
        spawn_local(async move {
            let reply = post(action, body).await;
            state.pending.set(false);
            match reply {
                Ok(Reply::Done(what)) => done(what),
                Ok(Reply::Refused(error)) | Err(error) => refused(error),
            }
        });
    };
    view! {
        <form node_ref=node method="post" action=action class=class id=id on:submit=submit>
            {children()}
        </form>
    }
}

async fn post(action: &str, body: String) -> Result<Reply, AppError> {
    use server_fn::{
        client::{Client, browser::BrowserClient},
        request::{ClientReq, browser::BrowserRequest},
        response::ClientRes,
    };
    type Browser = BrowserClient;
    let form = "application/x-www-form-urlencoded";
    let request = <BrowserRequest as ClientReq<AppError>>::try_new_post(
        action,
        form,
        "application/json",
        body,
    )?;
    let answer = <Browser as Client<AppError>>::send(request).await?;
    let text = ClientRes::<AppError>::try_into_string(answer).await?;
    serde_json::from_str(&text)
        .or_else(|_| serde_json::from_str(&text).map(Reply::Refused))
        .map_err(|_| AppError::Unavailable)
}

/// Moves the focus to the first field that is at fault, or to what is said about all of it.
fn focus_first_problem(form: &web_sys::HtmlFormElement) {
    let found = form.query_selector("[aria-invalid=true], .form-errors").ok().flatten();
    if let Some(element) = found.and_then(|el| el.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = element.focus();
    }
}

fn here() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

fn load(path: &str) {
    if window().location().set_href(path).is_err() {
        leptos::logging::warn!("the page {path} cannot be loaded");
    }
}

/// What is wrong and belongs to no single field. Stands above a form's buttons.
#[component]
pub fn FormErrors() -> impl IntoView {
    let state = FormState::here();
    state.summed_up.set_value(true);
    move || {
        let others = state.others();
        (!others.is_empty()).then(|| {
            view! {
                <div class="form-errors" role="alert" tabindex="-1">
                    {others.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                </div>
            }
        })
    }
}

/// A field that is sent along unseen.
#[component]
pub fn Hidden(#[prop(into)] name: String, #[prop(into)] value: Signal<String>) -> impl IntoView {
    view! { <input type="hidden" name=name prop:value=value value=move || value.get() /> }
}

/// Which thing a form changes, and how that stood when it was shown: when it had last been changed, or
/// its version. A form that was refused keeps what its text was based on.
#[component]
pub fn Subject(id: String, base: String) -> impl IntoView {
    let base = FormState::here().field("base").unwrap_or(base);
    view! {
        <Hidden name="id" value=id />
        <Hidden name="base" value=base />
    }
}
