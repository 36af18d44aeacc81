//! The table of hooks, of one queue or of all.

use super::row::Row;
use crate::{
    pages::many::{HOOK_ACTS, kept_fields},
    start,
    text::{hooks as words, ui},
    ui::{Column, Pager, Selectable, Table},
};
use leptos::prelude::*;
use model::{
    hook::HookRow,
    page::{Page, Paging},
};

/// The columns, but for the one in which rows are chosen.
pub fn columns(everywhere: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    if everywhere {
        columns.push(Column::new(words::QUEUE).sorted("queue").optional("queue"));
    }
    columns.extend([
        Column::new(words::EVENT).sorted("event"),
        Column::new(words::FLOW).sorted("flow"),
        Column::new(words::CONDITION).wide().optional("condition"),
        Column::new(words::LAST).optional("last"),
    ]);
    if !everywhere {
        columns.push(Column::new(words::DAY).wide().optional("day"));
    }
    columns.extend([
        Column::new(words::DELIVERED).numeric().optional("delivered"),
        Column::new(words::ON).optional("on"),
        Column::new(ui::ACTIONS).hidden(),
    ]);
    columns
}

/// A page of hooks.
#[component]
pub fn HookTable(
    page: Page<HookRow>,
    paging: Paging,
    /// The list's own path.
    #[prop(into)]
    path: String,
    #[prop(into)] caption: String,
    /// Whether the hooks are those of all queues.
    #[prop(optional)]
    everywhere: bool,
) -> impl IntoView {
    let chooses = start::may_edit();
    let mut heads = Vec::new();
    if chooses {
        heads.push(Column::chooses());
    }
    heads.extend(columns(everywhere));
    let shown = page.items.len();
    let rows: Vec<_> = page.items.iter().map(|row| row.hook.id.to_string()).collect();
    let foot = view! { <Pager paging total=page.total shown what=words::COUNTED sizes=true /> };
    let table = view! {
        <Table caption columns=heads foot=foot.into_any()>
            {page.items.into_iter().map(|row| view! { <Row row everywhere /> }).collect_view()}
        </Table>
    };
    if !chooses {
        return table.into_any();
    }
    view! {
        <Selectable
            rows
            what=words::COUNTED
            action=format!("{path}/many")
            fields=kept_fields()
            acts=HOOK_ACTS.to_vec()
        >
            {table}
        </Selectable>
    }
    .into_any()
}
