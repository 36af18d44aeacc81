//! A text field for JSON: with line numbers and colours once the page is alive, a plain text
//! field without JavaScript.
//!
//! The coloured text and the field lie in one cell of a grid, so that they grow and scroll as one.

use super::highlight::json_html;
use crate::text::flows as text;
use leptos::{ev::KeyboardEvent, html::Textarea, prelude::*};
use model::flow::check::FlowProblem;
use wasm_bindgen::JsCast;

/// What one level of nesting is indented by.
const INDENT: &str = "  ";

/// The editor. `value` follows what is typed; `on_save` is run by Ctrl+S or Cmd+S.
///
/// Tab indents and Shift+Tab takes back; after Escape the next Tab leaves the field, so that the
/// keyboard is not caught in it.
#[component]
pub fn CodeEditor(
    /// The field's name in its form, and its id.
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    node: NodeRef<Textarea>,
    #[prop(into)] problems: Signal<Vec<FlowProblem>>,
    #[prop(optional)] read_only: bool,
    #[prop(into)] on_save: Callback<()>,
) -> impl IntoView {
    let initial = value.get_untracked();
    let (alive, set_alive) = signal(false);
    Effect::new(move |_| {
        // What was typed before the page came alive counts.
        if let Some(field) = node.get() {
            let typed = field.value();
            if typed != value.get_untracked() {
                value.set(typed);
            }
            set_alive.set(true);
        }
    });
    let leaving = StoredValue::new(false);
    let keydown = move |event: KeyboardEvent| {
        let Some(field) = node.get_untracked() else { return };
        let command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "s" if command => {
                event.prevent_default();
                on_save.run(());
            }
            "Escape" => leaving.set_value(true),
            "Tab" if !command && !event.alt_key() && !read_only => {
                if leaving.get_value() {
                    leaving.set_value(false);
                } else {
                    event.prevent_default();
                    indent(&field, event.shift_key());
                }
            }
            "Enter" if !command && !read_only && !event.is_composing() => {
                event.prevent_default();
                new_line(&field);
            }
            "Shift" => {}
            _ => leaving.set_value(false),
        }
    };
    let described = format!("{name}-keys");
    view! {
        <div class="code-edit" class:code-live=alive>
            <div class="code-gutter" aria-hidden="true">
                {move || {
                    let lines = value.with(|text| text.split('\n').count());
                    let problems = problems.get();
                    (1..=lines)
                        .map(|line| view! { <span class=gutter_class(line, &problems)>{line}</span> })
                        .collect_view()
                }}
            </div>
            <div class="code-stack">
                <pre class="code-paint" aria-hidden="true" inner_html=move || {
                    value.with(|text| format!("{}\n", json_html(text)))
                }></pre>
                <textarea
                    node_ref=node
                    id=name
                    name=name
                    class="code-field"
                    aria-label=label
                    aria-describedby=described.clone()
                    rows="18"
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    readonly=read_only
                    on:input=move |event| value.set(event_target_value(&event))
                    on:keydown=keydown
                    on:blur=move |_| leaving.set_value(false)
                    inner_html=super::area_html(&initial)
                ></textarea>
            </div>
        </div>
        <p class="hint" id=described class:hidden=read_only>{text::EDITOR_KEYS}</p>
    }
}

/// Puts the caret at a line and column (both from 1, the column in characters), and shows it.
pub fn go_to(field: &web_sys::HtmlTextAreaElement, line: u32, column: u32) {
    let at = offset_of(&field.value(), line, column);
    let _ = field.focus();
    let _ = field.set_selection_range(at, at);
}

/// The caret's line and column, as [`go_to`] takes them.
pub fn place_of_caret(field: &web_sys::HtmlTextAreaElement) -> (u32, u32) {
    let text = field.value();
    let before = &text[..byte_at(&text, selection(field).0)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(1), u32::try_from(column).unwrap_or(1))
}

/// Types the text in place of what is selected, so that the browser's undo takes it back.
pub fn type_in(field: &web_sys::HtmlTextAreaElement, text: &str) {
    let _ = field.focus();
    let document = field.owner_document().and_then(|d| d.dyn_into::<web_sys::HtmlDocument>().ok());
    let typed = document.is_some_and(|document| {
        document.exec_command_with_show_ui_and_value("insertText", false, text).unwrap_or(false)
    });
    if !typed {
        let _ = field.set_range_text(text);
        if let Ok(event) = web_sys::Event::new("input") {
            let _ = field.dispatch_event(&event);
        }
    }
}

/// Replaces the whole text.
pub fn replace_all(field: &web_sys::HtmlTextAreaElement, text: &str) {
    field.select();
    type_in(field, text);
}

fn gutter_class(line: usize, problems: &[FlowProblem]) -> &'static str {
    let here = || problems.iter().filter(|problem| problem.line as usize == line);
    if here().any(FlowProblem::is_error) {
        "code-line bad"
    } else if here().next().is_some() {
        "code-line warn"
    } else {
        "code-line"
    }
}

/// The offset in UTF-16 units, as text fields count, of a line and column in characters.
fn offset_of(text: &str, line: u32, column: u32) -> u32 {
    let mut offset = 0;
    for (index, content) in text.split('\n').enumerate() {
        let units = |part: &str| u32::try_from(part.encode_utf16().count()).unwrap_or(u32::MAX);
        if index + 1 == line as usize {
            let before: String = content.chars().take(column.saturating_sub(1) as usize).collect();
            return offset + units(&before);
        }
        offset += units(content) + 1;
    }
    offset
}

/// The byte at a UTF-16 offset.
fn byte_at(text: &str, units: u32) -> usize {
    let mut seen = 0;
    for (index, c) in text.char_indices() {
        if seen >= units {
            return index;
        }
        seen += u32::try_from(c.len_utf16()).unwrap_or(1);
    }
    text.len()
}

fn selection(field: &web_sys::HtmlTextAreaElement) -> (u32, u32) {
    let start = field.selection_start().ok().flatten().unwrap_or(0);
    let end = field.selection_end().ok().flatten().unwrap_or(start);
    (start, end)
}

/// Indents the selected lines, or types an indent where nothing is selected.
fn indent(field: &web_sys::HtmlTextAreaElement, back: bool) {
    let text = field.value();
    let (start, end) = selection(field);
    if start == end && !back {
        type_in(field, INDENT);
        return;
    }
    let first = text[..byte_at(&text, start)].rfind('\n').map_or(0, |at| at + 1);
    let last = byte_at(&text, end);
    let last = text[last..].find('\n').map_or(text.len(), |at| last + at);
    let shifted: Vec<_> = text[first..last]
        .split('\n')
        .map(|line| match back {
            true => line.strip_prefix(INDENT).unwrap_or(line.trim_start_matches(' ')).to_owned(),
            false => format!("{INDENT}{line}"),
        })
        .collect();
    let shifted = shifted.join("\n");
    let from = u32::try_from(text[..first].encode_utf16().count()).unwrap_or(0);
    let to = u32::try_from(text[..last].encode_utf16().count()).unwrap_or(from);
    let _ = field.set_selection_range(from, to);
    type_in(field, &shifted);
    let length = u32::try_from(shifted.encode_utf16().count()).unwrap_or(0);
    let _ = if start == end {
        field.set_selection_range(from + length, from + length)
    } else {
        field.set_selection_range(from, from + length)
    };
}

/// Begins a line as deep as this one, one deeper after an opening bracket.
fn new_line(field: &web_sys::HtmlTextAreaElement) {
    let text = field.value();
    let before = &text[..byte_at(&text, selection(field).0)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    let depth: String = line.chars().take_while(|c| *c == ' ').collect();
    let deeper = if line.trim_end().ends_with(['{', '[']) { INDENT } else { "" };
    type_in(field, &format!("\n{depth}{deeper}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_fields_count_utf_16() {
        let text = "[\n  {\"a\": \"\u{1F600}x\"}\n]";
        assert_eq!(offset_of(text, 1, 1), 0);
        assert_eq!(offset_of(text, 2, 3), 4);
        assert_eq!(offset_of(text, 2, 11), 13);
        assert_eq!(byte_at(text, 2), 2);
        assert_eq!(byte_at(text, 500), text.len());
    }
}
