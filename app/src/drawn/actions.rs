//! The help pages about the actions of flows, drawn from their descriptions.

use crate::text::actions as text;
use leptos::prelude::*;
use model::flow::language::{self, Argument, Description, Group, Kind, META, Runs};

/// The list of all actions, or of those whose name or words have a text in them.
pub fn actions(search: &str) -> AnyView {
    let wanted = search.trim().to_lowercase();
    let fits = |action: &&Description| {
        let words = [action.name, action.summary, action.help];
        let words = words.into_iter().chain(action.other_names.iter().copied());
        words.into_iter().any(|word| word.to_lowercase().contains(&wanted))
    };
    let groups: Vec<_> = Group::ALL
        .into_iter()
        .filter_map(|group| {
            let of_it = language::actions().filter(|action| action.group == group);
            let rows: Vec<_> = of_it.filter(fits).map(row).collect();
            (!rows.is_empty()).then(|| {
                view! {
                    <h2>{text::group(group)}</h2>
                    <ul class="help-list">{rows}</ul>
                }
            })
        })
        .collect();
    let nothing = groups.is_empty().then(|| view! { <p>{text::NONE}</p> });
    let beside = wanted.is_empty().then(|| {
        view! {
            <h2>{text::BESIDE}</h2>
            <p>{text::BESIDE_ABOUT}</p>
            {table(META)}
        }
    });
    view! {
        <p class="help-lead">
            {text::ABOUT} <a class="link" href=text::SCHEMA rel="external">{text::SCHEMA}</a> "."
        </p>
        <form method="get" action=text::PATH class="toolbar" role="search">
            <input
                class="input"
                type="search"
                name="search"
                value=search.to_owned()
                aria-label=text::SEARCH
                placeholder=text::SEARCH
            />
            <button class="btn" type="submit">{text::GO}</button>
        </form>
        <div class="card help">{groups} {nothing} {beside}</div>
    }
    .into_any()
}

fn row(action: &Description) -> AnyView {
    view! {
        <li>
            <a class="link" href=text::path(action.name)><code>{action.name}</code></a>
            <p class="dim">{action.summary}</p>
        </li>
    }
    .into_any()
}

/// One action; nothing where there is none of this name.
pub fn action(name: &str) -> Option<(&'static str, AnyView)> {
    let action = language::action(name)?;
    let also =
        (!action.other_names.is_empty()).then(|| view! { <p>{text::also(action.other_names)}</p> });
    let help = (!action.help.is_empty()).then(|| view! { <p>{action.help}</p> });
    let outside = action.outside.then(|| view! { <p>{text::OUTSIDE}</p> });
    let core = (action.runs == Runs::NeedsCore).then(|| view! { <p>{text::NEEDS_CORE}</p> });
    let value = match &action.value {
        Kind::Object(arguments) => {
            view! { <h2>{text::ARGUMENTS}</h2> {table(arguments)} }.into_any()
        }
        Kind::Anything => ().into_any(),
        value => view! { <p>{text::VALUE} " " {text::kind(value)} "."</p> }.into_any(),
    };
    let example = (!action.example.is_empty()).then(|| {
        view! {
            <h2>{text::EXAMPLE}</h2>
            <div class="code"><pre tabindex="0">{action.example}</pre></div>
        }
    });
    let view = view! {
        <div class="card help">
            <p>{action.summary} "."</p>
            {help} {also} {outside} {core} {value} {example}
            <p class="row help-ways">
                <a class="btn quiet" href=text::PATH>{text::ALL}</a>
            </p>
        </div>
    }
    .into_any();
    Some((action.name, view))
}

fn table(arguments: &'static [Argument]) -> AnyView {
    let rows: Vec<_> = arguments.iter().flat_map(|argument| rows("", argument)).collect();
    view! {
        <div class="table-card">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{text::ARGUMENT}</th>
                        <th scope="col">{text::KIND}</th>
                        <th scope="col">{text::MEANING}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// An argument, and those inside it.
fn rows(above: &str, argument: &'static Argument) -> Vec<AnyView> {
    let name = format!("{above}{}", argument.name);
    let note = match argument.default {
        Some(default) => Some(text::default(default)),
        None => argument.required.then(|| text::REQUIRED.to_owned()),
    };
    let inner = match &argument.kind {
        Kind::Object(inner) => *inner,
        _ => &[],
    };
    let inner: Vec<_> = inner.iter().flat_map(|one| rows(&format!("{name}."), one)).collect();
    let note = note.map(|note| view! { <p class="dim">{note}</p> });
    let row = view! {
        <tr>
            <td><code>{name}</code></td>
            <td>{text::kind(&argument.kind)} {note}</td>
            <td>{argument.help}</td>
        </tr>
    }
    .into_any();
    [row].into_iter().chain(inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_page_that_shows_its_arguments_and_its_example() {
        let list = actions("").to_html();
        for described in language::actions() {
            let (title, page) = action(described.name).unwrap();
            let page = page.to_html();
            assert_eq!(title, described.name);
            assert!(list.contains(&text::path(described.name)), "{title}");
            for argument in described.arguments() {
                assert!(page.contains(argument.name), "{title}: {}", argument.name);
            }
        }
        assert!(action("nothing").is_none());
    }

    #[test]
    fn a_search_leaves_what_has_its_text() {
        let found = actions("STATUS of the answer").to_html();
        assert!(!found.contains("/help/actions/set"));
        assert!(actions("waits").to_html().contains("/help/actions/softSleep"));
        assert!(actions("zzz").to_html().contains(text::NONE));
    }
}
