//! The side bar; on a narrow screen the bar at the foot.

use super::Brand;
use crate::{
    start,
    text::shell as words,
    ui::{Icon, Pic},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

#[component]
pub fn SideBar() -> impl IntoView {
    let settings = move || {
        let kept = view! {
            <Link
                to="/settings/variables"
                pic=Pic::Variables
                label=words::VARIABLES
                settings=true
            />
            <Link to="/settings/secrets" pic=Pic::Secrets label=words::SECRETS settings=true />
            <Link
                to="/settings/mail-profiles"
                pic=Pic::Mail
                label=words::MAIL_PROFILES
                settings=true
            />
        };
        let people = view! {
            <Link to="/users" pic=Pic::Users label=words::USERS settings=true />
            <Link to="/tokens" pic=Pic::Tokens label=words::TOKENS settings=true />
        };
        start::may_edit().then(|| {
            let people = start::may_administer().then_some(people);
            view! { <p class="side-head">{words::SETTINGS}</p> {kept} {people} }
        })
    };
    view! {
        <nav class="side" aria-label=words::NAVIGATION>
            <a class="brand" href="/overview">
                <Brand />
                <span>{words::NAME}</span>
            </a>
            <Link to="/overview" pic=Pic::Overview label=words::OVERVIEW />
            <Link to="/queues" pic=Pic::Queues label=words::QUEUES />
            <Link to="/hooks" pic=Pic::Hooks label=words::HOOKS />
            <Link to="/flows" pic=Pic::Flows label=words::FLOWS />
            <Link to="/deliveries" pic=Pic::Deliveries label=words::DELIVERIES />
            <Link to="/events" pic=Pic::Events label=words::EVENTS settings=true />
            <Link to="/replays" pic=Pic::Retry label=words::REPLAYS settings=true />
            <Link
                to="/destinations"
                pic=Pic::Destinations
                label=words::DESTINATIONS
                settings=true
            />
            <Link
                to="/lists"
                also=&["/calendars", "/cache"]
                pic=Pic::Call
                label=words::LISTS
                settings=true
            />
            <Link to="/nodes" pic=Pic::Nodes label=words::NODES settings=true />
            {(start::has_sample() && start::may_edit())
                .then(|| {
                    view! {
                        <Link to="/receiver" pic=Pic::Receiver label=words::RECEIVER settings=true />
                    }
                })}
            {settings()}
        </nav>
    }
}

#[component]
fn Link(
    to: &'static str,
    pic: Pic,
    label: &'static str,
    /// What else is a page of it.
    #[prop(optional)]
    also: &'static [&'static str],
    /// In the menu of the top bar on a narrow screen.
    #[prop(optional)]
    settings: bool,
) -> impl IntoView {
    let location = use_location();
    let here = move || {
        let path = location.pathname.read();
        let is_below = |to: &str| {
            path.strip_prefix(to).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        (is_below(to) || also.iter().any(|to| is_below(to))).then_some("page")
    };
    view! {
        <a class="nav" class:more=settings href=to aria-current=here>
            <Icon of=pic />
            <span>{label}</span>
        </a>
    }
}
