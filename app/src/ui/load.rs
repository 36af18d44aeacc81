//! What is loaded, and what is shown until then.

use super::ErrorView;
use crate::{error::AppError, text};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// Shows what a resource loads by way of `view`; a skeleton until it is there the first time,
/// the error where there is one. While it is loaded again the old rows stay.
#[component]
pub fn Load<T, F>(
    of: Resource<Result<T, AppError>>,
    view: F,
    /// How many lines the skeleton has.
    #[prop(default = 6)]
    lines: usize,
    /// Whether nothing is shown in its place where there is an error, which the page says elsewhere.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    let show = move || {
        let view = view.clone();
        Suspend::new(async move {
            match of.await {
                Ok(loaded) => view(loaded),
                Err(error) => {
                    let retry = Callback::new(move |()| of.refetch());
                    view! { <ErrorView error retry quiet /> }.into_any()
                }
            }
        })
    };
    view! {
        <Transition fallback=move || {
            view! { <Skeleton lines /> }
        }>{drawn_once(show)}</Transition>
    }
}

/// What follows a resource in the browser, and is drawn a single time on the server. There a
/// closure would be called once to look for what is still to be loaded and once more to draw, and
/// resources made inside it would not have the numbers that they have in the browser.
#[cfg(feature = "ssr")]
pub fn drawn_once<V>(show: impl Fn() -> V) -> V {
    show()
}

/// What follows a resource in the browser, and is drawn a single time on the server.
#[cfg(not(feature = "ssr"))]
pub fn drawn_once<F>(show: F) -> F {
    show
}

/// The page below, made when it is drawn. On the server a `Transition` walks over what it holds to look
/// for what is still to be loaded, and an `Outlet` makes its page anew each time that it is walked over:
/// all that the page loads would be loaded twice, and the browser given what was not drawn.
#[cfg(feature = "ssr")]
pub fn made_once<V>(make: impl FnOnce() -> V + Send + 'static) -> Unsuspend<V> {
    Unsuspend::new(make)
}

/// The page below, made when it is drawn.
#[cfg(not(feature = "ssr"))]
pub fn made_once<V>(make: impl FnOnce() -> V) -> V {
    make()
}

/// Grey lines where rows will be.
#[component]
pub fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    view! {
        <div class="card skeleton" role="status" aria-label=text::ui::LOADING>
            {(0..lines).map(|_| view! { <span class="bone"></span> }).collect_view()}
        </div>
    }
}
