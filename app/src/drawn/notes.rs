//! What flows have to say to whoever looks, at the foot of each page.

use crate::{
    api::{notes::CloseNote, url_of},
    text::ui,
    ui::{Icon, Pic},
};
use leptos::prelude::*;
use model::note::Note;

/// Notes, as HTML.
pub fn notes(notes: Vec<Note>) -> String {
    notes.into_iter().map(note).collect_view().to_html()
}

fn note(note: Note) -> AnyView {
    let bad = matches!(note.kind.as_str(), "warning" | "error");
    view! {
        <form
            class="toast"
            class:bad=bad
            id=format!("note-{}", note.id)
            data-seconds=note.timeout_s
            method="post"
            action={url_of::<CloseNote>()}
        >
            <Icon of=if bad { Pic::Warning } else { Pic::Check } />
            <span>{note.message}</span>
            <input type="hidden" name="id" value=note.id.to_string() />
            <button class="btn quiet icon" aria-label=ui::DISMISS>
                <Icon of=Pic::Close />
            </button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::notes::SECONDS;
    use model::{
        ids::{NoteId, UserId},
        time::Millis,
    };

    #[test]
    fn a_note_says_for_how_long_it_is_shown_and_is_no_markup() {
        let note = |timeout_s| Note {
            id: NoteId(Default::default()),
            user: UserId(1),
            kind: "info".into(),
            message: "<b>Olena</b> waits".into(),
            timeout_s,
            made_at: Millis(0),
        };
        let html = notes(vec![note(Some(5))]);
        assert!(html.contains(&format!(r#"{SECONDS}="5""#)), "{html}");
        assert!(html.contains("&lt;b&gt;Olena&lt;/b&gt; waits"), "{html}");
        assert!(!notes(vec![note(None)]).contains(SECONDS));
    }
}
