use super::*;
use crate::flow::syntax::Action;

/// The problems as `line:column path message`, warnings with a leading `~`, what only imports may have
/// with `?`.
fn problems(source: &str) -> Vec<String> {
    let checked = check(source);
    let errors = checked.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(checked.steps.is_none(), errors);
    checked
        .problems
        .iter()
        .map(|p| {
            let mark = match p.severity {
                Severity::Error => "",
                Severity::Foreign => "?",
                Severity::Warning => "~",
            };
            format!("{mark}{}:{} {} {}", p.line, p.column, p.path, p.message)
        })
        .collect()
}

/// Asserts that a flow has just one problem, and that its text has a part.
fn one(source: &str, part: &str) {
    let found = problems(source);
    assert_eq!(found.len(), 1, "{source}: {found:#?}");
    assert!(found[0].contains(part), "{source}: {found:#?}");
}

fn steps(source: &str) -> Vec<Step> {
    let checked = check(source);
    checked.steps.unwrap_or_else(|| panic!("{:#?}", checked.problems))
}

#[test]
fn the_language_reference_example_is_sound() {
    let source = r#"[
      {"set": {"greeting": "hello ${member_name}"}},
      {"if": {"expression": "${cc_result} === 'abandoned'", "then": [{"goto": "report"}], "else": []}},
      {"httpRequest": {"url": "https://crm.example/call/${attempt_id}", "method": "PUT",
                       "headers": {"X-Source": "queue"}, "data": {"who": "${member_name}"},
                       "timeout": 3000, "exportVariables": {"crm_id": "data.id"}, "responseCode": "status"}},
      {"log": "stored as ${crm_id}", "tag": "report"},
      {"break": ""}
    ]"#;
    assert_eq!(problems(source), Vec::<String>::new());
    let steps = steps(source);
    let names: Vec<_> = steps.iter().map(|step| step.action.name()).collect();
    assert_eq!(names, ["set", "if", "httpRequest", "log", "break"]);
    let Action::If(arguments) = &steps[1].action else { panic!() };
    assert_eq!(arguments.then[0].path, "/1/if/then/0");
}

#[test]
fn what_is_not_json_has_its_line_and_path() {
    one("", "empty");
    one("{}", "1:1  a flow is a list of steps, this is an object");
    assert_eq!(problems("[\n  {\"log\": \"é\" x}\n]"), ["2:15 /0 expected `,` or `}`, found `x`"]);
    assert_eq!(
        problems(r#"[{"log": "a", "log": "b"}]"#)[0],
        "1:15 /0/log the key \"log\" stands here twice"
    );
}

#[test]
fn limits_are_named() {
    one(&format!("[{}]", " ".repeat(SOURCE_MAX)), "1048576");
    one(&"[".repeat(40), "32");
    let many = vec![r#"{"start":""}"#; STEPS_MAX + 5].join(",");
    one(&format!("[{many}]"), "5000");
}

#[test]
fn all_problems_are_collected_in_order() {
    let found = problems(
        r#"[
  {"goto": "nowhere"},
  {"httprequest": {}},
  {"httpRequest": {"method": "FETCH", "expect": "2yy", "data": {"a": ["${x"]}}},
  {"execute": {"name": "f", "async": true}},
  {"if": {"expression": "\"a\" = 1", "then": {}}}
]"#,
    );
    let begins = [
        "2:12 /0/goto no step here has the tag \"nowhere\"",
        "?3:4 /1/httprequest unknown action `httprequest`; did you mean \"httpRequest\"?",
        "4:19 /2/httpRequest `httpRequest` lacks `url`",
        "4:30 /2/httpRequest/method `method` is one of GET",
        "4:49 /2/httpRequest/expect `expect` is statuses",
        "4:72 /2/httpRequest/data/a/0 `${` without",
        "5:24 /3/execute/name no function \"f\" is declared",
        "6:32 /4/if/expression in the expression, at its column 5: `=` assigns",
        "6:46 /4/if/then `then` is a list of steps, this is an object",
    ];
    assert_eq!(found.len(), begins.len(), "{found:#?}");
    for (found, begin) in found.iter().zip(begins) {
        assert!(found.starts_with(begin), "{found} | {begin}");
    }
}

#[test]
fn a_step_has_exactly_one_action() {
    one("[{}]", "no action");
    one(r#"[{"tag": "a"}]"#, "no action");
    one(r#"[{"log": "a", "start": ""}]"#, "one action, this has `log` and `start`");
    one(r#"[{"log": "a", "colour": "b"}]"#, "unknown key `colour`");
    one(r#"[{"log": "a", "tagg": "b"}]"#, "did you mean \"tag\"");
    one(r#"[{"logg": "a", "tag": "b", "retry": {"attempts": 2}}]"#, "?1:3 /0/logg unknown action");
    let found = problems(r#"[{"logg": "a", "seet": {}}]"#);
    assert!(found.len() == 2 && found.iter().all(|one| !one.starts_with('?')), "{found:#?}");
    one(r#"["log"]"#, "a step is an object, this is text");
    one(r#"[{"break": false}]"#, "no action");
}

#[test]
fn what_is_always_an_error_when_it_is_run_is_kept_of_imports_alone() {
    let global = |name: &str| format!(r#"[{{"global": {{"{name}": {{"value": "1"}}}}}}]"#);
    for name in ["2a", "a.b", &"n".repeat(101)] {
        one(&global(name), &format!("?1:14 /0/global/{name} the name of such a variable "));
    }
    one(&global("a{"), "may not have braces");
    one(&global(" "), "is empty");
    assert_eq!(problems(&global("a_2")), Vec::<String>::new());
    for zone in [r#"{"id": 5}"#, r#"{"id": 5, "name": ""}"#, r#"{"name": " "}"#] {
        one(&format!(r#"[{{"timezone": {zone}}}]"#), "?1:15 /0/timezone the numbers of time zones");
    }
    for zone in [r#"{"name": "${zone}"}"#, r#"{"id": 5, "name": "Europe/Kyiv"}"#] {
        assert_eq!(problems(&format!(r#"[{{"timezone": {zone}}}]"#)), Vec::<String>::new());
    }
}

#[test]
fn what_needs_the_core_is_kept_with_a_warning() {
    one(r#"[{"ewt": {}}]"#, "~1:3 /0/ewt `ewt` needs the contact centre's own core");
    one(
        r#"[{"retry": {"sleep": 1}}]"#,
        "~1:3 /0/retry `retry` needs the contact centre's own core",
    );
}

#[test]
fn break_is_an_action_or_a_mark() {
    let steps = steps(r#"[{"break": ""}, {"break": true}, {"log": "a", "break": true}]"#);
    assert_eq!(steps[0].action, Action::Break);
    assert_eq!(steps[1].action, Action::Break);
    assert!(steps[2].break_after && !steps[1].break_after);
    one(r#"[{"log": "a", "break": ""}]"#, "`break` beside an action is true or false");
}

#[test]
fn tags_are_those_of_their_scope() {
    one(
        r#"[{"log": "a", "tag": "t"}, {"log": "b", "tag": "t"}]"#,
        "?1:48 /1/tag the tag \"t\" stands on two steps",
    );
    one(
        r#"[{"log": "a", "tag": "t"}, {"function": {"name": "f", "actions": [{"goto": "t"}]}}]"#,
        "no step here has the tag \"t\"",
    );
    assert!(
        problems(
            r#"[{"goto": "in"}, {"while": {"condition": "1", "do": [{"log": "", "tag": "in"}]}},
                {"function": {"name": "f", "actions": [{"goto": "in"}, {"log": "", "tag": "in"}]}}]"#
        )
        .is_empty()
    );
    assert!(problems(r#"[{"goto": "${where}"}]"#).is_empty());
    one(r#"[{"log": "", "limit": {"max": 1, "failover": "x"}}]"#, "~1:46 /0/limit/failover");
    one(r#"[{"log": "", "limit": {"max": 1}}]"#, "no effect without `failover`");
    one(r#"[{"log": "", "limit": {"failover": "a"}}, {"log": "", "tag": "a"}]"#, "lacks `max`");
}

#[test]
fn functions_are_declared_once_and_wherever_they_stand() {
    assert!(
        problems(
            r#"[{"execute": {"name": "f"}}, {"if": {"expression": "1", "then":
                [{"function": {"name": "f", "actions": []}}]}}]"#
        )
        .is_empty()
    );
    one(
        r#"[{"function": {"name": "f", "actions": []}}, {"function": {"name": "f", "actions": []}}]"#,
        "?1:68 /1/function/name the function \"f\" is declared twice",
    );
    one(
        r#"[{"execute": {"name": "f"}}, {"function": {"name": "f", "actions": []}, "disabled": true}]"#,
        "is disabled",
    );
}

#[test]
fn the_inside_of_a_disabled_step_cannot_be_jumped_to() {
    one(
        r#"[{"goto": "t"}, {"disabled": true, "if": {"expression": "1", "then": [{"log": "", "tag": "t"}]}}]"#,
        "no step here",
    );
}

#[test]
fn argument_types_are_checked() {
    for (source, part) in [
        (r#"[{"set": []}]"#, "`set` is an object, this is a list"),
        (r#"[{"set": {"": 1}}]"#, "is empty"),
        (r#"[{"unSet": {}}]"#, "`unSet` is a list or text, this is an object"),
        (r#"[{"unSet": [1]}]"#, "is text, this is a number"),
        (r#"[{"switch": {"variable": "${a}", "case": {"x": {}}}}]"#, "the case \"x\" is a list"),
        (r#"[{"switch": {"variable": "${a}"}}]"#, "lacks `case`"),
        (r#"[{"while": {"condition": "1", "do": [], "maxSteps": 0}}]"#, "at least 1"),
        (r#"[{"while": {"do": []}}]"#, "lacks `condition`"),
        (r#"[{"while": {"condition": "1", "do": [], "maxSteps": "x"}}]"#, "whole number"),
        (r#"[{"softSleep": 86400001}]"#, "from 0 to 86400000"),
        (r#"[{"sleep": "90000000"}]"#, "from 0 to 86400000"),
        (r#"[{"softSleep": -1}]"#, "from 0 to 86400000"),
        (r#"[{"goto": ""}]"#, "is empty"),
        (r#"[{"log": []}]"#, "`log` is text, this is a list"),
        (r#"[{"httpRequest": {"url": ""}}]"#, "`url` is empty"),
        (r#"[{"httpRequest": {"url": "ftp://a"}}]"#, "http://"),
        (r#"[{"httpRequest": {"url": "https://"}}]"#, "http://"),
        (r#"[{"httpRequest": {"url": "/path/${a}"}}]"#, "http://"),
        (r#"[{"httpRequest": {"url": "http://a", "timeout": 0}}]"#, "from 1 to"),
        (r#"[{"httpRequest": {"url": "http://a", "headers": {"a b": "c"}}}]"#, "name of a header"),
        (r#"[{"httpRequest": {"url": "http://a", "headers": {"a": []}}}]"#, "this is a list"),
        (r#"[{"httpRequest": {"url": "http://a", "exportVariables": {"a": "b.*"}}}]"#, "1:66"),
        (r#"[{"httpRequest": {"url": "http://a", "expect": true}}]"#, "this is true"),
        (r#"[{"log": "a", "_id": "a b"}]"#, "`_id` is 1 to 64"),
        (r#"[{"log": "a", "disabled": "yes"}]"#, "true or false"),
        (r#"[{"if": {"expression": "1", "thn": []}}]"#, "~1:29 /0/if/thn"),
    ] {
        one(source, part);
    }
    for source in [
        r#"[{"httpRequest": {"url": "${base}/x"}}]"#,
        r#"[{"httpRequest": {"url": "http${s}://x"}}]"#,
        r#"[{"httpRequest": {"url": "https://${host}", "timeout": "${t}", "method": "${m}"}}]"#,
        r#"[{"httpRequest": {"url": "https://a", "expect": 200, "method": "get", "timeout": "50"}}]"#,
        r#"[{"softSleep": "${ms}"}, {"log": 5}, {"unSet": "a"}, {"start": {}}, {"trigger": {}}]"#,
    ] {
        assert_eq!(problems(source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn a_number_in_place_of_a_text_is_written_as_javascript_has_it() {
    for (number, text) in [("10.00", "10"), ("1e-5", "0.00001"), ("7", "7")] {
        let steps = steps(&format!(r#"[{{"log": {number}}}]"#));
        let Action::Log(log) = &steps[0].action else { panic!() };
        assert_eq!(log.literal(), Some(text));
    }
}

#[test]
fn a_secret_stands_in_no_key_of_the_cache() {
    let keep = |key: &str| {
        format!(r#"[{{"cache": {{"action": "set", "set": {{"data": {{"{key}": "v"}}}}}}}}]"#)
    };
    one(&keep("k:${secret.KEY}"), "a secret may stand only in");
    one(&keep("k:${"), "without its closing");
    assert_eq!(problems(&keep("k:${destination}")), Vec::<String>::new());
}

#[test]
fn long_lists_of_problems_are_cut_without_losing_an_error() {
    let same = vec![r#"{"log": "", "_id": "x"}"#; 400].join(",");
    let checked = check(&format!("[{same}, {{}}]"));
    assert!(checked.steps.is_none());
    assert_eq!(checked.problems.len(), PROBLEMS_MAX + 1);
    assert!(checked.problems[PROBLEMS_MAX].message.contains("and 200 more"));
}

#[test]
fn ids_are_added_and_the_layout_is_kept() {
    let source = "[\n  {\n    \"log\": \"a\"\n  },\n  {\"_id\": \"s1\", \"if\": {\"expression\": \"1\", \"then\": [{\"break\": \"\"}]}}, { \"log\":\"é\" }\n]";
    let expected = "[\n  {\"_id\": \"s2\",\n    \"log\": \"a\"\n  },\n  {\"_id\": \"s1\", \"if\": {\"expression\": \"1\", \"then\": [{\"_id\": \"s3\", \"break\": \"\"}]}}, {\"_id\": \"s4\", \"log\":\"é\" }\n]";
    let given = with_ids(source).unwrap();
    assert_eq!(given, expected);
    assert_eq!(with_ids(&given).unwrap(), given);
}

#[test]
fn a_copied_id_is_made_anew_with_a_warning() {
    let source = r#"[{"log": "a", "_id": "x"}, {"log": "b", "_id": "x"}]"#;
    one(source, "~1:48 /1/_id step /0 has the same `_id`");
    let expected = r#"[{"log": "a", "_id": "x"}, {"log": "b", "_id": "s1"}]"#;
    assert_eq!(with_ids(source).unwrap(), expected);
}

#[test]
fn a_flow_with_errors_gets_no_ids() {
    assert!(with_ids("[{}]").is_err());
    assert!(with_ids("[").is_err());
}
