//! The words of variables of the installation, secrets and mail profiles.

use super::time::plural;
use crate::drawn::Shelf;
use model::mail_profile::MailTls;

pub const SEARCH: &str = "Search by name";
pub const EMPTY: &str = "None yet";
pub const NONE: &str = "Nothing matches";
pub const NONE_ABOUT: &str = "Nothing here holds this text.";
pub const CLEAR: &str = "Show all";
pub const NAME: &str = "Name";
pub const NAME_HINT: &str = "Letters, digits, _ and -; a letter first";
pub const VALUE: &str = "Value";
pub const VALUE_HINT: &str = "At most 64 KiB";
pub const EMPTY_VALUE: &str = "empty";
pub const ENCRYPTED: &str = "encrypted";
pub const ENCRYPT: &str = "Encrypt it";
pub const ENCRYPT_HINT: &str = "It is then hidden in the log and never shown again.";
pub const DESCRIPTION: &str = "Description";
pub const DESCRIPTION_HINT: &str = "What it opens, whose it is, when it ends";
pub const SECRET_HINT: &str =
    "A line, or several such as a key in PEM: at most 64 KiB. It is never shown again.";
pub const SECRET_STAYS: &str = "Empty leaves it as it is.";
pub const SAVE: &str = "Save";
pub const MADE: &str = "Made";
pub const UPDATED: &str = "Changed";
pub const WRITTEN: &str = "In a flow";
pub const USED_BY: &str = "Named by flows";
pub const USED_BY_NONE: &str = "none";
pub const IS_SET: &str = "set";
pub const NOT_SET: &str = "none";

pub const SIGNING: &str = "Signing requests";
pub const SIGNING_ABOUT: &str = "A step with sign: true sends webhook-signature in the way of Standard \
    Webhooks, so that the receiver can tell who sent it. The key is the secret WEBHOOK_SIGNING_KEY.";
pub const MAKE_KEY: &str = "Make a key";
pub const MAKE_KEY_ABOUT: &str = "It is shown once, to be given to the receivers.";
pub const REPLACE_KEY: &str = "Make another key";
pub const REPLACE_KEY_ABOUT: &str =
    "The key in use goes at once: receivers that do not know the new one refuse what is signed.";
pub const MADE_TITLE: &str = "Copy the key now";
pub const MADE_TEXT: &str = "It is shown this once. Give it to those who check signatures.";
pub const MADE_SAID: &str = "The key is made.";

pub const PROFILE_NAME_HINT: &str = "What flows call it: office, alarms";
pub const SERVER: &str = "Server";
pub const SERVER_HINT: &str = "A host name or an address";
pub const PORT: &str = "Port";
pub const PORT_HINT: &str = "Usually 587; 465 where it is encrypted from the start";
pub const TLS: &str = "Encryption";
pub const USER: &str = "User";
pub const USER_HINT: &str = "Empty where the server asks for none";
pub const PASSWORD: &str = "Password";
pub const PASSWORD_HINT: &str = "It is never shown again.";
pub const PASSWORD_STAYS: &str = "Empty leaves it as it is.";
pub const NO_PASSWORD: &str = "Forget the password";
pub const FROM: &str = "Sender";
pub const FROM_HINT: &str = "Of mails that name none: Offhook <hooks@example.org>";
pub const NO_PORT: &str = "is 1 to 65535";
pub const TYPE_AGAIN: &str = "is encrypted and not shown: type it again, or leave the page";
pub const IN_USE: &str = "is in use already";

/// A text as a browser posts it, whose lines end in CRLF, with lines that end in LF alone.
pub fn with_plain_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A secret as it was meant: the end of its line is no part of one that has one line alone, and came
/// along when it was pasted.
pub fn pasted(text: &str) -> String {
    let text = with_plain_ends(text);
    match text.trim_end_matches('\n') {
        line if !line.contains('\n') => line.to_owned(),
        _ => text,
    }
}

/// What a value is cut to in a list, in characters.
const SHOWN: usize = 60;

/// The beginning of a value.
pub fn cut(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// The title of a list.
pub fn title(of: Shelf) -> &'static str {
    match of {
        Shelf::Variables => "Variables",
        Shelf::Secrets => "Secrets",
        Shelf::MailProfiles => "Mail profiles",
    }
}

/// What they are for.
pub fn about(of: Shelf) -> &'static str {
    match of {
        Shelf::Variables => {
            "What all flows share: a step reads one with $${name}, and sets one with the action global."
        }
        Shelf::Secrets => {
            "Passwords and tokens that flows send and nobody sees again: ${secret.NAME} in a request, \
             a mail, a query or a message."
        }
        Shelf::MailProfiles => {
            "The servers by which flows send mail, named by sendEmail as profile."
        }
    }
}

/// What there is to do where there is none.
pub fn empty(of: Shelf) -> &'static str {
    match of {
        Shelf::Variables => "A variable holds what several flows need: a base address, a region.",
        Shelf::Secrets => "A secret keeps the token of a CRM out of the flow and out of the log.",
        Shelf::MailProfiles => "A profile says by which server flows send mail, and as whom.",
    }
}

/// The heads of a list's columns.
pub fn heads(of: Shelf) -> [&'static str; 4] {
    match of {
        Shelf::Variables => [NAME, VALUE, WRITTEN, UPDATED],
        Shelf::Secrets => [NAME, WRITTEN, DESCRIPTION, UPDATED],
        Shelf::MailProfiles => [NAME, SERVER, FROM, UPDATED],
    }
}

/// Opens the form of a new one.
pub fn new(of: Shelf) -> &'static str {
    match of {
        Shelf::Variables => "New variable",
        Shelf::Secrets => "New secret",
        Shelf::MailProfiles => "New mail profile",
    }
}

/// Heads the form of one.
pub fn change(of: Shelf) -> &'static str {
    match of {
        Shelf::Variables => "Change the variable",
        Shelf::Secrets => "Change the secret",
        Shelf::MailProfiles => "Change the mail profile",
    }
}

/// Opens the question before one is deleted.
pub fn delete(of: Shelf) -> &'static str {
    match of {
        Shelf::Variables => "Delete the variable…",
        Shelf::Secrets => "Delete the secret…",
        Shelf::MailProfiles => "Delete the mail profile…",
    }
}

/// What becomes of the flows that name it.
pub fn delete_about(of: Shelf, flows: usize) -> String {
    match (of, flows) {
        (Shelf::MailProfiles, _) => "Flows that send by it fail from then on.".into(),
        (_, 0) => "No flow names it. This cannot be undone.".into(),
        (_, flows) => format!(
            "{} it. Nothing stands in its place from then on, and the step warns. This cannot be \
             undone.",
            plural(flows as u64, "flow names", "flows name")
        ),
    }
}

/// Deletes one.
pub fn delete_it(name: &str) -> String {
    format!("Delete {name}")
}

/// Said when one has been deleted.
pub fn deleted(name: &str) -> String {
    format!("{name} is deleted.")
}

/// Said when one has been saved.
pub fn saved(name: &str) -> String {
    format!("{name} is saved.")
}

/// How a flow names one.
pub fn written(of: Shelf, name: &str) -> String {
    match of {
        Shelf::Variables => format!("$${{{name}}}"),
        Shelf::Secrets => format!("${{secret.{name}}}"),
        Shelf::MailProfiles => format!("\"profile\": {{\"name\": \"{name}\"}}"),
    }
}

/// How many there are.
pub fn total(of: Shelf, count: usize) -> String {
    let count = count as u64;
    match of {
        Shelf::Variables => plural(count, "variable", "variables"),
        Shelf::Secrets => plural(count, "secret", "secrets"),
        Shelf::MailProfiles => plural(count, "mail profile", "mail profiles"),
    }
}

/// A kind of encryption.
pub fn tls(of: MailTls) -> &'static str {
    match of {
        MailTls::None => "not encrypted",
        MailTls::StartTls => "STARTTLS",
        MailTls::Implicit => "TLS from the start",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_secret_keeps_its_lines_and_loses_the_end_of_a_single_one() {
        assert_eq!(pasted("token\r\n"), "token");
        assert_eq!(pasted(" to ken "), " to ken ");
        assert_eq!(pasted("-----BEGIN\r\nabc\r\n-----END\r\n"), "-----BEGIN\nabc\n-----END\n");
        assert_eq!(pasted("\r\n"), "");
    }
}
