//! A flow as a file: what an export writes, and what an import reads.

use crate::text::flows as text;
use model::flow::{Flow, FlowDraft, FlowKind, FlowMode, check::SOURCE_MAX, json::laid_out};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

/// The longest name that an import takes from a file, in characters.
const NAME_MAX: usize = 120;

/// A flow as a file: `{name, type, mode, description, schema}`, indented.
pub fn write(flow: &Flow) -> String {
    #[derive(Serialize)]
    struct File<'a> {
        name: &'a str,
        r#type: &'a str,
        mode: &'a str,
        description: &'a str,
        schema: &'a RawValue,
    }
    let file = File {
        name: &flow.name,
        r#type: flow.kind.as_str(),
        mode: flow.version.mode.as_str(),
        description: &flow.description,
        schema: serde_json::from_str(&flow.version.source).unwrap_or(RawValue::NULL),
    };
    let text = serde_json::to_string(&file).unwrap_or_default();
    let mut text = laid_out(&text, SOURCE_MAX).into_owned();
    text.push('\n');
    text
}

/// The name of the file: the flow's, without what file systems mind.
pub fn file_name(flow: &Flow) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = flow.name.chars().map(plain).collect();
    let parts: Vec<_> = name.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        format!("flow-{}.json", flow.id)
    } else {
        format!("{}.json", parts.join("-"))
    }
}

/// What was read of a file.
#[derive(Debug)]
pub struct Read {
    pub draft: FlowDraft,
    /// How many lines stand above the flow's text in the file; none where that was laid out anew.
    pub above: u32,
}

/// The members of a file that hold steps, as they are written.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// Reads our export, the original's `{name, type, schema}`, or a bare array of steps. A name and a
/// mode that are given go before the file's. A file without a mode is lenient when it is an object
/// (it was written elsewhere, where flows behave so) and strict when it is a bare array.
///
/// # Errors
/// In words for a person, when the text is none of these.
pub fn read(content: &str, name: &str, mode: Option<FlowMode>) -> Result<Read, String> {
    let content = content.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let value: Value = serde_json::from_str(&content)
        .map_err(|error| text::not_json(error.line(), error.column()))?;
    let given = name.trim();
    match value {
        Value::Array(_) => {
            if given.is_empty() {
                return Err(text::IMPORT_NEEDS_NAME.into());
            }
            let draft = FlowDraft {
                name: given.into(),
                kind: FlowKind::Service,
                description: String::new(),
                mode: mode.unwrap_or_default(),
                source: content,
                extras: None,
            };
            Ok(Read { draft, above: 0 })
        }
        Value::Object(file) => {
            let mut draft = from_object(&file, given, mode)?;
            let written: Option<Written<'_>> = serde_json::from_str(&content).ok();
            let written = written.and_then(|written| written.schema.or(written.payload));
            let mut above = 0;
            if let Some(written) = written.map(RawValue::get) {
                if written.contains('\n') {
                    let at = written.as_ptr().addr().saturating_sub(content.as_ptr().addr());
                    above = content.get(..at).unwrap_or_default().matches('\n').count();
                    written.clone_into(&mut draft.source);
                } else {
                    draft.source = laid_out(written, SOURCE_MAX).into_owned();
                }
            }
            Ok(Read { draft, above: u32::try_from(above).unwrap_or(u32::MAX) })
        }
        _ => Err(text::IMPORT_NOT_A_FLOW.into()),
    }
}

fn from_object(
    file: &Map<String, Value>,
    given: &str,
    mode: Option<FlowMode>,
) -> Result<FlowDraft, String> {
    // The original writes `schema`; its older exports call it `payload`.
    let steps = file.get("schema").or_else(|| file.get("payload"));
    let Some(steps @ Value::Array(_)) = steps else {
        return Err(text::IMPORT_NO_SCHEMA.into());
    };
    let text_of = |key: &str| file.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let name = if given.is_empty() { text_of("name") } else { given };
    if name.is_empty() {
        return Err(text::IMPORT_NEEDS_NAME.into());
    }
    let kind = match text_of("type") {
        "" => FlowKind::Service,
        word => word.parse().map_err(|error| text::import_unknown(&error))?,
    };
    let mode = match (mode, text_of("mode")) {
        (Some(mode), _) => mode,
        (None, "") => FlowMode::Lenient,
        (None, word) => word.parse().map_err(|error| text::import_unknown(&error))?,
    };
    Ok(FlowDraft {
        name: name.chars().take(NAME_MAX).collect(),
        kind,
        description: text_of("description").to_owned(),
        mode,
        source: serde_json::to_string_pretty(steps).unwrap_or_default(),
        extras: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{flow::FlowVersion, ids::FlowId, time::Millis};

    fn flow() -> Flow {
        Flow {
            id: FlowId(7),
            name: "Close CRM card (new)".into(),
            kind: FlowKind::Default,
            description: "At the end".into(),
            current: 3,
            version: FlowVersion {
                number: 3,
                mode: FlowMode::Strict,
                source: "[{\"log\": \"x\"}]".into(),
                saved_at: Millis(0),
                saved_by: "olena".into(),
            },
            extras: Map::new(),
            created_at: Millis(0),
            updated_at: Millis(0),
        }
    }

    #[test]
    fn an_export_reads_back_as_the_same_flow() {
        let flow = flow();
        let draft = read(&write(&flow), "", None).unwrap().draft;
        assert_eq!((draft.name, draft.kind), (flow.name.clone(), flow.kind));
        assert_eq!((draft.description, draft.mode), (flow.description.clone(), FlowMode::Strict));
        assert!(draft.source.contains("\"log\": \"x\""));
        assert_eq!(file_name(&flow), "close-crm-card-new.json");
    }

    #[test]
    fn numbers_come_back_as_they_were_written() {
        let numbers = "[1.10, 1e3, -0, 12345678901234567890123, 0.1e-7]";
        let one_line =
            format!(r#"{{"name": "A", "schema": [{{"set": {{"b": {numbers}, "a": 1}}}}]}}"#);
        let source = read(&one_line, "", None).unwrap().draft.source;
        let version = FlowVersion { source: source.clone(), ..flow().version };
        let again = read(&write(&Flow { version, ..flow() }), "", None).unwrap().draft.source;
        let tight = |text: &str| text.replace([' ', '\n'], "");
        let expected = tight(&format!(r#"[{{"set": {{"b": {numbers}, "a": 1}}}}]"#));
        assert_eq!((tight(&source), tight(&again)), (expected.clone(), expected));
    }

    #[test]
    fn a_flow_from_elsewhere_is_lenient_and_a_bare_array_needs_a_name() {
        let other = r#"{"id": 9, "name": "A", "type": "service", "schema": [{"log": "x"}]}"#;
        assert_eq!(read(other, "", None).unwrap().draft.mode, FlowMode::Lenient);
        assert_eq!(read(other, "B", Some(FlowMode::Strict)).unwrap().draft.name, "B");
        assert!(read("[]", "", None).is_err());
        assert_eq!(read("[\n]", "C", None).unwrap().draft.source, "[\n]");
        assert!(read("{", "", None).unwrap_err().contains("line 1"));
        assert!(read("3", "x", None).is_err());
    }

    #[test]
    fn steps_are_read_as_they_are_written_unless_they_are_on_one_line() {
        let source = |text: &str| {
            let Read { draft, above } = read(text, "A", None).unwrap();
            (draft.source, above)
        };
        let laid_out = "{\n\n \"payload\": [\n  {\"set\": {\"n\": 1.10}}]}";
        assert_eq!(source(laid_out), ("[\n  {\"set\": {\"n\": 1.10}}]".to_owned(), 2));
        let (laid_out_anew, above) = source(r#"{"schema": [{"log": "x"}]}"#);
        assert_eq!((laid_out_anew.lines().count(), above), (5, 0));
        let (twice, _) = source(r#"{"schema": [{"log": "a", "log": "b"}]}"#);
        assert_eq!(twice.matches("log").count(), 2, "a key that is there twice is to be refused");
    }
}
