//! Finding a text in XML by an [`XPath`].

use crate::limits::{XML_FOUND_MAX, XML_NODES_MAX, XML_VISITS_MAX};
use model::{
    flow::xpath::{XEnd, XFilter, XPath, XStep},
    trace::{Failure, FailureClass},
};
use roxmltree::{Document, Node, ParsingOptions};
use std::cell::Cell;

/// How many bytes of text are copied in the time of a visit.
const COPIED: usize = 16;

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

/// Looks for the paths of one step. It counts what it looks at, so that a step cannot walk without
/// bound.
pub(crate) struct Walk {
    /// How many elements, attributes and texts may still be looked at.
    left: Cell<usize>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self { left: Cell::new(XML_VISITS_MAX) }
    }

    /// To be asked when all is found: a walk that was too long finds nothing more.
    ///
    /// # Errors
    /// When the paths looked at more than they may.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        if self.left.get() > 0 {
            return Ok(());
        }
        let detail = format!(
            "the paths of `exportVariables` look at more than {XML_VISITS_MAX} elements, attributes and \
             texts of the answer: have fewer of them begin with `//`"
        );
        let limit = Some(XML_VISITS_MAX as u64);
        Err(Failure { limit, ..Failure::new(FailureClass::Flow, detail) })
    }

    /// The same items, as long as any may be looked at.
    fn over<T>(&self, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        items.take_while(|_| {
            self.spend(1);
            self.left.get() > 0
        })
    }

    fn spend(&self, visits: usize) {
        self.left.update(|left| left.saturating_sub(visits));
    }

    /// The text at the first place that a path leads to; nothing if it leads nowhere.
    pub(crate) fn find(&self, document: &Document<'_>, path: &XPath) -> Option<String> {
        let mut nodes = vec![document.root()];
        for step in &path.steps {
            // The first of its descendants is a node itself.
            let depth = if step.deep { usize::MAX } else { 1 };
            let above = nodes.iter().flat_map(|node| self.over(node.descendants().take(depth)));
            let above = above.filter(|node| node.is_element() || node.is_root());
            nodes = above.flat_map(|node| self.taken(node, step)).take(XML_FOUND_MAX).collect();
        }
        nodes.into_iter().find_map(|node| match &path.end {
            XEnd::Attribute(name) => self.attribute(node, name).map(str::to_owned),
            XEnd::Text => {
                let texts: String = self.over(node.children()).filter_map(own_text).collect();
                (!texts.is_empty()).then_some(texts)
            }
            XEnd::Element => Some(self.text(node)),
        })
    }

    /// The children of a node that a step takes.
    fn taken<'a, 'd>(
        &self,
        node: Node<'a, 'd>,
        step: &XStep,
    ) -> impl Iterator<Item = Node<'a, 'd>> {
        let named = |child: &Node<'_, '_>| {
            let name = step.name.as_deref();
            child.is_element() && name.is_none_or(|name| child.tag_name().name() == name)
        };
        let children = (1..).zip(self.over(node.children()).filter(named));
        children
            .filter(|(position, child)| {
                step.filters.iter().all(|f| self.fits(*child, f, *position))
            })
            .map(|(_, child)| child)
    }

    fn fits(&self, node: Node<'_, '_>, filter: &XFilter, position: usize) -> bool {
        let same = |value: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| wanted == value)
        };
        match filter {
            XFilter::Position(wanted) => position == *wanted,
            XFilter::Attribute(name, wanted) => {
                self.attribute(node, name).is_some_and(|value| same(value, wanted))
            }
            XFilter::Child(name, wanted) => self
                .over(node.children())
                .filter(|child| child.is_element() && child.tag_name().name() == name)
                .any(|child| same(&self.text(child), wanted)),
        }
    }

    fn attribute<'a>(&self, node: Node<'a, '_>, name: &str) -> Option<&'a str> {
        let mut attributes = self.over(node.attributes());
        attributes.find(|attribute| attribute.name() == name).map(|found| found.value())
    }

    fn text(&self, node: Node<'_, '_>) -> String {
        let text: String = self.over(node.descendants()).filter_map(own_text).collect();
        self.spend(text.len() / COPIED);
        text
    }
}

fn own_text<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.is_text().then(|| node.text()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0"?>
<s:Envelope xmlns:s="urn:s"><s:Body><list n="7">
<item k="a"><id>1</id></item><item k="b" s:x="y">two <b>bold</b></item><item><id>3</id></item>
</list></s:Body></s:Envelope>"#;

    fn at(path: &str) -> Option<String> {
        Walk::new().find(&read(XML).unwrap(), &XPath::parse(path).unwrap())
    }

    /// What the walk says that looks for this path so many times.
    fn walked(times: usize, path: &str, text: &str) -> Result<(), Failure> {
        let (document, path) = (read(text).unwrap(), XPath::parse(path).unwrap());
        let walk = Walk::new();
        (0..times).for_each(|_| drop(walk.find(&document, &path)));
        walk.finish()
    }

    #[test]
    fn paths_that_would_walk_for_ever_are_given_up() {
        let nested = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
        assert_eq!(walked(1, "//a//a", &nested), Ok(()));
        let said = walked(1, "//a//a//b", &nested).unwrap_err();
        assert_eq!((said.class, said.limit), (FailureClass::Flow, Some(XML_VISITS_MAX as u64)));
        assert!(walked(1, "//a[a='x']", &nested).is_err());
        let flat = format!("<a>{}</a>", "<b k='1' l='2'/>".repeat(50_000));
        assert_eq!(walked(10, "//b[@l='3']", &flat), Ok(()));
        assert!(walked(60, "//b[@l='3']", &flat).is_err());
        let long = format!("<a><b>{}</b></a>", "x".repeat(1 << 20));
        assert_eq!(walked(100, "//a[b='y']", &long), Ok(()));
        assert!(walked(200, "//a[b='y']", &long).is_err(), "each copies the text");
    }

    #[test]
    fn a_step_that_has_found_enough_looks_no_further() {
        let flat = format!("<a>{}</a>", "<b/>".repeat(100_000));
        assert_eq!(walked(500, "/a/b", &flat), Ok(()));
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
