//! What the server draws, shown as it is, and drawn anew while somebody looks.

use crate::{
    api::drawn::{Sheet, draw},
    recent,
    ui::{CopyLink, Crumb, Load, PageHead, every},
};
use leptos::{html, prelude::*, task::spawn_local};
use model::jump::{Hit, HitKind};

/// What the person has opened, or stands on, in what would be replaced.
const IN_USE: &str = "details[open], :focus:not(a), a:focus-visible";
/// After how many seconds without an answer what is shown is no longer how it stands.
const PATIENCE: u64 = 5;

/// Where a sheet is shown.
#[derive(Clone, Copy)]
pub enum Place {
    /// As a page, with its head.
    Page,
    /// Below a head of the page's own.
    Body,
    /// As a part of a page, which says by itself what cannot be loaded. Drawn anew while this holds.
    Part(RwSignal<bool>),
}

/// What stands at this address, drawn by the server.
pub fn sheet(page: Memo<String>, place: Place) -> AnyView {
    let loaded = Resource::new(move || page.get(), draw);
    let view = move |sheet: Sheet| {
        let head =
            matches!(place, Place::Page).then(|| head(&page.read_untracked(), sheet.clone()));
        view! { {head} {body(page, sheet, place)} }.into_any()
    };
    let part = matches!(place, Place::Part(_));
    view! { <Load of=loaded quiet=part lines={if part { 0 } else { 6 }} view /> }.into_any()
}

fn head(page: &str, sheet: Sheet) -> AnyView {
    let Sheet { title, above, beside, share, .. } = sheet;
    if let Some(href) = share.clone().filter(|_| page.starts_with("/calls/")) {
        let (title, note) = (title.clone(), String::new());
        recent::remember(Hit { kind: HitKind::Call, title, note, href });
    }
    let crumbs: Vec<_> = above.into_iter().map(|(label, href)| Crumb::new(label, href)).collect();
    view! {
        <PageHead title crumbs>
            {share.map(|path| view! { <CopyLink path=path /> })}
            <div inner_html=beside></div>
        </PageHead>
    }
    .into_any()
}

/// The body, which is drawn anew while nobody uses it, and above it of when it is while it cannot be.
fn body(page: Memo<String>, sheet: Sheet, place: Place) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let (seconds, first) = (sheet.every, sheet.body.clone());
    let known = StoredValue::new(sheet);
    // For how many seconds an answer is waited for; 0 while none is.
    let waits = StoredValue::new(0);
    let look = move || {
        let Some(cut) = node.get_untracked() else { return };
        let say = move |is_cut| match is_cut {
            true => known.with_value(|known| cut.set_inner_html(&known.as_of)),
            false => cut.set_inner_html(""),
        };
        if matches!(place, Place::Part(on) if !on.get_untracked()) {
            return;
        }
        let waited = waits.get_value();
        waits.set_value(waited + seconds);
        if waited > 0 {
            if waited >= PATIENCE {
                say(true);
            }
            return;
        }
        let asked = page.get_untracked();
        spawn_local(async move {
            let drawn = draw(asked.clone()).await;
            // The page may have been left meanwhile, or show something else.
            let left = waits.try_set_value(0).is_some();
            if left || page.get_untracked() != asked {
                return;
            }
            say(drawn.is_err());
            let (Ok(sheet), Some(body)) = (drawn, node.get_untracked()) else { return };
            let Some(body) = body.next_element_sibling() else { return };
            let used = body.query_selector(IN_USE).ok().flatten().is_some();
            if !used {
                if known.with_value(|known| known.body != sheet.body) {
                    body.set_inner_html(&sheet.body);
                }
                known.set_value(sheet);
            }
        });
    };
    if seconds > 0 {
        every(seconds, look);
    }
    view! {
        <div class="cut" role="status" node_ref=node></div>
        <div class="drawn" inner_html=first></div>
    }
    .into_any()
}
