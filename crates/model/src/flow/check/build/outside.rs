//! The actions that look at or change something outside of the flow.

use super::Site;
use crate::{
    flow::{
        check::{
            argument::is_no_name,
            arguments::{Arguments, FromRead, Read},
            reader::{Reader, below},
        },
        syntax::{
            Action, Attachment, Cache, Calendar, Global, List, ListAdd, Mail, MailVia, Named,
            Notification, Publish, Smtp, Sql, SqlDriver,
        },
        template::Template,
    },
    variable::name_problem,
};

/// The browser leaves to the server what is said when the flow is saved, and is rare.
const IN_BROWSER: bool = cfg!(target_arch = "wasm32");

/// What a step has in place of a time zone is an error when it is run.
const NO_ZONE: &str = "the numbers of time zones are the original's: give `name`, like Europe/Kyiv";

/// Whether a text is known to be none.
fn is_blank(text: &Template) -> bool {
    text.literal().is_some_and(|text| text.trim().is_empty())
}

impl Reader<'_> {
    pub(super) fn outside(&mut self, name: &str, read: Read, site: &Site<'_>) -> Option<Action> {
        if name == "global" {
            if !IN_BROWSER {
                self.names_of_globals(site);
            }
            let values: Vec<(String, Arguments)> = FromRead::from_read(read)?;
            let global = |(name, mut given): (String, Arguments)| {
                Some((
                    name,
                    Global { value: given.take("value")?, encrypt: given.take("encrypt")? },
                ))
            };
            return values.into_iter().map(global).collect::<Option<_>>().map(Action::Global);
        }
        let mut given = Arguments::from_read(read)?;
        Some(match name {
            "timezone" => {
                let zone = self.named(&mut given, site)?;
                if !IN_BROWSER && zone.name.as_ref().is_none_or(is_blank) {
                    self.foreign(site.member.value.start, site.path, NO_ZONE);
                }
                Action::Timezone(zone)
            }
            "calendar" => Action::Calendar(Calendar {
                calendar: self.named(&mut given, site)?,
                variable: given.take("setVar")?,
                extended: given.take("extended")?,
            }),
            "cache" => Action::Cache(self.cache(&mut given, site)?),
            "list" => {
                let list = match given.take::<Arguments>("list") {
                    Some(mut list) => self.named(&mut list, site)?,
                    None => self.named(&mut given, site)?,
                };
                Action::List(List {
                    list,
                    destination: given.take("destination")?,
                    actions: given.take("actions")?,
                })
            }
            "listAdd" => {
                let mut list: Arguments = given.take("list")?;
                Action::ListAdd(ListAdd {
                    list: self.named(&mut list, site)?,
                    destination: given.take("destination")?,
                    description: given.take("description"),
                    expire_at: given.take("expireAt"),
                })
            }
            "sql" => Action::Sql(Box::new(Sql {
                driver: SqlDriver::parse(&given.take::<String>("driver")?)?,
                dns: given.take("dns")?,
                query: given.take("query")?,
                params: given.take("params")?,
                timeout: given.take("timeout")?,
            })),
            "sendEmail" => Action::Mail(Box::new(self.mail(&mut given, site)?)),
            "mq" => Action::Publish(Publish {
                exchange: given.take("exchange")?,
                topic: given.take("topic")?,
                body: given.take("body")?,
                set_error: given.take("setErr"),
            }),
            "notification" => Action::Notification(Notification {
                users: given.take("userIds")?,
                message: given.take("message")?,
                kind: given.take("type")?,
                timeout: given.take("timeout")?,
            }),
            _ => return None,
        })
    }

    /// A name that no variable of the installation can have is an error when the step is run.
    fn names_of_globals(&mut self, site: &Site<'_>) {
        for member in site.member.value.members() {
            // Braces and emptiness are told of any variable's name.
            if let Some(problem) = name_problem(&member.key).filter(|_| !is_no_name(&member.key)) {
                let message = format!("the name of such a variable {}", problem.detail);
                self.foreign(member.key_start, &below(site.path, &member.key), message);
            }
        }
    }

    /// A name or a number, one of which must be there.
    fn named(&mut self, given: &mut Arguments, site: &Site<'_>) -> Option<Named> {
        let named = Named { id: given.take("id"), name: given.take("name") };
        if named.id.is_none() && named.name.is_none() {
            let (offset, path) = match given.site() {
                (0, _) => (site.member.key_start, site.path.to_owned()),
                known => known,
            };
            self.error(offset, &path, "`name` or `id` is needed");
            return None;
        }
        Some(named)
    }

    fn cache(&mut self, given: &mut Arguments, site: &Site<'_>) -> Option<Cache> {
        let action: String = given.take("action")?;
        if !given.has(&action) {
            let message = format!("`cache` with the action {action} lacks `{action}`");
            self.error(site.member.value.start, site.path, message);
            return None;
        }
        Some(match action.as_str() {
            "get" => Cache::Get(given.take("get")?),
            "set" => {
                let mut set: Arguments = given.take("set")?;
                let data: Vec<(String, Template)> = set.take("data")?;
                let (offset, path) = set.site();
                let key = |(key, value): (String, Template)| match Template::parse(&key) {
                    // Keys are shown to whoever may see the cache.
                    Ok(template) if template.has_secret() => {
                        self.no_secret(offset, &path);
                        None
                    }
                    Ok(template) => Some((template, value)),
                    Err(error) => {
                        self.error(offset, &path, format!("the key \"{key}\": {error}"));
                        None
                    }
                };
                let data = data.into_iter().map(key).collect::<Option<_>>()?;
                Cache::Set { data, ttl: set.take("ttl")? }
            }
            _ => Cache::Delete(given.take::<Arguments>("delete")?.take("keys")?),
        })
    }

    fn mail(&mut self, given: &mut Arguments, site: &Site<'_>) -> Option<Mail> {
        let via = match (given.take::<Arguments>("profile"), given.take::<Arguments>("smtp")) {
            (Some(mut profile), _) => MailVia::Profile(self.named(&mut profile, site)?),
            (None, Some(mut smtp)) => {
                let mut auth: Arguments = smtp.take("auth").unwrap_or_default();
                MailVia::Smtp(Box::new(Smtp {
                    server: smtp.take("server")?,
                    port: smtp.take("port")?,
                    tls: smtp.take("tls")?,
                    user: auth.take("user"),
                    password: auth.take("password"),
                }))
            }
            (None, None) => {
                let message = "`profile` or `smtp` is needed";
                self.error(site.member.value.start, site.path, message);
                return None;
            }
        };
        let files: Vec<Arguments> = given
            .take::<Arguments>("attachment")
            .and_then(|mut attachment| attachment.take("files"))
            .unwrap_or_default();
        let file = |mut file: Arguments| {
            Some(Attachment {
                name: file.take("name")?,
                kind: file.take("type")?,
                content: file.take("content")?,
            })
        };
        let mut set: Arguments = given.take("set").unwrap_or_default();
        let addresses =
            |given: &mut Arguments, name| -> Vec<Template> { given.take(name).unwrap_or_default() };
        Some(Mail {
            to: given.take("to")?,
            cc: addresses(given, "cc"),
            from: given.take("from"),
            reply_to: given.take("replyToId"),
            subject: given.take("subject")?,
            message: given.take("message")?,
            html: given.take::<String>("type")? == "text/html",
            via,
            attachments: files.into_iter().map(file).collect::<Option<_>>()?,
            retries: u32::try_from(given.take::<u64>("retryCount")?).unwrap_or(u32::MAX),
            set_message_id: set.take("message_id"),
            set_error: set.take("error"),
        })
    }
}
