use super::*;

fn value(source: &str) -> Value {
    read(source, 32).unwrap().root.to_value()
}

fn fault(source: &str) -> (usize, String) {
    let fault = read(source, 32).unwrap_err();
    (fault.offset, fault.message)
}

#[test]
fn reads_what_serde_json_reads() {
    for source in [
        r#"[1, -2.5e3, 0, "a\"\\\/\b\f\n\r\té\ud83d\ude00", true, false, null, {}, []]"#,
        r#" {"b": 1, "a": [{"c": "ü"}]} "#,
        "-0",
        "12345678901234567890",
    ] {
        assert_eq!(value(source), serde_json::from_str::<Value>(source).unwrap(), "{source}");
    }
}

#[test]
fn refuses_what_serde_json_refuses() {
    for source in [
        "",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        "-",
        "+1",
        "1e999",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "\"a",
        "[1 2]",
        "tru",
        "[]]",
        "\u{feff}[]",
        "'a'",
    ] {
        assert!(serde_json::from_str::<Value>(source).is_err(), "{source}");
        assert!(read(source, 32).is_err(), "{source}");
    }
}

#[test]
fn a_fault_has_its_place_and_path() {
    assert_eq!(fault("[1, x]").0, 4);
    let fault = read(r#"[{"set": {"a/b": }}]"#, 32).unwrap_err();
    assert_eq!((fault.offset, fault.path.as_str()), (17, "/0/set/a~1b"));
}

#[test]
fn a_repeated_key_is_reported_and_the_reading_goes_on() {
    let document = read(r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#, 32).unwrap();
    let places: Vec<_> =
        document.repeated.iter().map(|fault| (fault.offset, fault.path.as_str())).collect();
    assert_eq!(places, [(23, "/b/c"), (32, "/a")]);
}

#[test]
fn nesting_has_a_limit() {
    assert!(read(&format!("{}{}", "[".repeat(32), "]".repeat(32)), 32).is_ok());
    let (offset, message) = fault(&"[".repeat(100_000));
    assert_eq!(offset, 32);
    assert!(message.contains("32"));
}

#[test]
fn a_place_in_decoded_text_is_found_in_the_source() {
    let source = r#"["a\n\u00e9\ud83d\ude00é!"]"#;
    let document = read(source, 32).unwrap();
    let Kind::List(items) = document.root.kind else { panic!() };
    let Kind::Text(text) = &items[0].kind else { panic!() };
    let decoded = text.find('!').unwrap();
    let at = place_in_string(source, items[0].start, decoded);
    assert_eq!(&source[at..=at], "!");
    assert_eq!(place_in_string(source, items[0].start, 0), items[0].start + 1);
}

#[test]
fn a_text_is_laid_out_with_its_numbers_as_they_are_written() {
    let source =
        r#"{"b":[1.10,{},[ ],"\u043f\/\"],"], "a" : {"n":12345678901234567890123},"a":-0}"#;
    let expected = "{\n  \"b\": [\n    1.10,\n    {},\n    [],\n    \"п/\\\"],\"\n  ],\n  \"a\": {\n    \"n\": \
                    12345678901234567890123\n  },\n  \"a\": -0\n}";
    assert_eq!(laid_out(source, 1_000), expected);
    assert_eq!(laid_out(source, expected.len()), expected);
    assert_eq!(laid_out(source, expected.len() - 1), source, "it would become too long");
    for broken in ["", "\"a", "\"\\", "]}", "[}", "{\"a\" 1 é"] {
        laid_out(broken, 1_000);
    }
}
