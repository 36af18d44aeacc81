//! A dialog with an address of its own.

use super::{Icon, Pic};
use crate::text;
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

/// For how many frames a dialog may be drawn before it is put into the page.
const FRAMES: u32 = 60;

/// A dialog over the page below. The server draws it open, so that it works without JavaScript;
/// once the page is alive it is modal: it holds the focus, and Escape, a click beside it and its
/// close button lead to `close`.
#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    /// Beside the title: what it belongs to.
    #[prop(optional, into)]
    sub: String,
    /// The path of the page below.
    #[prop(into)]
    close: String,
    /// No wider than a question needs.
    #[prop(optional)]
    narrow: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let navigate = use_navigate();
    let to = close.clone();
    let leave = Callback::new(move |()| navigate(&to, Default::default()));
    // A dialog that the server drew open is not modal: it must be closed first to become so. Its
    // own close event comes later, and must not be taken for the person's.
    let modal = StoredValue::new(false);
    Effect::new(move |_| {
        if node.get().is_some() {
            make_modal(node, modal, FRAMES);
        }
    });
    let beside = move |event: ev::MouseEvent| {
        let own = node.get_untracked().is_some_and(|dialog| {
            event.target().is_some_and(|target| dialog.is_same_node(target.dyn_ref()))
        });
        if own {
            leave.run(());
        }
    };
    view! {
        <div class="scrim">
            <dialog
                node_ref=node
                open
                class=if narrow { "dialog narrow" } else { "dialog" }
                aria-labelledby="dialog-title"
                on:close=move |_| leave.run(())
                on:mousedown=beside
            >
                <div class="dialog-in">
                    <header>
                        <h2 id="dialog-title">{title}</h2>
                        <span class="dim">{sub}</span>
                    </header>
                    {children()}
                    // The last one in order, so that the focus begins with what is asked.
                    <a class="btn quiet icon dialog-close" href=close aria-label=text::ui::CLOSE>
                        <Icon of=Pic::Close />
                    </a>
                </div>
            </dialog>
        </div>
    }
}

/// Opens the dialog as a modal one. What is drawn while something is loaded is put into the page
/// later, and only what is in the page can be modal.
fn make_modal(node: NodeRef<html::Dialog>, modal: StoredValue<bool>, frames: u32) {
    let Some(dialog) = node.try_get_untracked().flatten() else { return };
    if modal.try_get_value() != Some(false) {
        return;
    }
    if !dialog.is_connected() {
        if frames > 0 {
            request_animation_frame(move || make_modal(node, modal, frames - 1));
        }
        return;
    }
    _ = dialog.remove_attribute("open");
    if dialog.show_modal().is_ok() {
        modal.set_value(true);
    }
}
