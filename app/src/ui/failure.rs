//! What is shown in place of what could not be loaded.

use super::{Button, Icon, LinkButton, PageTitle, Pic};
use crate::{api::session::sign_in_path, error::AppError, start, text};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::time::Duration;

/// After how long what could not be loaded is loaded again.
const AGAIN: Duration = Duration::from_secs(5);

/// An error in place of a page or a list. On the server it also sets the answer's status.
#[component]
pub fn ErrorView(
    error: AppError,
    /// Loads it again; done by itself after a while, where it may help.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
    /// Whether it is not shown.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    if let (AppError::Unavailable, Some(retry)) = (&error, retry) {
        again(retry);
    }
    if quiet {
        return ().into_any();
    }
    #[cfg(feature = "ssr")]
    set_status(&error);
    let title = match &error {
        AppError::Denied(_) => text::error::TITLE_DENIED,
        AppError::SignedOut => text::error::TITLE_SIGNED_OUT,
        AppError::NotFound { .. } => text::error::TITLE_NOT_FOUND,
        AppError::Unavailable => text::error::TITLE_UNAVAILABLE,
        _ => text::error::TITLE_OTHER,
    };
    let location = use_location();
    let way = match &error {
        AppError::SignedOut => {
            let next = location.pathname.get_untracked();
            view! { <LinkButton href=sign_in_path(&next)>{text::error::SIGN_IN}</LinkButton> }
                .into_any()
        }
        AppError::Unavailable => match retry {
            Some(retry) => {
                view! { <Button on_click=retry>{text::error::RETRY}</Button> }.into_any()
            }
            None => view! {
                <LinkButton href=location.pathname.get_untracked()>{text::error::RETRY}</LinkButton>
            }
            .into_any(),
        },
        _ => view! { <LinkButton href="/queues">{text::error::BACK}</LinkButton> }.into_any(),
    };
    view! {
        <PageTitle text=title />
        <div class="card empty" role="alert">
            <span class="empty-pic"><Icon of=Pic::Warning /></span>
            <h2>{title}</h2>
            <p>{error.to_string()}</p>
            <div class="row">{way}</div>
        </div>
    }
    .into_any()
}

/// Does it after a while, in the browser: once, since what fails again is shown again.
fn again(retry: Callback<()>) {
    Effect::new(move |_| {
        // An effect may begin when what it is of has been drawn anew already.
        let act = move || _ = retry.try_run(());
        if let Ok(timer) = set_timeout_with_handle(act, AGAIN) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// Shows its children to those who may change things, and to others that they may not.
#[component]
pub fn EditorsOnly(children: Children) -> impl IntoView {
    if start::may_edit() {
        return children().into_any();
    }
    let error = AppError::Denied(text::error::EDITORS_ONLY.to_owned());
    view! { <ErrorView error /> }.into_any()
}

#[cfg(feature = "ssr")]
fn set_status(error: &AppError) {
    let response = use_context::<leptos_axum::ResponseOptions>();
    if let (Some(response), Ok(status)) = (response, http::StatusCode::from_u16(error.status())) {
        response.set_status(status);
    }
}
