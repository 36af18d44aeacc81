//! A dialog with an address of its own.

use super::{Icon, Pic, focus_page, focused};
use crate::text;
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

/// For how many frames a dialog may be drawn before it is put into the page.
const FRAMES: u32 = 60;
/// For how many frames after it the focus is looked after.
const FRAMES_AFTER: u32 = 120;

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
            let before = StoredValue::new_local(None);
            make_modal(node, modal, before, FRAMES);
            on_cleanup(move || {
                if let Some((dialog, before)) = before.try_get_value().flatten() {
                    give_focus_back(dialog, before, FRAMES_AFTER);
                }
            });
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

/// A dialog, and what had the focus before it.
type Opened = (web_sys::HtmlDialogElement, Option<web_sys::HtmlElement>);

/// Opens the dialog as a modal one, and notes in `before` what has the focus until then. What is
/// drawn while something is loaded is put into the page later, and only what is in the page can be
/// modal.
fn make_modal(
    node: NodeRef<html::Dialog>,
    modal: StoredValue<bool>,
    before: StoredValue<Option<Opened>, LocalStorage>,
    frames: u32,
) {
    let Some(dialog) = node.try_get_untracked().flatten() else { return };
    if modal.try_get_value() != Some(false) {
        return;
    }
    if !dialog.is_connected() {
        if frames > 0 {
            request_animation_frame(move || make_modal(node, modal, before, frames - 1));
        }
        return;
    }
    let focused = focused().filter(|focused| !dialog.contains(Some(focused)));
    before.try_set_value(Some((dialog.clone(), focused)));
    _ = dialog.remove_attribute("open");
    if dialog.show_modal().is_ok() {
        modal.set_value(true);
    }
}

/// A dialog goes with its address, and with it the focus: it goes back to what led to the dialog,
/// or, where that is no more, to the page. The dialog may be drawn for some frames yet, and what
/// it changed may be drawn anew, which takes the focus along once more.
fn give_focus_back(
    dialog: web_sys::HtmlDialogElement,
    before: Option<web_sys::HtmlElement>,
    frames: u32,
) {
    request_animation_frame(move || {
        if !dialog.is_connected() && focused().is_none() {
            match before.as_ref().filter(|before| before.is_connected()) {
                Some(element) => _ = element.focus(),
                None => focus_page(),
            }
        }
        if frames > 0 {
            give_focus_back(dialog, before, frames - 1);
        }
    });
}
