//! The question before a view is deleted.

use crate::{
    api::{
        url_of,
        views::{DeleteView, list_views},
    },
    text::views as words,
    ui::{Confirm, Load},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Asks, and names the view.
#[component]
pub fn DeleteViewPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let views = Resource::new(|| (), |()| list_views(None));
    view! {
        <Load
            of=views
            lines=0
            view=move |views| {
                let id = id.get_untracked();
                let found = views.into_iter().find(|view| view.id.to_string() == id);
                let name = found.map(|view| view.name).unwrap_or_default();
                view! {
                    <Confirm
                        title=words::DELETE_TITLE
                        action={url_of::<DeleteView>()}
                        fields=vec![("id", id)]
                        submit=words::DELETE
                        close="/views"
                    >
                        <p><b>{name}</b>": "{words::DELETE_TEXT}</p>
                    </Confirm>
                }
                .into_any()
            }
        />
    }
}
