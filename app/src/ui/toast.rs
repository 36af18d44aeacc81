//! What was done, said at the foot of the page and read out.

use super::{Icon, Notes, Pic};
use crate::{api::form::Toast, start, text};
use leptos::prelude::*;
use std::time::Duration;

/// How long a good toast stays. A bad one stays until it is dismissed.
const STAYS: Duration = Duration::from_secs(6);

/// The toasts of the page.
#[derive(Clone, Copy)]
pub struct Messages(RwSignal<Vec<(u32, Toast)>>, StoredValue<u32>);

impl Messages {
    /// Says that something was done, in place of what was said before.
    pub fn good(self, text: impl Into<String>) {
        self.0.update(|all| all.retain(|(_, toast)| toast.bad));
        let number = self.push(Toast { text: text.into(), bad: false });
        set_timeout(move || self.drop(number), STAYS);
    }

    /// Says that something was not done.
    pub fn bad(self, text: impl Into<String>) {
        self.push(Toast { text: text.into(), bad: true });
    }

    fn push(self, toast: Toast) -> u32 {
        let number = self.1.get_value() + 1;
        self.1.set_value(number);
        self.0.update(|all| all.push((number, toast)));
        number
    }

    fn drop(self, number: u32) {
        self.0.update(|all| all.retain(|(of, _)| *of != number));
    }
}

/// Makes toasts available below, beginning with the one that the last form left in the session.
pub fn provide_toasts() {
    let first = start::use_flash().with_value(|flash| flash.toast.clone());
    let first = first.into_iter().map(|toast| (0, toast)).collect();
    let messages = Messages(RwSignal::new(first), StoredValue::new(0));
    provide_context(messages);
    Effect::new(move |_| set_timeout(move || messages.drop(0), STAYS));
}

/// The toasts of the page.
pub fn use_toasts() -> Messages {
    expect_context()
}

/// Where they are shown.
#[component]
pub fn Toasts() -> impl IntoView {
    let messages = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || messages.0.get() key=|(number, _)| *number let((number, toast))>
                <div class="toast" class:bad=toast.bad>
                    <Icon of=if toast.bad { Pic::Warning } else { Pic::Check } />
                    <span>{toast.text.clone()}</span>
                    <button
                        type="button"
                        class="btn quiet icon"
                        aria-label=text::ui::DISMISS
                        on:click=move |_| messages.drop(number)
                    >
                        <Icon of=Pic::Close />
                    </button>
                </div>
            </For>
            <Notes />
        </div>
    }
}
