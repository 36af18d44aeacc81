//! Where a step touches something that is other here than in the original, on purpose.

use crate::flow::{
    json::{Kind as Json, Node},
    language::{Description, Kind},
};

/// Words that the original removes from expressions, wherever they stand.
const REMOVED: [&str; 14] = [
    "function", "case", "if", "return", "new", "switch", "var", "this", "typeof", "for", "while",
    "break", "do", "continue",
];

/// Methods of `string` whose value is a list.
const LISTS: [&str; 2] = ["match", "split"];

/// Sentences on what is other.
pub(super) fn of(action: &Description, value: &Node) -> Vec<String> {
    let mut found = Vec::new();
    expressions(&action.value, value, &mut found);
    texts(&action.value, value, &mut |text| in_text(text, &mut found));
    match action.name {
        "httpRequest" => request(value, &mut found),
        "string" => string(value, &mut found),
        "js" => found.extend([
            "what a script leaves in global variables is gone after it; in the original the next \
             script sees it"
                .to_owned(),
            "a list or an object that a script returns is stored as such; in the original its text"
                .to_owned(),
        ]),
        "sendEmail" => {
            mail(value, &mut found);
            numbers(value, &mut found);
        }
        "schema" | "calendar" | "list" | "listAdd" => numbers(value, &mut found),
        "cache" => {
            found.push("there is one store, whatever `type` says; it survives a restart".to_owned())
        }
        _ => {}
    }
    found.dedup();
    found
}

/// Whether a step of an action that runs here asks for what only the original's core knows.
pub(super) fn needs_core(action: &Description, value: &Node) -> bool {
    let is_left_out = |name: &Node| match &name.kind {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty(),
        _ => false,
    };
    action.name == "timezone" && member(value, "name").is_none_or(is_left_out)
}

fn expressions(kind: &Kind, node: &Node, found: &mut Vec<String>) {
    if let Kind::Object(arguments) = kind {
        for argument in *arguments {
            if let Some(given) = member(node, argument.name) {
                expressions(&argument.kind, given, found);
            }
        }
    }
    if let (Kind::Expression, Json::Text(text)) = (kind, &node.kind) {
        let words = || text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        for removed in REMOVED {
            if words().any(|word| word == removed) {
                found.push(format!(
                    "the original takes `{removed}` out of the expression; here it stays as written"
                ));
            }
        }
    }
}

/// All texts of an action, but for those of steps inside it.
fn texts(kind: &Kind, node: &Node, look: &mut impl FnMut(&str)) {
    match (kind, &node.kind) {
        (Kind::Steps | Kind::Body, _) => {}
        (Kind::Cases, _) => node.members().iter().for_each(|case| look(&case.key)),
        (Kind::Object(arguments), Json::Object(members)) => {
            for member in members {
                match arguments.iter().find(|argument| argument.name == member.key) {
                    Some(argument) => texts(&argument.kind, &member.value, look),
                    None => texts(&Kind::Anything, &member.value, look),
                }
            }
        }
        (_, Json::Text(text)) => look(text),
        (_, Json::List(items)) => items.iter().for_each(|item| texts(&Kind::Anything, item, look)),
        (_, Json::Object(members)) => {
            members.iter().for_each(|member| texts(&Kind::Anything, &member.value, look));
        }
        _ => {}
    }
}

fn in_text(text: &str, found: &mut Vec<String>) {
    for (old, new) in [("MASHINE", "MACHINE"), ("sucess", "success")] {
        if text.contains(old) {
            found.push(format!(
                "`{old}` is the original's spelling; here events say `{new}`, so this never fits"
            ));
        }
    }
    if through_the_night(text) {
        found.push(
            "&time_of_day over midnight holds at night; in the original it never does".to_owned(),
        );
    }
    if text.split_once(".uri()}").is_some_and(|(_, rest)| rest.contains("${")) {
        found.push(
            "after one .uri() the original encodes every later variable of the text; here only \
             that one is"
                .to_owned(),
        );
    }
}

/// Whether a text asks for a time of day that ends before it begins.
fn through_the_night(text: &str) -> bool {
    let minutes = |time: &str| {
        let (hour, minute) = time.trim().split_once(':')?;
        Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
    };
    text.split("&time_of_day(").skip(1).any(|rest| {
        let span = rest.split_once(')').and_then(|(span, _)| span.split_once('-'));
        let span = span.and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
        span.is_some_and(|(from, to)| to < from)
    })
}

fn request(value: &Node, found: &mut Vec<String>) {
    let text = |name: &str| match member(value, name).map(|node| &node.kind) {
        Some(Json::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if text("url").is_some_and(|url| url.contains("$${")) {
        found.push("the original does not fill $${…} in an url; here it is filled".to_owned());
    }
    let headers = member(value, "headers").map(Node::members).unwrap_or_default();
    let content_type =
        headers.iter().find(|header| header.key.eq_ignore_ascii_case("content-type"));
    if let Some(header) = content_type {
        if header.key != "content-type" {
            found.push(format!(
                "the original sees only a header `content-type` in small letters, and so writes \
                 JSON; here `{}` is seen, too",
                header.key
            ));
        }
        if let Json::Text(given) = &header.value.kind {
            let given = given.to_ascii_lowercase();
            if given.contains("form-urlencoded") && text("data").is_some_and(|it| it.contains("${"))
            {
                found.push(
                    "the original sends a form that is text as it is; here its variables are filled"
                        .to_owned(),
                );
            }
            let xml = given.contains("xml");
            if xml && !given.contains("text/xml") && !given.contains("application/soap+xml") {
                found.push(
                    "the original writes XML only for text/xml; here any XML type is sent as it is"
                        .to_owned(),
                );
            }
        }
    }
    if member(value, "exportVariables").is_some() {
        found.push(
            "an answer of another content type than JSON or XML is an error that names the type; \
             any XML type is read"
                .to_owned(),
        );
    }
    let is_json = content_type.is_none_or(|header| {
        matches!(&header.value.kind, Json::Text(given) if given.to_ascii_lowercase().contains("json"))
    });
    if is_json && text("data").is_some() {
        found.push(
            "a body that is a text is written as JSON, in quotes; newer versions of the original \
             send it as it is"
                .to_owned(),
        );
    }
    if text("exportCookie").is_some_and(|name| !name.is_empty()) {
        found.push(
            "the variable holds names and values of the cookies, without their attributes"
                .to_owned(),
        );
    }
    if text("renegotiation").is_some_and(|wanted| !wanted.is_empty()) {
        found.push("the client does no TLS renegotiation; the step warns when it runs".to_owned());
    }
}

/// Things are found by the original's numbers only where they have the same here.
fn numbers(value: &Node, found: &mut Vec<String>) {
    let of = [None, Some("list"), Some("profile")];
    let holders = of.map(|name| name.map_or(Some(value), |name| member(value, name)));
    let numbered = |holder: &Node| {
        let id = member(holder, "id").map(|id| &id.kind);
        !matches!(id, None | Some(Json::Null)) && member(holder, "name").is_none()
    };
    if holders.into_iter().flatten().any(numbered) {
        found.push(
            "`id` is a number of the original's: give the number that it has here".to_owned(),
        );
    }
}

fn mail(value: &Node, found: &mut Vec<String>) {
    if member(value, "async").is_some_and(|wanted| wanted.kind == Json::Bool(true)) {
        found.push("the flow waits until the server has the mail, `async` or not".to_owned());
    }
    if member(value, "smtp").is_some_and(|server| member(server, "tls").is_none()) {
        found.push(
            "`smtp` speaks TLS unless `tls` is false; in the original only if it is true"
                .to_owned(),
        );
    }
    let way = member(value, "smtp").and_then(|server| member(server, "authType"));
    if let Some(Json::Text(way)) = way.map(|way| &way.kind)
        && way.to_ascii_lowercase().contains("oauth")
    {
        found.push(format!(
            "there is no `authType` {way}: the server is given the name and the password of `auth`"
        ));
    }
}

fn string(value: &Node, found: &mut Vec<String>) {
    let function = member(value, "fn").map(|node| &node.kind);
    if let Some(Json::Text(function)) = function
        && matches!(function.as_str(), "length" | "charAt")
    {
        found.push(format!("`{function}` counts characters; in the original, bytes"));
    }
    if let Some(Json::Text(function)) = function
        && LISTS.contains(&function.as_str())
    {
        found.push(format!("`{function}` stores a list; in the original, its text"));
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.members().iter().find(|member| member.key == name).map(|member| &member.value)
}
