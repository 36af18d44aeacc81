//! A flow as a file: what an export writes, and what an import reads.

use crate::text::flows as text;
use model::flow::{Flow, FlowDraft, FlowKind, FlowMode, check::SOURCE_MAX, json::laid_out};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

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

/// The members of a file as they are written.
type Members<'a> = HashMap<String, &'a RawValue>;

/// Reads our export, the original's `{name, type, schema}`, or a bare array of steps. A name and a
/// mode that are given go before the file's. A file without a mode is lenient when it is an object
/// (it was written elsewhere, where flows behave so) and strict when it is a bare array.
///
/// # Errors
/// In words for a person, when the text is none of these.
pub fn read(content: &str, name: &str, mode: Option<FlowMode>) -> Result<Read, String> {
    let content = content.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let whole: &RawValue = serde_json::from_str(&content)
        .map_err(|error| text::not_json(error.line(), error.column()))?;
    let name = name.trim();
    match whole.get().chars().next() {
        Some('[') => Ok(Read { draft: of_steps(content, name, mode)?, above: 0 }),
        Some('{') => {
            let members = serde_json::from_str(whole.get()).unwrap_or_default();
            let steps = steps(&members)?;
            let (source, above) = source(steps, &content);
            Ok(Read { draft: of_members(&members, source, name, mode)?, above })
        }
        _ => Err(text::IMPORT_NOT_A_FLOW.into()),
    }
}

/// A flow of a bare array of steps.
fn of_steps(source: String, name: &str, mode: Option<FlowMode>) -> Result<FlowDraft, String> {
    if name.is_empty() {
        return Err(text::IMPORT_NEEDS_NAME.into());
    }
    Ok(FlowDraft {
        name: name.into(),
        kind: FlowKind::Service,
        description: String::new(),
        mode: mode.unwrap_or_default(),
        source,
        extras: None,
    })
}

/// The array of steps.
fn steps<'a>(members: &Members<'a>) -> Result<&'a str, String> {
    // The original writes `schema`; its older exports call it `payload`.
    let steps = members.get("schema").or_else(|| members.get("payload"));
    let steps = steps.map(|steps| steps.get()).filter(|steps| steps.starts_with('['));
    steps.ok_or_else(|| text::IMPORT_NO_SCHEMA.into())
}

/// The steps as a flow has them, and how many lines stand above them: a text on one line is laid out
/// for people.
fn source(steps: &str, content: &str) -> (String, u32) {
    if !steps.contains('\n') {
        return (laid_out(steps, SOURCE_MAX).into_owned(), 0);
    }
    let at = steps.as_ptr().addr().saturating_sub(content.as_ptr().addr());
    let above = content.get(..at).unwrap_or_default().matches('\n').count();
    (steps.to_owned(), u32::try_from(above).unwrap_or(u32::MAX))
}

/// A flow of these steps, and of what the other members say.
fn of_members(
    members: &Members<'_>,
    source: String,
    given: &str,
    mode: Option<FlowMode>,
) -> Result<FlowDraft, String> {
    let text_of = |key: &str| {
        let text =
            members.get(key).and_then(|text| serde_json::from_str::<String>(text.get()).ok());
        text.unwrap_or_default().trim().to_owned()
    };
    let name = if given.is_empty() { text_of("name") } else { given.to_owned() };
    if name.is_empty() {
        return Err(text::IMPORT_NEEDS_NAME.into());
    }
    let kind = match text_of("type").as_str() {
        "" => FlowKind::Service,
        word => word.parse().map_err(|error| text::import_unknown(&error))?,
    };
    let mode = match (mode, text_of("mode").as_str()) {
        (Some(mode), _) => mode,
        (None, "") => FlowMode::Lenient,
        (None, word) => word.parse().map_err(|error| text::import_unknown(&error))?,
    };
    Ok(FlowDraft {
        name: name.chars().take(NAME_MAX).collect(),
        kind,
        description: text_of("description"),
        mode,
        source,
        extras: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        JsonMap,
        flow::{FlowVersion, import::report},
        ids::FlowId,
        time::Millis,
    };

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
            extras: JsonMap::new(),
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

    #[test]
    fn steps_that_are_too_many_bytes_or_too_deep_are_told_by_their_limit() {
        let refused = |steps: &str| {
            let file = format!(r#"{{"name": "A", "schema": {steps}}}"#);
            let report = report(&read(&file, "", None).unwrap().draft.source);
            assert!(!report.is_sound());
            report.problems[0].message.clone()
        };
        let large = format!(r#"[{{"log": "{}"}}]"#, "x".repeat(10 << 20));
        assert!(refused(&large).starts_with("a flow may have 1048576 bytes, this has 10485"));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(refused(&deep), "nested too deeply: at most 32 levels");
    }
}
