//! Saving what a list shows under a name.

use super::list::Parts;
use crate::{
    api::{form::is_own_path, url_of, views::SaveView},
    text::{form, views as words},
    ui::{
        Button, Check, Crumb, Field, Form, FormErrors, Hidden, Kind, LinkButton, PageHead,
        use_query_value, view_path,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::view::ViewList;

/// Asks for a name. The address holds the list, its path as `back`, and what the list shows.
#[component]
pub fn NewView() -> impl IntoView {
    let list = use_query_value("list").get_untracked().parse().unwrap_or(ViewList::Queues);
    let back = use_query_value("back").get_untracked();
    let back = if is_own_path(&back) && !back.contains('?') { back } else { format!("/{list}") };
    let query = list.view_of(&use_location().query.read_untracked().to_query_string());
    let close = view_path(&back, &query);
    view! {
        <PageHead title=words::NEW crumbs=vec![Crumb::new(words::list(list), close.clone())] />
        <div class="column-narrow">
            <section class="card pad">
                <Form action={url_of::<SaveView>()} class="stack">
                    <Hidden name="list" value=list.to_string() />
                    <Hidden name="query" value=query.clone() />
                    <Hidden name="back" value=back />
                    <p class="about">{words::NEW_ABOUT}</p>
                    <div class="kv">
                        <span class="dim">{words::SHOWS}</span>
                        <span>
                            <Parts query />
                        </span>
                    </div>
                    <Field name="name" label=words::NAME autofocus=true autocomplete="off" />
                    <Check name="replace" label=words::REPLACE />
                    <FormErrors />
                    <div class="row">
                        <Button kind=Kind::Primary name="save" value="true">
                            {words::SAVE}
                        </Button>
                        <LinkButton href=close>{form::CANCEL}</LinkButton>
                    </div>
                </Form>
            </section>
        </div>
    }
}
