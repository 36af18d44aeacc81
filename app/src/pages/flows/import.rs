//! A flow from a file or from pasted text.

use crate::{
    api::{flows::ImportFlow as Import, url_of},
    start,
    text::{flows as text, form},
    ui::{Area, Button, Crumb, Field, Form, FormErrors, Kind, LinkButton, PageHead, Select},
};
use leptos::{html, prelude::*, task::spawn_local};
use model::flow::FlowMode;
use wasm_bindgen::JsCast;

/// The form. A file is read in the browser into the field for the text, so that both ways post
/// the same and only the field is needed without JavaScript.
#[component]
pub fn ImportFlow() -> impl IntoView {
    let mut modes = vec![(String::new(), text::IMPORT_MODE_FILE.to_owned())];
    modes.extend(FlowMode::ALL.iter().map(|one| (one.to_string(), text::mode_choice(*one).into())));
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let node = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let file = node.get_untracked().and_then(|input| input.files()?.get(0));
        let Some(file) = file else { return };
        spawn_local(async move {
            let read = text_of(&file).await;
            let field = document().get_element_by_id("f-content");
            let field = field.and_then(|el| el.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
            if let (Some(text), Some(field)) = (read, field) {
                field.set_value(&text);
            }
        });
    };
    if !start::may_edit() {
        return view! {
            <PageHead title=text::IMPORT_TITLE crumbs=vec![Crumb::new(text::TITLE, "/flows")] />
            <p class="note">{text::READ_ONLY}</p>
        }
        .into_any();
    }
    view! {
        <PageHead title=text::IMPORT_TITLE crumbs=vec![Crumb::new(text::TITLE, "/flows")] />
        <p class="sub">{text::IMPORT_TEXT}</p>
        <Form action={url_of::<Import>()} class="card pad stack import">
            <div class="field" hidden=move || !alive.get()>
                <label for="f-file">{text::IMPORT_FILE}</label>
                <input
                    node_ref=node
                    class="input file"
                    id="f-file"
                    type="file"
                    accept=".json,application/json"
                    on:change=chosen
                />
            </div>
            <Area name="content" label=text::IMPORT_CONTENT rows=14 mono=true />
            <Field name="name" label=text::IMPORT_NAME hint=text::IMPORT_NAME_HINT optional=true />
            <Select name="mode" label=text::IMPORT_MODE options=modes />
            <FormErrors />
            <div class="row">
                <Button kind=Kind::Primary>{text::IMPORT_GO}</Button>
                <LinkButton href="/flows">{form::CANCEL}</LinkButton>
            </div>
        </Form>
    }
    .into_any()
}

/// A file's text.
async fn text_of(file: &web_sys::File) -> Option<String> {
    wasm_bindgen_futures::JsFuture::from(file.text()).await.ok()?.as_string()
}
