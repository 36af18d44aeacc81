//! Jumping.

use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};
use model::jump::Hit;

/// The most that one search shows.
#[cfg(feature = "ssr")]
const MOST: usize = 20;

/// What fits the text best: pages of the panel, what is set up, what has happened.
#[server(prefix = "/api/panel", endpoint = "jump/find", input = Json)]
pub async fn find_hits(search: String) -> Result<Vec<Hit>, AppError> {
    use crate::text::jump as words;
    use model::jump::HitKind;
    let (admin, actor) = (super::admin()?, super::actor().await?);
    let found = admin.jump(&actor, &search).await?;
    let pages = words::PAGES.into_iter().filter_map(|(title, path, needs)| {
        let fit = words::fit(title, &search)?;
        let open = needs.is_none_or(|permission| actor.has(permission));
        open.then(|| {
            let (title, href) = (title.to_owned(), path.to_owned());
            (fit, Hit { kind: HitKind::Page, title, note: String::new(), href })
        })
    });
    let editor = actor.has(model::user::Permission::Edit);
    let found = found.into_iter().map(|found| (found.fit, words::hit(found.target, editor)));
    let mut all: Vec<_> = pages.chain(found).collect();
    all.sort_by_key(|(fit, hit)| (*fit, hit.kind));
    all.truncate(MOST);
    Ok(all.into_iter().map(|(_, hit)| hit).collect())
}
