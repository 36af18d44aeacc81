use super::*;

/// Variables from a function, and noon on 1 January 2026 for a time.
struct With<F>(F);

impl<'v, F: FnMut(&Placeholder) -> Option<Cow<'v, str>>> Environment<'v> for With<F> {
    fn variable(&mut self, placeholder: &Placeholder) -> Option<Cow<'v, str>> {
        self.0(placeholder)
    }

    fn date(&mut self, helper: &DateHelper) -> Value<'v> {
        helper.at(jiff::civil::date(2026, 1, 1).at(12, 0, 0, 0))
    }
}

fn native(expression: &Expression) -> &Native {
    match expression.form() {
        Form::Native(native) => native,
        Form::Script(script) => panic!("{} is left to a script engine", script.text),
    }
}

/// The value of an expression where `a` is `10`, `b` is `9`, `name` is `Ann "x' || 1`, and all
/// else does not exist.
fn value(text: &str) -> String {
    let expression = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let lookup = |placeholder: &Placeholder| match placeholder.name.as_str() {
        "a" => Some(Cow::Borrowed("10")),
        "b" => Some(Cow::Borrowed("9")),
        "name" => Some(Cow::Borrowed("Ann \"x' || 1")),
        _ => None,
    };
    let value = native(&expression).eval(&mut With(lookup)).unwrap();
    match &value {
        Value::Text(text) => format!("'{text}'"),
        other => other.to_text().into_owned(),
    }
}

fn error(text: &str) -> (u32, String) {
    let error = parse(text).expect_err(text);
    (error.column, error.message)
}

fn all(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(value(text), *expected, "{text}");
    }
}

#[test]
fn literals_are_themselves() {
    all(&[
        ("1", "1"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("0x1F", "31"),
        ("0b101", "5"),
        ("0o17", "15"),
        ("'a'", "'a'"),
        ("\"a'b\"", "'a'b'"),
        (r"'\'\n\t\x41\u0042\u{1F600}\ud83d\ude00\q'", "''\n\tAB😀😀q'"),
        ("true", "true"),
        ("null", "null"),
        ("undefined", "undefined"),
        ("-Infinity", "-Infinity"),
    ]);
}

#[test]
fn numbers_are_written_as_javascript_writes_them() {
    all(&[
        ("'' + 1e21", "'1e+21'"),
        // As near to .3, of which the last digit is odd.
        ("0.1 * 9007199254740993", "900719925474099.2"),
        ("0.1 * -9007199254740993", "-900719925474099.2"),
        ("900719925474099.3", "900719925474099.2"),
        ("900719925474099.4", "900719925474099.4"),
        ("'' + 123456789012345680000", "'123456789012345680000'"),
        ("'' + 0.000001", "'0.000001'"),
        ("'' + 0.0000001", "'1e-7'"),
        ("'' + 1.5e300", "'1.5e+300'"),
        ("'' + -1.25e-9", "'-1.25e-9'"),
        ("'' + 0.1", "'0.1'"),
        ("'' + -0", "'0'"),
        ("'' + (0/0)", "'NaN'"),
        ("0.1 + 0.2", "0.30000000000000004"),
    ]);
}

#[test]
fn variables_are_text() {
    all(&[
        ("${a}", "'10'"),
        ("${none}", "''"),
        ("${a} > ${b}", "false"),
        ("${a} > 9", "true"),
        ("${a} === 10", "false"),
        ("${a} == 10", "true"),
        ("${a} + 1", "'101'"),
        ("${a} - 1", "9"),
        ("${none} == 0", "true"),
        ("!${none}", "true"),
    ]);
}

#[test]
fn a_quoted_placeholder_is_interpolated_and_its_value_is_never_parsed() {
    all(&[
        ("'${a}' === '10'", "true"),
        ("'<${a}|${b}${none}>'", "'<10|9>'"),
        ("\"${name}\" === \"${name}\"", "true"),
        ("${name} === 'Ann \"x\\' || 1'", "true"),
        ("'${name}'", "'Ann \"x' || 1'"),
    ]);
}

#[test]
fn comparison_follows_javascript() {
    all(&[
        ("'10' > 9", "true"),
        ("'10' > '9'", "false"),
        ("'' == 0", "true"),
        ("' \\n' == 0", "true"),
        ("'0x10' == 16", "true"),
        ("'1_0' == 10", "false"),
        ("'inf' == Infinity", "false"),
        ("'-Infinity' == -Infinity", "true"),
        ("null == undefined", "true"),
        ("null === undefined", "false"),
        ("null == 0", "false"),
        ("null >= 0", "true"),
        ("undefined >= 0", "false"),
        ("NaN == NaN", "false"),
        ("NaN != NaN", "true"),
        ("true == 'true'", "false"),
        ("true == '1'", "true"),
        ("'abc' < 5", "false"),
        ("'abc' >= 5", "false"),
        ("3 > 2 > 1", "false"),
        ("1 < 2 == true", "true"),
        ("'\\uffee' < '\\u{1F600}'", "false"),
    ]);
}

#[test]
fn logic_gives_one_of_its_operands() {
    all(&[
        ("'' || 'b'", "'b'"),
        ("'a' && 0", "0"),
        ("0 && 'y' || 2", "2"),
        ("!'' && !0 && !null", "true"),
        ("'false' && true", "true"),
        ("1 || 2 && 0", "1"),
        ("1 ? 'y' : 'n'", "'y'"),
        ("0 ? 1 : '' ? 2 : 3", "3"),
    ]);
}

#[test]
fn arithmetic_follows_javascript() {
    all(&[
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("7 % 3", "1"),
        ("-7 % 3", "-1"),
        ("5.5 % 2", "1.5"),
        ("1 / 0", "Infinity"),
        ("'3' * '4'", "12"),
        ("'a' - 1", "NaN"),
        ("1 + '2'", "'12'"),
        ("1 + 2 + '3'", "'33'"),
        ("true + 1", "2"),
        ("null + 1", "1"),
        ("undefined + 1", "NaN"),
        ("1 - -1", "2"),
        ("- - 1", "1"),
        ("+'5'", "5"),
    ]);
}

#[test]
fn date_helpers_are_values_and_a_semicolon_may_end_the_expression() {
    all(&[
        ("&hour() === 12 && &wday() == 5", "true"),
        ("&time_of_day(9:00-18:00) ? 'open' : 'closed'", "'open'"),
        ("'' + &year()", "'2026'"),
        ("1 + 1;", "2"),
    ]);
}

#[test]
fn what_is_not_native_but_may_be_javascript_is_left_to_a_script_engine() {
    for text in [
        "1 + parseInt(2)",
        "${a}.length > 1",
        "${a}[0]",
        "Math.max(1)",
        "/a/.test('b')",
        "new Date() > 1",
        "2 ** 3",
        "1 // x",
        "'é' | 1",
        "`x` === ${a}",
        "'a' in {a: 1}",
        "[1, 2].includes(+${a})",
        "${a} ?? 'x'",
        "typeof ${a} === 'string'",
        "(x => x)(1)",
    ] {
        let expression = parse(text).unwrap();
        assert!(matches!(expression.form(), Form::Script(_)), "{text}");
    }
    for (text, column) in [("f(1", 2), ("${a}.includes('x", 15), ("[1, 2", 1), ("f(1))", 5)] {
        assert_eq!(error(text).0, column, "{text}");
    }
}

#[test]
fn what_is_plainly_wrong_is_refused_at_its_place() {
    for (text, column, says) in [
        ("", 1, "empty"),
        ("abc === 1", 1, "${abc}"),
        ("${a} = 1", 6, "==="),
        ("1 &hour()", 3, "found a date helper"),
        ("&hour(x) > 1", 1, "&hour(2-6,8)"),
        ("1; 2", 2, "`;`"),
        ("1--1", 2, "`--`"),
        ("010", 1, "begin with 0"),
        ("10n", 1, "not a number"),
        ("1e", 1, "not a number"),
        ("0x", 1, "not a number"),
        ("'abc", 1, "closing quote"),
        ("'\\ud800'", 2, "surrogate"),
        ("${a", 1, "closing `}`"),
        ("(1", 3, "closes"),
        ("1 +", 4, "a value"),
        ("1 2", 3, "an operator"),
        ("${a}${b}", 5, "an operator"),
        ("1 ? 2", 6, "`:`"),
        ("@", 1, "no meaning"),
    ] {
        let (found, message) = error(text);
        assert_eq!(found, column, "{text}: {message}");
        assert!(message.contains(says), "{text}: {message}");
    }
}

#[test]
fn depth_and_length_have_limits() {
    for text in [
        format!("{}1{}", "(".repeat(5_000), ")".repeat(4_000)),
        "!".repeat(9_000),
        format!("1{}", "+1".repeat(4_000)),
        "1?".repeat(4_000),
        format!("1{}", " ".repeat(LENGTH_MAX)),
    ] {
        assert!(parse(&text).is_err());
    }
    assert_eq!(value(&format!("1{}", "+1".repeat(99))), "100");
}

#[test]
fn a_text_that_grows_too_long_is_an_error() {
    let big = "x".repeat(TEXT_MAX / 2 + 1);
    for text in ["${a} + ${a}", "'${a}${a}'"] {
        let expression = parse(text).unwrap();
        let lookup = |_: &Placeholder| Some(Cow::Borrowed(big.as_str()));
        assert_eq!(native(&expression).eval(&mut With(lookup)), Err(EvalError::TextTooLong));
    }
}
