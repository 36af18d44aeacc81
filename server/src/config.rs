//! Settings: by flag, by environment, by `offhook.toml`, in that order of precedence.

mod values;

pub use values::{LogFilter, PublicUrl};

use clap::Args;
use engine::{AllowTargets, BrokerUrl};
use model::node::NodeRoles;
use serde::Deserialize;
use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};
use storage::nodes::NewNode;
use values::{Count, find_site, key_file_of, list, parse, read_broker};

/// The commented default of `offhook.toml`, as `offhook config` prints it.
pub const DEFAULT_FILE: &str = include_str!("config/offhook.toml");
/// The file that is read where none is named.
const FILE: &str = "offhook.toml";

/// What was given on the command line or in the environment; clap prefers the former.
#[derive(Debug, Default, Args)]
pub struct Given {
    /// The settings file [default: offhook.toml, if it is there]
    #[arg(long, env = "OFFHOOK_CONFIG", global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, env = "OFFHOOK_LISTEN", global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The database [default: sqlite:data/offhook.db]
    #[arg(
        long,
        env = "OFFHOOK_DATABASE_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
    /// The file with the key for secrets, shared by all nodes [default: beside an SQLite database]
    #[arg(long, env = "OFFHOOK_KEY_FILE", global = true, value_name = "PATH")]
    key_file: Option<PathBuf>,
    /// The folder of the panel's files [default: found beside the program]
    #[arg(long, env = "OFFHOOK_SITE_ROOT", global = true, value_name = "PATH")]
    site_root: Option<String>,
    /// The address at which people reach the panel [default: http://LISTEN]
    #[arg(long, env = "OFFHOOK_PUBLIC_URL", global = true, value_name = "URL")]
    public_url: Option<String>,
    /// What flows may call beyond public addresses: names, CIDRs, host:port, comma-separated
    #[arg(long, env = "OFFHOOK_ALLOW_TARGETS", global = true, value_name = "LIST")]
    allow_targets: Option<String>,
    /// Where flows publish messages (`mq`): amqp://USER:PASSWORD@HOST:PORT/VHOST
    #[arg(
        long,
        env = "OFFHOOK_BROKER_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    broker_url: Option<String>,
    /// Whether flows may ask that a request checks no certificate [default: false]
    #[arg(long, env = "OFFHOOK_ALLOW_INSECURE_TLS", global = true, value_name = "BOOL")]
    allow_insecure_tls: Option<String>,
    /// Header names to hide in the log beside the usual ones, comma-separated
    #[arg(long, env = "OFFHOOK_REDACT", global = true, value_name = "NAMES")]
    redact: Option<String>,
    /// What this process does of panel, intake and dispatch, comma-separated [default: all]
    #[arg(long, env = "OFFHOOK_ROLES", global = true, value_name = "LIST")]
    roles: Option<String>,
    /// How many attempts run at once [default: 1024]
    #[arg(long, env = "OFFHOOK_CONCURRENCY", global = true, value_name = "NUMBER")]
    concurrency: Option<String>,
    /// How many deliveries may be unfinished before no more events are taken [default: 5000000]
    #[arg(long, env = "OFFHOOK_BACKLOG_MAX", global = true, value_name = "NUMBER")]
    backlog_max: Option<String>,
    /// How many MiB must be free on the database's disk for events to be taken [default: 256]
    #[arg(long, env = "OFFHOOK_FREE_MIB_MIN", global = true, value_name = "MIB")]
    free_mib_min: Option<String>,
    /// For how many days the log is kept; 0 keeps it for good [default: 90]
    #[arg(long, env = "OFFHOOK_LOG_DAYS", global = true, value_name = "DAYS")]
    log_days: Option<String>,
    /// How many may follow the log at once, each on a connection of its own [default: 200]
    #[arg(long, env = "OFFHOOK_FOLLOWERS_MAX", global = true, value_name = "NUMBER")]
    followers_max: Option<String>,
    /// What is logged: error, warn, info, debug, trace, or a filter by module [default: info]
    #[arg(long, env = "OFFHOOK_LOG", global = true, value_name = "FILTER")]
    log: Option<String>,
}

/// The members of `offhook.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    database_url: Option<String>,
    key_file: Option<PathBuf>,
    site_root: Option<String>,
    public_url: Option<String>,
    allow_targets: Option<Vec<String>>,
    broker_url: Option<String>,
    allow_insecure_tls: Option<bool>,
    redact: Option<Vec<String>>,
    roles: Option<Vec<String>>,
    concurrency: Option<i64>,
    backlog_max: Option<i64>,
    free_mib_min: Option<i64>,
    log_days: Option<i64>,
    followers_max: Option<i64>,
    log: Option<String>,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub database_url: String,
    /// Where the key is with which secrets are sealed.
    pub key_file: PathBuf,
    pub site_root: PathBuf,
    pub public_url: PublicUrl,
    pub allow_targets: AllowTargets,
    pub broker: Option<BrokerUrl>,
    pub allow_insecure_tls: bool,
    pub redact: Vec<String>,
    pub roles: NodeRoles,
    pub concurrency: usize,
    pub backlog_max: u64,
    pub free_mib_min: u64,
    /// For how many days the log is kept; for good where there is none.
    pub log_days: Option<NonZeroU32>,
    pub followers_max: usize,
    pub log: LogFilter,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the setting {name} is \"{given}\": {why}. Allowed: {allowed}")]
    Setting { name: &'static str, given: String, why: String, allowed: &'static str },
    #[error("the settings file {path} cannot be read: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("the settings file {path} has a fault:\n{detail}")]
    Fault { path: String, detail: String },
}

impl Config {
    /// Puts the settings together.
    pub fn load(given: &Given) -> Result<Self, ConfigError> {
        let file = File::read(given.config.as_deref())?;
        let listen = given.listen.clone().or(file.listen).unwrap_or("127.0.0.1:3000".into());
        let listen: SocketAddr =
            parse("listen", &listen, "an address and a port, such as 127.0.0.1:3000")?;
        let database_url = given
            .database_url
            .clone()
            .or(file.database_url)
            .unwrap_or("sqlite:data/offhook.db".into());
        if !storage::is_supported(&database_url) {
            return Err(ConfigError::Setting {
                name: "database_url",
                given: storage::address::without_password(&database_url),
                why: "this kind of database is not supported".into(),
                allowed: "sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            });
        }
        let public_url = given.public_url.clone().or(file.public_url);
        let public_url = public_url.unwrap_or_else(|| format!("http://{listen}"));
        let allowed = file.allow_targets.map(|items| items.join(","));
        let allow_targets = given.allow_targets.clone().or(allowed).unwrap_or_default();
        let broker = given.broker_url.clone().or(file.broker_url);
        let insecure = given.allow_insecure_tls.clone();
        let insecure = insecure.or(file.allow_insecure_tls.map(|set| set.to_string()));
        let redact = given.redact.as_deref().map(list).or(file.redact).unwrap_or_default();
        let roles = given.roles.clone().or(file.roles.map(|words| words.join(",")));
        let roles = roles.unwrap_or_else(|| NodeRoles::ALL.to_string());
        let concurrency = given.concurrency.clone().or(file.concurrency.map(|n| n.to_string()));
        let concurrency: Count = match concurrency {
            Some(text) => parse("concurrency", &text, "a number from 1 to 10000")?,
            None => Count(1_024),
        };
        let backlog_max = given.backlog_max.clone().or(file.backlog_max.map(|n| n.to_string()));
        let backlog_max = backlog_max.unwrap_or("5000000".into());
        let free_mib_min = given.free_mib_min.clone().or(file.free_mib_min.map(|n| n.to_string()));
        let free_mib_min = free_mib_min.unwrap_or("256".into());
        let log_days = given.log_days.clone().or(file.log_days.map(|n| n.to_string()));
        let log_days: u32 =
            parse("log_days", &log_days.unwrap_or("90".into()), "a number; 0 keeps all of it")?;
        let followers_max =
            given.followers_max.clone().or(file.followers_max.map(|n| n.to_string()));
        let followers_max: Count = match followers_max {
            Some(text) => parse("followers_max", &text, "a number from 1 to 10000")?,
            None => Count(200),
        };
        let key_file = given.key_file.clone().or(file.key_file);
        Ok(Self {
            listen,
            key_file: key_file.unwrap_or_else(|| key_file_of(&database_url)),
            database_url,
            site_root: match given.site_root.clone().or(file.site_root) {
                Some(path) => path.into(),
                None => find_site(),
            },
            public_url: parse("public_url", &public_url, "an http or https URL without a path")?,
            allow_targets: parse(
                "allow_targets",
                &allow_targets,
                "names, CIDRs, addresses and host:port, comma-separated",
            )?,
            broker: broker.as_deref().map(read_broker).transpose()?,
            allow_insecure_tls: parse(
                "allow_insecure_tls",
                &insecure.unwrap_or_else(|| "false".into()),
                "true or false",
            )?,
            redact,
            roles: parse("roles", &roles, "some of panel, intake, dispatch, comma-separated")?,
            concurrency: concurrency.0,
            backlog_max: parse("backlog_max", &backlog_max, "a number")?,
            free_mib_min: parse("free_mib_min", &free_mib_min, "a number of MiB; 0 asks for none")?,
            log_days: NonZeroU32::new(log_days),
            followers_max: followers_max.0,
            log: parse(
                "log",
                &given.log.clone().or(file.log).unwrap_or("info".into()),
                "error, warn, info, debug, trace, or a filter such as info,engine=debug",
            )?,
        })
    }

    /// That the node's roles go with its database. One that a single process serves would never see
    /// its deliveries run without it.
    pub fn check_roles(&self, is_shared: bool) -> Result<(), ConfigError> {
        if is_shared || self.roles.dispatch {
            return Ok(());
        }
        Err(ConfigError::Setting {
            name: "roles",
            given: self.roles.to_string(),
            why: "one process alone serves an SQLite database, and nobody else would run the \
                  deliveries"
                .into(),
            allowed: "dispatch among them, or a PostgreSQL database that other nodes serve as well",
        })
    }

    /// What the engine is told of it.
    pub fn engine(&self) -> engine::Settings {
        engine::Settings {
            allow_targets: self.allow_targets.clone(),
            broker: self.broker.clone(),
            allow_insecure_tls: self.allow_insecure_tls,
            redact: self.redact.clone(),
            concurrency: self.concurrency,
            attempt_limit: Duration::from_secs(30),
            backlog_max: self.backlog_max,
            free_bytes_min: self.free_mib_min.saturating_mul(1 << 20),
            node: self.node(),
            ..engine::Settings::default()
        }
    }

    /// What this process is called among those that share a database, and where it runs: nobody
    /// else listens there on this machine, as long as it has not been started anew. Containers of
    /// one machine may have the same name, and each its own network.
    fn node(&self) -> NewNode {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let host = read("/proc/sys/kernel/hostname");
        let name = format!("{host}:{}", self.listen.port());
        let network = std::fs::read_link("/proc/self/ns/net").unwrap_or_default();
        let boot = read("/proc/sys/kernel/random/boot_id");
        let place = format!("{boot} {} {host} {}", network.display(), self.listen);
        NewNode { name, place, roles: self.roles }
    }
}

impl File {
    /// Reads the named file, or the usual one if it is there.
    fn read(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(Path::new(FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => {
                return Err(ConfigError::Unreadable { path: path.display().to_string(), source });
            }
        };
        toml::from_str(&text).map_err(|error| {
            // Not the line itself: a password may stand in it.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() + 1);
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let detail = format!("{line}{}", error.message());
            ConfigError::Fault { path: path.display().to_string(), detail }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_default_is_read_and_changes_nothing() {
        let file: File = toml::from_str(DEFAULT_FILE).unwrap();
        assert!(file.listen.is_none() && file.allow_targets.is_none() && file.log.is_none());
        let uncommented: String = DEFAULT_FILE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let file: File = toml::from_str(&uncommented).unwrap();
        assert_eq!(file.listen.as_deref(), Some("127.0.0.1:3000"));
        assert_eq!(file.concurrency, Some(1_024));
        assert_eq!((file.backlog_max, file.free_mib_min), (Some(5_000_000), Some(256)));
        assert_eq!(file.log_days, Some(90));
        assert_eq!(file.roles.map(|roles| roles.join(", ")), Some(NodeRoles::ALL.to_string()));
        assert_eq!((file.followers_max, file.allow_insecure_tls), (Some(200), Some(false)));
        assert_eq!(file.key_file, Some(key_file_of("sqlite:data/offhook.db")));
        assert!(file.site_root.is_some() && file.redact.is_some() && file.database_url.is_some());
    }

    #[test]
    fn the_key_stands_beside_the_database_unless_it_is_said_where() {
        let of = |url: &str| {
            let given = Given { database_url: Some(url.into()), ..Given::default() };
            Config::load(&given).unwrap().key_file
        };
        assert_eq!(of("sqlite:/var/lib/o.db?mode=rwc"), PathBuf::from("/var/lib/o.db.key"));
        assert_eq!(of("postgres://db/offhook"), PathBuf::from("data/offhook.key"));
        let said = Given { key_file: Some("/run/key".into()), ..Given::default() };
        assert_eq!(Config::load(&said).unwrap().key_file, PathBuf::from("/run/key"));
    }

    #[test]
    fn a_bad_setting_names_itself_and_what_is_allowed() {
        let bad = |given: Given| Config::load(&given).unwrap_err().to_string();
        assert_eq!(
            bad(Given { listen: Some("localhost".into()), ..Given::default() }),
            "the setting listen is \"localhost\": invalid socket address syntax. \
             Allowed: an address and a port, such as 127.0.0.1:3000"
        );
        let text = bad(Given {
            database_url: Some("mysql://root:secret@db/offhook".into()),
            ..Given::default()
        });
        assert!(text.contains("mysql://root:***@db/offhook") && !text.contains("secret"));
        assert!(
            text.ends_with("Allowed: sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE")
        );
        let text = bad(Given { log: Some("info,=loud".into()), ..Given::default() });
        assert!(text.starts_with("the setting log is \"info,=loud\""), "{text}");
        let text = bad(Given { roles: Some("panel,web".into()), ..Given::default() });
        assert_eq!(
            text,
            "the setting roles is \"panel,web\": unknown role \"web\"; one of panel, intake, \
             dispatch. Allowed: some of panel, intake, dispatch, comma-separated"
        );
        let text = bad(Given { log_days: Some("-1".into()), ..Given::default() });
        assert!(text.ends_with("Allowed: a number; 0 keeps all of it"), "{text}");
        let text = bad(Given { public_url: Some("offhook.example".into()), ..Given::default() });
        assert!(text.starts_with("the setting public_url"), "{text}");
    }
}
