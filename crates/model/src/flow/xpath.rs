//! Paths into XML: a part of XPath.
//!
//! `/a/b` are elements inside one another, `//b` is an element at any depth, `*` any element;
//! `[2]` is the second of those beside one another, `[@k='v']` one with such an attribute,
//! `[k='v']` one with such a child. At the end `@k` is an attribute, `text()` the text alone.
//! Prefixes of namespaces are not looked at.

use super::path::PathError;

/// A path into XML, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XPath {
    pub steps: Vec<XStep>,
    pub end: XEnd,
}

/// One step of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XStep {
    /// Whether it looks at any depth (`//`).
    pub deep: bool,
    /// The element's name without its prefix; nothing for `*`.
    pub name: Option<String>,
    pub filters: Vec<XFilter>,
}

/// What an element must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XFilter {
    /// The so-many-th beside one another, from 1.
    Position(usize),
    /// It has an attribute, with this value if there is one.
    Attribute(String, Option<String>),
    /// It has a child, with this text if there is one.
    Child(String, Option<String>),
}

/// What is taken of the element in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XEnd {
    /// All text inside it.
    Element,
    /// The text directly in it.
    Text,
    Attribute(String),
}

/// The longest path, in steps.
const STEPS_MAX: usize = 64;

impl XPath {
    /// Reads a path.
    ///
    /// # Errors
    /// When it uses a part of XPath that is not here.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut reader = Reader { text, at: 0 };
        let mut steps = Vec::new();
        let mut end = XEnd::Element;
        // A path without a slash in front begins at the root all the same.
        let mut deep = reader.take("//");
        if !deep {
            reader.take("/");
        }
        loop {
            if reader.take("@") {
                end = XEnd::Attribute(reader.name()?);
            } else if reader.take("text()") {
                end = XEnd::Text;
            } else {
                steps.push(reader.step(deep)?);
                if steps.len() > STEPS_MAX {
                    return Err(reader.fault("the path has more than 64 steps"));
                }
                deep = reader.take("//");
                if deep || reader.take("/") {
                    continue;
                }
            }
            return match reader.rest().is_empty() {
                true => Ok(Self { steps, end }),
                false => Err(reader.fault("this part of XPath is not available")),
            };
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn fault(&self, message: &str) -> PathError {
        PathError { offset: self.at, message: message.to_owned() }
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    /// A name without its prefix.
    fn name(&mut self) -> Result<String, PathError> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let length = self.rest().find(|c| !part(c)).unwrap_or(self.rest().len());
        let whole = &self.rest()[..length];
        let name = whole.rsplit(':').next().unwrap_or_default();
        if name.is_empty() || whole.contains("::") {
            return Err(self.fault("the name of an element or attribute is expected"));
        }
        self.at += length;
        Ok(name.to_owned())
    }

    fn step(&mut self, deep: bool) -> Result<XStep, PathError> {
        let name = if self.take("*") { None } else { Some(self.name()?) };
        let mut filters = Vec::new();
        while self.take("[") {
            filters.push(self.filter()?);
            if !self.take("]") {
                return Err(self.fault("`]` is expected"));
            }
        }
        Ok(XStep { deep, name, filters })
    }

    fn filter(&mut self) -> Result<XFilter, PathError> {
        let digits = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
        if digits > 0 {
            let position = self.rest()[..digits].parse().ok().filter(|position| *position > 0);
            let position = position.ok_or_else(|| self.fault("positions count from 1"))?;
            self.at += digits;
            return Ok(XFilter::Position(position));
        }
        let attribute = self.take("@");
        let name = self.name()?;
        let value = if self.take("=") { Some(self.quoted()?) } else { None };
        Ok(match attribute {
            true => XFilter::Attribute(name, value),
            false => XFilter::Child(name, value),
        })
    }

    fn quoted(&mut self) -> Result<String, PathError> {
        let quote = match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => quote,
            _ => return Err(self.fault("a text in quotes is expected")),
        };
        let inside = &self.rest()[1..];
        let length =
            inside.find(quote).ok_or_else(|| self.fault("this text has no closing quote"))?;
        self.at += length + 2;
        Ok(inside[..length].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_steps_with_filters_and_an_end() {
        let path = XPath::parse("/soap:Envelope//item[2][@k='v']/@id").unwrap();
        let names: Vec<_> =
            path.steps.iter().map(|step| (step.deep, step.name.as_deref())).collect();
        assert_eq!(names, [(false, Some("Envelope")), (true, Some("item"))]);
        let attribute = XFilter::Attribute("k".to_owned(), Some("v".to_owned()));
        assert_eq!(path.steps[1].filters, [XFilter::Position(2), attribute]);
        assert_eq!(path.end, XEnd::Attribute("id".to_owned()));
        assert_eq!(XPath::parse("a/*/text()").unwrap().end, XEnd::Text);
        assert_eq!(XPath::parse("//a").unwrap().end, XEnd::Element);
    }

    #[test]
    fn what_is_not_available_is_refused_at_its_place() {
        for (text, offset) in [
            ("", 0),
            ("/", 1),
            ("/a[", 3),
            ("/a[0]", 3),
            ("/a[last()]", 7),
            ("/a/b|c", 4),
            ("/parent::a", 1),
            ("/a[@k='v]", 6),
            ("count(//a)", 5),
        ] {
            assert_eq!(XPath::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
