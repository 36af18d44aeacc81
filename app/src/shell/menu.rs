//! The menu behind a person's initials: account, theme, signing out.

use crate::{
    api::{
        session::{SetTheme, SignOut},
        url_of,
    },
    start::{self, Theme, Who},
    text::shell as words,
    ui::{Form, Icon, Pic},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

#[component]
pub fn UserMenu(who: Who) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        if let Some(menu) = node.get() {
            _ = menu.remove_attribute("open");
        }
    });
    let initials: String = who
        .login
        .split(['.', '-', '_', '@'])
        .filter_map(|part| part.chars().next())
        .take(2)
        .collect();
    let kept = start::may_edit().then(|| {
        view! {
            <a class="menu-item narrow-only" href="/settings/variables">
                <Icon of=Pic::Variables />
                {words::VARIABLES}
            </a>
            <a class="menu-item narrow-only" href="/settings/secrets">
                <Icon of=Pic::Secrets />
                {words::SECRETS}
            </a>
            <a class="menu-item narrow-only" href="/settings/mail-profiles">
                <Icon of=Pic::Mail />
                {words::MAIL_PROFILES}
            </a>
        }
    });
    let settings = start::may_administer().then(|| {
        view! {
            <a class="menu-item narrow-only" href="/users">
                <Icon of=Pic::Users />
                {words::USERS}
            </a>
            <a class="menu-item narrow-only" href="/tokens">
                <Icon of=Pic::Tokens />
                {words::TOKENS}
            </a>
        }
    });
    view! {
        <details class="menu" node_ref=node>
            <summary class="avatar" aria-label=words::menu_of(&who.login)>
                {initials.to_uppercase()}
            </summary>
            <div class="menu-in">
                <p class="menu-who">
                    <b>{who.login.clone()}</b>
                    <span class="dim">{who.role.as_str()}</span>
                </p>
                <a class="menu-item" href="/account">
                    <Icon of=Pic::Users />
                    {words::ACCOUNT}
                </a>
                <a class="menu-item narrow-only" href="/events">
                    <Icon of=Pic::Events />
                    {words::EVENTS}
                </a>
                <a class="menu-item narrow-only" href="/replays">
                    <Icon of=Pic::Retry />
                    {words::REPLAYS}
                </a>
                <a class="menu-item narrow-only" href="/destinations">
                    <Icon of=Pic::Destinations />
                    {words::DESTINATIONS}
                </a>
                <a class="menu-item narrow-only" href="/lists">
                    <Icon of=Pic::Call />
                    {words::LISTS}
                </a>
                <a class="menu-item narrow-only" href="/nodes">
                    <Icon of=Pic::Nodes />
                    {words::NODES}
                </a>
                {kept}
                {settings}
                {(start::has_sample() && start::may_edit())
                    .then(|| {
                        view! {
                            <a class="menu-item narrow-only" href="/receiver">
                                <Icon of=Pic::Receiver />
                                {words::RECEIVER}
                            </a>
                        }
                    })}
                <ThemeChoice />
                <Form action={url_of::<SignOut>()}>
                    <button class="menu-item" name="sign_out" value="true">
                        <Icon of=Pic::Next />
                        {words::SIGN_OUT}
                    </button>
                </Form>
            </div>
        </details>
    }
}

/// Light, dark, or as the system is.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let theme = start::use_theme();
    let buttons = Theme::ALL.map(|one| {
        let choose = move |_| {
            theme.set(one);
            if let Some(root) = document().document_element() {
                _ = root.set_attribute("data-theme", one.as_str());
            }
        };
        view! {
            <button
                name="theme"
                value=one.as_str()
                aria-pressed=move || if theme.get() == one { "true" } else { "false" }
                on:click=choose
            >
                {words::theme(one)}
            </button>
        }
    });
    view! {
        <Form action={url_of::<SetTheme>()} class="theme">
            <div class="seg" role="group" aria-label=words::THEME>
                {buttons.collect_view()}
            </div>
        </Form>
    }
}
