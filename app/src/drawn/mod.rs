//! Pages that the server draws whole, as HTML: nothing of them, neither words nor views, is part
//! of the browser's program. They use no component that follows anything.

mod actions;
mod cache;
mod calendars;
mod call;
mod chart;
mod compare;
mod destinations;
mod failure_flow;
mod form;
mod help;
mod imports;
mod kept;
mod lists;
mod log_chart;
mod nodes;
mod notes;
mod overview;
mod replays;
mod vault;

pub use actions::{action, actions};
pub use cache::cache;
pub use calendars::{CalendarRefusals, calendar, calendars};
pub use call::call;
pub use compare::{choose, compare};
pub use destinations::{destination, destinations, path};
pub use failure_flow::failure_flow;
pub use form::Refusal;
pub use help::{failure, failures};
pub use imports::imports;
pub use lists::{Around, Refusals as ListRefusals, list, lists};
pub use log_chart::{log_chart, log_kept, no_log_chart};
pub use nodes::nodes;
pub use notes::notes;
pub use overview::{overview, spans};
pub use replays::{
    Terms, ask as ask_replay, from as replay_from, job as replay_job, list as replay_list,
};
pub use vault::{Asked, Shelf, mail_profile, mail_profiles, secret, secrets, variable, variables};

use crate::text::state;
use crate::ui::Tone;
use leptos::prelude::*;
use model::{delivery::DeliveryState, time::Millis};

/// A delivery's state as a pill.
fn pill(of: DeliveryState) -> AnyView {
    let class = format!("pill {}", Tone::of(of).class());
    view! { <span class=class>{state::state(of)}</span> }.into_any()
}

/// A time of day in UTC; the date on hovering.
fn clock(at: Millis) -> AnyView {
    view! { <time datetime=at.to_string() title=at.exact()>{at.clock()}</time> }.into_any()
}

/// Nothing to show, why, and a way on.
fn empty(title: &'static str, about: &'static str, way: &'static str, to: &str) -> AnyView {
    view! {
        <div class="card empty">
            <h2>{title}</h2>
            <p>{about}</p>
            <div class="row">
                <a class="btn" href=to.to_owned()>{way}</a>
            </div>
        </div>
    }
    .into_any()
}
