use super::*;

/// Each step as `path action verdict`, and its notes behind it.
fn lines(source: &str) -> Vec<String> {
    let report = report(source);
    let line = |step: StepReport| {
        let mut line = format!("{} {} {:?}", step.path, step.action, step.verdict);
        for note in step.notes {
            line.push_str(&format!(" | {note}"));
        }
        line
    };
    report.steps.into_iter().map(line).collect()
}

/// The note of a flow of one step that differs.
fn note(step: &str) -> String {
    let report = report(&format!("[{step}]"));
    assert_eq!(report.steps.len(), 1, "{report:#?}");
    let step = &report.steps[0];
    assert!(matches!(step.verdict, Verdict::Differs | Verdict::NeedsCore), "{step:#?}");
    step.notes.join("; ")
}

#[test]
fn every_step_is_reported_wherever_it_stands() {
    let source = r#"[
      {"set": {"a": "1"}},
      {"if": {"expression": "1", "then": [{"ewt": {}}], "else": [{"log": "x"}]}},
      {"switch": {"variable": "x", "case": {"a/b": [{"softSleep": 1}]}}},
      {"function": {"name": "f", "actions": [{"while": {"condition": "1", "do": [{"retry": {}}]}}]}},
      {"list": {"name": "l", "destination": "1", "actions": [{"break": ""}]}}
    ]"#;
    assert_eq!(
        lines(source),
        [
            "/0 set Runs",
            "/1 if Runs",
            "/1/if/then/0 ewt NeedsCore",
            "/1/if/else/0 log Runs",
            "/2 switch Runs",
            "/2/switch/case/a~1b/0 softSleep Runs",
            "/3 function Runs",
            "/3/function/actions/0 while Runs",
            "/3/function/actions/0/while/do/0 retry NeedsCore",
            "/4 list Runs",
            "/4/list/actions/0 break Runs",
        ]
    );
    let report = report(source);
    assert!(report.is_sound());
    assert_eq!(report.steps[2].line, 3);
}

#[test]
fn a_flow_of_a_call_is_kept_though_its_steps_need_the_core() {
    let source = r#"[
      {"answer": "183"}, {"playback": {"files": [{"name": "hello.wav"}]}}, {"log": "a"},
      {"bridge": {"endpoints": []}}, {"joinQueue": {"queue": {"id": 1}}}, {"hangup": ""}
    ]"#;
    let report = report(source);
    assert!(report.is_sound(), "{report:#?}");
    let verdicts: Vec<_> = report.steps.iter().map(|step| step.verdict).collect();
    let core = Verdict::NeedsCore;
    assert_eq!(verdicts, [core, core, Verdict::Runs, core, core, core]);
}

#[test]
fn what_must_be_mended_is_told_at_its_step() {
    let found = lines(
        r#"[{"logg": "a"}, {"log": "a", "set": {}}, {"if": {"expression": "1", "then": [{"goto": "x"}]}}, {}]"#,
    );
    let begins = [
        "/0 logg Unknown | unknown action `logg`; did you mean \"log\"?",
        "/1 log Refused | a step has one action, this has `log` and `set`",
        "/2 if Runs",
        "/2/if/then/0 goto Refused | no step here has the tag \"x\"",
        "/3  Refused | this step has no action",
    ];
    assert_eq!(found, begins);
    let broken = report("[{");
    assert!(broken.steps.is_empty() && !broken.is_sound());
}

#[test]
fn what_the_original_takes_is_kept_and_told_at_its_step() {
    let source = r#"[
      {"function": {"name": "f", "actions": [{"log": "1"}]}}, {"sendFax": {"to": ["1"]}},
      {"log": "a", "tag": "t"}, {"log": "b", "tag": "t"}, {"goto": "t"},
      {"function": {"name": "f", "actions": [{"log": "2"}]}}, {"execute": {"name": "f"}}
    ]"#;
    let found = report(source);
    assert!(found.is_sound(), "{found:#?}");
    assert_eq!(
        lines(source),
        [
            "/0 function Runs",
            "/0/function/actions/0 log Runs",
            "/1 sendFax Unknown | unknown action `sendFax`",
            "/2 log Runs",
            "/3 log Runs | the tag \"t\" stands on two steps: only the last is gone to",
            "/4 goto Runs",
            "/5 function Runs | the function \"f\" is declared twice: only the last is called",
            "/5/function/actions/0 log Runs",
            "/6 execute Runs",
        ]
    );
    let two = report(r#"[{"sendFax": {}, "sendTelex": {}}]"#);
    assert!(!two.is_sound() && two.steps[0].verdict == Verdict::Refused);
}

#[test]
fn old_spellings_are_told_in_comparisons_and_cases() {
    assert!(
        note(r#"{"if": {"expression": "'${amd_result}' === 'MASHINE'"}}"#).contains("`MACHINE`")
    );
    assert!(
        note(r#"{"switch": {"variable": "${cc_result}", "case": {"sucess": []}}}"#)
            .contains("`success`")
    );
}

#[test]
fn each_difference_on_purpose_is_told() {
    for (step, part) in [
        (r#"{"if": {"expression": "'return it' === ${a}"}}"#, "takes `return` out"),
        (r#"{"while": {"condition": "new Date() > 1", "do": []}}"#, "takes `new` out"),
        (r#"{"log": "${a.uri()} and ${b}"}"#, "only that one"),
        (r#"{"string": {"data": "a", "fn": "length", "setVar": "b"}}"#, "counts characters"),
        (r#"{"js": {"data": "x = 1", "setVar": "b"}}"#, "gone after it"),
        (r#"{"timezone": {"id": 5}}"#, "give `name`"),
        (r#"{"httpRequest": {"url": "http://a/$${b}"}}"#, "does not fill"),
        (
            r#"{"httpRequest": {"url": "http://a", "headers": {"Content-Type": "text/plain"}}}"#,
            "small letters",
        ),
        (
            r#"{"httpRequest": {"url": "http://a", "headers": {"content-type": "application/x-www-form-urlencoded"}, "data": "a=${b}"}}"#,
            "its variables are filled",
        ),
        (
            r#"{"httpRequest": {"url": "http://a", "headers": {"content-type": "application/xml"}, "data": "<a/>"}}"#,
            "any XML type",
        ),
        (
            r#"{"httpRequest": {"url": "http://a", "exportVariables": {"a": "b"}}}"#,
            "names the type",
        ),
        (
            r#"{"httpRequest": {"url": "http://a", "exportCookie": "c"}}"#,
            "without their attributes",
        ),
        (
            r#"{"httpRequest": {"url": "http://a", "renegotiation": "renegotiateFreelyAsClient"}}"#,
            "renegotiation",
        ),
        (r#"{"if": {"expression": "typeof ${a} === 'string'"}}"#, "takes `typeof` out"),
        (r#"{"string": {"data": "a", "fn": "match", "args": ["b"], "setVar": "c"}}"#, "a list"),
        (r#"{"js": {"data": "return [1]", "setVar": "b"}}"#, "stored as such"),
        (r#"{"if": {"expression": "&time_of_day(22:00-6:00)"}}"#, "over midnight"),
        (r#"{"schema": {"id": 12}}"#, "number of the original's"),
        (r#"{"list": {"list": {"id": 3}, "destination": "1", "actions": []}}"#, "number of the"),
        (r#"{"httpRequest": {"url": "http://a", "data": "{\"a\": 1}"}}"#, "in quotes"),
        (
            r#"{"sendEmail": {"to": ["a@b"], "async": true, "smtp": {"server": "m"}}}"#,
            "`async` or not",
        ),
        (r#"{"sendEmail": {"to": ["a@b"], "smtp": {"server": "m"}}}"#, "speaks TLS"),
        (
            r#"{"sendEmail": {"to": ["a@b"], "smtp": {"server": "m", "tls": true, "authType": "OAuth2"}}}"#,
            "no `authType` OAuth2",
        ),
    ] {
        assert!(note(step).contains(part), "{step}: {}", note(step));
    }
    for step in [
        r#"{"if": {"expression": "&time_of_day(9:00-18:00)"}}"#,
        r#"{"calendar": {"name": "Hours", "setVar": "open"}}"#,
        r#"{"sendEmail": {"to": ["a@b"], "smtp": {"server": "m", "tls": true, "authType": "plain"}}}"#,
    ] {
        assert_eq!(report(&format!("[{step}]")).steps[0].verdict, Verdict::Runs, "{step}");
    }
    for zone in [r#"{"id": 5}"#, r#"{"id": 5, "name": ""}"#] {
        let zone = report(&format!(r#"[{{"timezone": {zone}}}]"#));
        assert!(zone.is_sound());
        assert_eq!(zone.steps[0].verdict, Verdict::NeedsCore, "it has no name to be found by");
        assert_eq!(zone.steps[0].notes.len(), 1, "{zone:#?}");
    }
    assert_eq!(lines(r#"[{"log": "${a} ${b.uri()}"}]"#), ["/0 log Runs"]);
}
