//! The frame around every page.

use crate::start::Theme;

pub const NAME: &str = "Offhook";
pub const SKIP: &str = "Skip to the content";
pub const NAVIGATION: &str = "Main";
pub const CRUMBS: &str = "Where you are";
pub const OVERVIEW: &str = "Overview";
pub const QUEUES: &str = "Queues";
pub const HOOKS: &str = "Hooks";
pub const FLOWS: &str = "Flows";
pub const DELIVERIES: &str = "Deliveries";
pub const EVENTS: &str = "Events";
pub const DESTINATIONS: &str = "Destinations";
pub const LISTS: &str = "Lists";
pub const NODES: &str = "Nodes";
pub const REPLAYS: &str = "Replays";
pub const SETTINGS: &str = "Settings";
pub const VARIABLES: &str = "Variables";
pub const SECRETS: &str = "Secrets";
pub const MAIL_PROFILES: &str = "Mail profiles";
pub const USERS: &str = "Users";
pub const TOKENS: &str = "Tokens";
pub const RECEIVER: &str = "Receiver";
pub const MORE: &str = "More";
pub const ACCOUNT: &str = "Your account";
pub const SIGN_OUT: &str = "Sign out";
pub const THEME: &str = "Appearance";

/// A theme's name.
pub fn theme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    }
}

/// The label of the menu that a person's initials open.
pub fn menu_of(login: &str) -> String {
    format!("Menu of {login}")
}
