//! What a list is asked for: page, size, order, filters. A list of values comes as the name
//! repeated, also with `[]`, and where no value holds a comma, also separated by commas.

use super::{super::Services, fault::Fault};
use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, request::Parts},
};
use model::{
    delivery::Rest,
    page::{Paging, Sort},
    problem::Problem,
};
use std::{fmt::Display, str::FromStr};

/// The rows of a page, unless said otherwise.
const SIZE: u32 = 40;
/// The most rows of a page.
const SIZE_MAX: u32 = 1_000;

/// The query of a request, and what was found wrong with it so far.
pub struct Asked {
    pairs: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl FromRequestParts<Services> for Asked {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &Services) -> Result<Self, Fault> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|error| {
            let detail = format!("the query does not read: {}", error.body_text());
            Fault::new(StatusCode::BAD_REQUEST, "request.unreadable", detail)
        })?;
        Ok(Self::new(pairs.0))
    }
}

impl Asked {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        let bare = |name: String| name.split('[').next().unwrap_or_default().to_owned();
        let pairs = pairs.into_iter().map(|(name, value)| (bare(name), value)).collect();
        Self { pairs, problems: Vec::new() }
    }

    /// All values under this name that say something.
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.pairs.iter().filter(move |(one, _)| one == name);
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A text; empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.values(name).last().unwrap_or_default().to_owned()
    }

    /// Texts, each of which may hold a comma.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.values(name).map(str::to_owned).collect()
    }

    /// Values of a closed kind: numbers, ids, words.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &str, kind: &str) -> Vec<T> {
        let mut read = Vec::new();
        let mut problems = Vec::new();
        for value in self.values(name).flat_map(|value| value.split(',')).map(str::trim) {
            match value.parse() {
                Ok(value) => read.push(value),
                Err(_) => problems.push(format!("\"{value}\" is no {kind}")),
            }
        }
        self.add(name, problems);
        read
    }

    /// What becomes of the unfinished deliveries of what is deleted.
    pub fn rest(&mut self) -> Rest {
        self.words("deliveries").pop().unwrap_or_default()
    }

    /// Words of a closed list, of which an unknown one is told what there is.
    pub fn words<T: FromStr<Err: Display>>(&mut self, name: &str) -> Vec<T> {
        let mut read = Vec::new();
        let mut problems = Vec::new();
        for value in self.values(name).flat_map(|value| value.split(',')).map(str::trim) {
            match value.parse::<T>() {
                Ok(value) => read.push(value),
                Err(error) => problems.push(error.to_string()),
            }
        }
        self.add(name, problems);
        read
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.text(name).as_str() {
            "" => None,
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            other => {
                let detail = format!("\"{other}\" is neither true nor false");
                self.add(name, vec![detail]);
                None
            }
        }
    }

    /// The page asked for: pages count from 1.
    pub fn paging(&mut self) -> Paging {
        let page = self.number("page", "a whole number from 1").unwrap_or(1).max(1);
        // As where the original's tools leave a number out, none is none said.
        let size = self.number("size", "a whole number from 1").filter(|size| *size > 0);
        let size = size.unwrap_or(SIZE);
        if size > SIZE_MAX {
            self.add("size", vec![format!("a page has at most {SIZE_MAX} items")]);
        }
        Paging { page, size }
    }

    fn number(&mut self, name: &str, kind: &str) -> Option<u32> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let read = text.parse().ok();
        if read.is_none() {
            self.add(name, vec![format!("\"{text}\" is not {kind}")]);
        }
        read
    }

    /// The order: one of these columns, with `+` or `-` before it.
    pub fn sort(&mut self, columns: &[&str]) -> Sort {
        let sort = Sort::parse(&self.text("sort"));
        if !sort.column.is_empty() && !columns.contains(&sort.column.as_str()) {
            let detail = format!("sorts by one of {}, not by {}", columns.join(", "), sort.column);
            self.add("sort", vec![detail]);
        }
        sort
    }

    /// The members that the items are to have; none are all.
    pub fn fields(&self) -> Vec<String> {
        let split = self.values("fields").flat_map(|value| value.split(','));
        split.map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect()
    }

    fn add(&mut self, name: &str, details: Vec<String>) {
        let problem = |detail| Problem::new(format!("/{name}"), detail);
        self.problems.extend(details.into_iter().map(problem));
    }

    /// Fails where something was wrong.
    pub fn done(self) -> Result<(), Fault> {
        if self.problems.is_empty() { Ok(()) } else { Err(Fault::invalid(&self.problems)) }
    }
}
