//! Where a step touches something that is other here than in the original, on purpose.

use crate::flow::{
    json::{Kind as Json, Node},
    language::{Description, Kind},
};

/// Words that the original removes from expressions, wherever they stand.
const REMOVED: [&str; 9] =
    ["new", "return", "do", "if", "while", "for", "function", "throw", "with"];

/// Sentences on what is other.
pub(super) fn of(action: &Description, value: &Node) -> Vec<String> {
    let mut found = Vec::new();
    expressions(&action.value, value, &mut found);
    texts(&action.value, value, &mut |text| in_text(text, &mut found));
    match action.name {
        "httpRequest" => request(value, &mut found),
        "string" => string(value, &mut found),
        "js" => found.push(
            "what a script leaves in global variables is gone after it; in the original the next \
             script sees it"
                .to_owned(),
        ),
        "timezone" if member(value, "name").is_none() => found.push(
            "the numbers of time zones are the original's: give `name`, like Europe/Kyiv"
                .to_owned(),
        ),
        "cache" => {
            found.push("there is one store, whatever `type` says; it survives a restart".to_owned())
        }
        _ => {}
    }
    found.dedup();
    found
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
    if text.split_once(".uri()}").is_some_and(|(_, rest)| rest.contains("${")) {
        found.push(
            "after one .uri() the original encodes every later variable of the text; here only \
             that one is"
                .to_owned(),
        );
    }
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

fn string(value: &Node, found: &mut Vec<String>) {
    let function = member(value, "fn").map(|node| &node.kind);
    if let Some(Json::Text(function)) = function
        && matches!(function.as_str(), "length" | "charAt")
    {
        found.push(format!("`{function}` counts characters; in the original, bytes"));
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.members().iter().find(|member| member.key == name).map(|member| &member.value)
}
