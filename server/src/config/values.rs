//! What single settings may be, and what they are where nothing is said.

use super::ConfigError;
use engine::{BadBroker, BrokerUrl};
use std::{fmt::Display, path::PathBuf, str::FromStr};
use tracing_subscriber::EnvFilter;

/// The address at which people reach the panel: it decides links, the Origin that is accepted,
/// and whether cookies are for https only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url: ::http::Uri =
            text.parse().map_err(|error: ::http::uri::InvalidUri| error.to_string())?;
        match url.scheme_str() {
            Some("http" | "https") => {}
            _ => return Err("it begins with http:// or https://".into()),
        }
        if url.authority().is_none() || !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err("it has a host and no path".into());
        }
        Ok(Self(text.trim_end_matches('/').to_ascii_lowercase()))
    }
}

/// What is logged.
#[derive(Debug, Clone)]
pub struct LogFilter(pub String);

impl FromStr for LogFilter {
    type Err = tracing_subscriber::filter::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned()))
    }
}

/// From 1 to 10,000.
pub(super) struct Count(pub usize);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse() {
            Ok(count @ 1..=10_000) => Ok(Self(count)),
            Ok(_) => Err("out of range".into()),
            Err(_) => Err("not a number".into()),
        }
    }
}

/// Reads a setting of this name.
pub(super) fn parse<T: FromStr<Err: Display>>(
    name: &'static str,
    text: &str,
    allowed: &'static str,
) -> Result<T, ConfigError> {
    text.parse().map_err(|error: T::Err| ConfigError::Setting {
        name,
        given: text.into(),
        why: error.to_string(),
        allowed,
    })
}

/// Without telling the password, should it be at fault.
pub(super) fn read_broker(url: &str) -> Result<BrokerUrl, ConfigError> {
    url.parse().map_err(|error: BadBroker| ConfigError::Setting {
        name: "broker_url",
        given: storage::address::without_password(url),
        why: error.to_string(),
        allowed: "amqp://USER:PASSWORD@HOST:PORT/VHOST, or amqps://",
    })
}

/// The items of a list with commas.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Into::into).collect()
}

/// The key's file beside a database that is kept in a file; for one on a server, in the data folder.
pub(super) fn key_file_of(database_url: &str) -> PathBuf {
    match storage::file_of(database_url) {
        Some(database) => {
            let mut file = database.into_os_string();
            file.push(".key");
            file.into()
        }
        None => PathBuf::from("data/offhook.key"),
    }
}

/// The panel's files as cargo-leptos lays them out: `site` beside the folder of the program.
pub(super) fn find_site() -> PathBuf {
    let usual = PathBuf::from("target/site");
    let Ok(program) = std::env::current_exe() else { return usual };
    let beside = program.ancestors().skip(1).take(2).map(|folder| folder.join("site"));
    beside.into_iter().find(|folder| folder.is_dir()).unwrap_or(usual)
}
