//! Finding a text in XML by an [`XPath`].

use crate::limits::{XML_FOUND_MAX, XML_NODES_MAX};
use model::flow::xpath::{XEnd, XFilter, XPath, XStep};
use roxmltree::{Document, Node, ParsingOptions};

/// Reads XML.
///
/// # Errors
/// When it is none, has a document type (which could make it grow without bound), or is too large.
pub(crate) fn read(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: XML_NODES_MAX,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}

/// The text at the first place that a path leads to; nothing if it leads nowhere.
pub(crate) fn find(document: &Document<'_>, path: &XPath) -> Option<String> {
    let mut nodes = vec![document.root()];
    for step in &path.steps {
        let mut found = Vec::new();
        for node in nodes {
            if step.deep {
                for above in node.descendants().filter(|n| n.is_element() || n.is_root()) {
                    take(above, step, &mut found);
                }
            } else {
                take(node, step, &mut found);
            }
        }
        nodes = found;
    }
    nodes.into_iter().find_map(|node| match &path.end {
        XEnd::Attribute(name) => attribute(node, name).map(str::to_owned),
        XEnd::Text => {
            let texts: String = node.children().filter_map(own_text).collect();
            (!texts.is_empty()).then_some(texts)
        }
        XEnd::Element => Some(text(node)),
    })
}

/// The children of a node that a step takes.
fn take<'a, 'd>(node: Node<'a, 'd>, step: &XStep, found: &mut Vec<Node<'a, 'd>>) {
    let named = |child: &Node<'_, '_>| {
        let name = step.name.as_deref();
        child.is_element() && name.is_none_or(|name| child.tag_name().name() == name)
    };
    for (position, child) in (1..).zip(node.children().filter(named)) {
        if found.len() < XML_FOUND_MAX && step.filters.iter().all(|f| fits(child, f, position)) {
            found.push(child);
        }
    }
}

fn fits(node: Node<'_, '_>, filter: &XFilter, position: usize) -> bool {
    let same =
        |value: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| wanted == value);
    match filter {
        XFilter::Position(wanted) => position == *wanted,
        XFilter::Attribute(name, wanted) => {
            attribute(node, name).is_some_and(|value| same(value, wanted))
        }
        XFilter::Child(name, wanted) => node
            .children()
            .filter(|child| child.is_element() && child.tag_name().name() == name)
            .any(|child| same(&text(child), wanted)),
    }
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|found| found.value())
}

fn own_text<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.is_text().then(|| node.text()).flatten()
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter_map(own_text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0"?>
<s:Envelope xmlns:s="urn:s"><s:Body><list n="7">
<item k="a"><id>1</id></item><item k="b" s:x="y">two <b>bold</b></item><item><id>3</id></item>
</list></s:Body></s:Envelope>"#;

    fn at(path: &str) -> Option<String> {
        find(&read(XML).unwrap(), &XPath::parse(path).unwrap())
    }

    #[test]
    fn a_path_leads_to_text_and_attributes() {
        for (path, expected) in [
            ("/Envelope/Body/list/item/id", Some("1")),
            ("s:Envelope/s:Body/list/@n", Some("7")),
            ("//id", Some("1")),
            ("//item[2]", Some("two bold")),
            ("//item[2]/text()", Some("two ")),
            ("//item[@k='b']/@x", Some("y")),
            ("//item[id='3']/id", Some("3")),
            ("//item[id][2]", None),
            ("//list/*[3]/id", Some("3")),
            ("/Envelope//b", Some("bold")),
            ("/Body", None),
            ("//item[@k='z']", None),
            ("//item[4]", None),
        ] {
            assert_eq!(at(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_xml_or_has_a_document_type_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"x\">]><a>&b;</a>";
        for text in ["", "{}", "<a>", "<a></b>", bomb] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
