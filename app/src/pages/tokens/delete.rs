//! The question before a token is deleted.

use crate::{
    api::{
        tokens::{DeleteToken as Delete, list_tokens},
        url_of,
    },
    text::tokens as text,
    ui::{Confirm, Load},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Asks, and names the token.
#[component]
pub fn DeleteToken() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let tokens = Resource::new(|| (), |()| list_tokens(String::new()));
    view! {
        <Load
            of=tokens
            lines=0
            view=move |tokens| {
                let id = id.get_untracked();
                let name = tokens.into_iter().find(|token| token.id.to_string() == id);
                let name = name.map(|token| token.name).unwrap_or_default();
                view! {
                    <Confirm
                        title=text::DELETE_TITLE
                        action={url_of::<Delete>()}
                        fields=vec![("id", id)]
                        submit=text::DELETE
                        close="/tokens"
                    >
                        <p><b>{name}</b>": "{text::DELETE_TEXT}</p>
                    </Confirm>
                }
                .into_any()
            }
        />
    }
}
