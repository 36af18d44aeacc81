//! Doing something to many, and where that leads: back to the list when all of it was done, else
//! to a page that names what was left.

use super::Over;
use crate::{
    api::{
        self,
        form::{Done, is_own_path, word},
    },
    error::AppError,
    text::many as words,
};
use model::{
    delivery::Rest,
    ids::{HookId, QueueId},
    many::{Act, CopiesBegin, HookAct, Outcome, QueueAct},
};

/// Does the same to many hooks or queues.
pub async fn change(
    over: Over,
    act: Act,
    ids: &str,
    flow: &str,
    rest: Rest,
    back: &str,
) -> Result<Done, AppError> {
    let (admin, actor) = (api::admin()?, api::actor().await?);
    let ids = numbers("ids", ids)?;
    let unknown = || AppError::field("act", words::UNKNOWN_ACT);
    let (done, left) = match over {
        Over::Hooks => {
            let ids: Vec<_> = ids.into_iter().map(HookId).collect();
            let act = match act {
                Act::Enable => HookAct::Enable,
                Act::Disable => HookAct::Disable,
                Act::Delete => HookAct::Delete(rest),
                Act::Move => HookAct::Move(word("flow_id", flow)?),
                Act::Copy => return Err(unknown()),
            };
            told(admin.change_hooks(&actor, &ids, act).await?, HookId::to_string)
        }
        Over::Queues => {
            let ids: Vec<_> = ids.into_iter().map(QueueId).collect();
            let act = match act {
                Act::Enable => QueueAct::Enable,
                Act::Disable => QueueAct::Disable,
                Act::Delete => QueueAct::Delete(rest),
                Act::Move | Act::Copy => return Err(unknown()),
            };
            told(admin.change_queues(&actor, &ids, act).await?, QueueId::to_string)
        }
    };
    Ok(lead(over, act, done, left, &list(over, back)))
}

/// Copies hooks to other queues.
pub async fn copy(
    hooks: &str,
    queues: &str,
    begin: CopiesBegin,
    back: &str,
) -> Result<Done, AppError> {
    let (admin, actor) = (api::admin()?, api::actor().await?);
    let hooks: Vec<_> = numbers("ids", hooks)?.into_iter().map(HookId).collect();
    let queues: Vec<_> = numbers("to", queues)?.into_iter().map(QueueId).collect();
    let outcome = admin.copy_hooks(&actor, &hooks, &queues, begin).await?;
    let (done, left) = told(outcome, |(hook, queue)| format!("{hook}-{queue}"));
    Ok(lead(Over::Hooks, Act::Copy, done, left, &list(Over::Hooks, back)))
}

/// How many it was done to, and what was left, as it stands in an address.
fn told<T>(outcome: Outcome<T>, name: impl Fn(&T) -> String) -> (usize, Vec<String>) {
    let left = outcome.left.iter().map(|(what, why)| format!("{}.{why}", name(what)));
    (outcome.done, left.collect())
}

fn numbers(field: &str, text: &str) -> Result<Vec<i64>, AppError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let read = parts.map(|part| part.parse::<i64>());
    let read = read.collect::<Result<Vec<_>, _>>();
    read.map_err(|_| AppError::field(field, words::NUMBERS))
}

fn lead(over: Over, act: Act, done: usize, left: Vec<String>, back: &str) -> Done {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    // The page of a list may be gone with its rows.
    let kept = query.split('&').filter(|pair| !pair.is_empty());
    let kept: Vec<_> =
        kept.filter(|pair| act != Act::Delete || !pair.starts_with("page=")).collect();
    if left.is_empty() {
        let to = match kept.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", kept.join("&")),
        };
        return Done::to(to).saying(words::came_to(over, act, done, done));
    }
    let mut pairs = vec![format!("did={act}"), format!("done={done}")];
    pairs.extend(left.iter().map(|one| format!("left={one}")));
    pairs.extend(kept.into_iter().map(str::to_owned));
    Done::to(format!("{path}/many?{}", pairs.join("&")))
}

/// The list that was chosen from, with the filters that it had.
fn list(over: Over, back: &str) -> String {
    let path = back.split('?').next().unwrap_or_default();
    let of_queue = path
        .strip_prefix("/queues/")
        .and_then(|rest| rest.strip_suffix("/hooks"))
        .is_some_and(|id| id.parse::<i64>().is_ok());
    let known = match over {
        Over::Hooks => path == "/hooks" || of_queue,
        Over::Queues => path == "/queues",
    };
    match (known && is_own_path(back), over) {
        (true, _) => back.to_owned(),
        (false, Over::Hooks) => "/hooks".into(),
        (false, Over::Queues) => "/queues".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_leads_back_to_the_list_and_what_was_left_to_its_names() {
        let done = lead(Over::Hooks, Act::Disable, 3, vec![], "/hooks?state=on&page=2");
        assert_eq!(done.to.as_deref(), Some("/hooks?state=on&page=2"));
        assert_eq!(done.said.as_deref(), Some("3 hooks are disabled"));
        let done = lead(Over::Hooks, Act::Delete, 3, vec![], "/hooks?page=2");
        assert_eq!(done.to.as_deref(), Some("/hooks"));
        let left = vec!["12.taken".to_owned(), "13.gone".to_owned()];
        let done = lead(Over::Hooks, Act::Move, 1, left, "/queues/5/hooks?search=a");
        let to = "/queues/5/hooks/many?did=move&done=1&left=12.taken&left=13.gone&search=a";
        assert_eq!((done.to.as_deref(), done.said), (Some(to), None));
    }

    #[test]
    fn a_list_is_one_that_there_is() {
        assert_eq!(list(Over::Hooks, "/queues/5/hooks?page=2"), "/queues/5/hooks?page=2");
        for bad in ["", "/flows", "//evil/hooks", "/queues/x/hooks", "/queues"] {
            assert_eq!(list(Over::Hooks, bad), "/hooks", "{bad}");
        }
        assert_eq!(list(Over::Queues, "/queues?type=task"), "/queues?type=task");
        assert_eq!(list(Over::Queues, "/queues/5/hooks"), "/queues");
    }
}
