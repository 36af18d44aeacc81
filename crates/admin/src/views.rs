//! Saved views: everybody has their own, and sees no others.

use crate::{Admin, AdminError, Result, checked_name, no_problems, now};
use model::{
    ids::{UserId, ViewId},
    problem::Problem,
    user::{Actor, Denied, Grant},
    view::{SavedView, ViewList, canonical_query, pairs},
};

/// The most views that one person keeps.
const MOST: u32 = 50;
const NAME_MAX: usize = 80;
/// The longest query of a view, in bytes.
const QUERY_MAX: usize = 2_000;

impl Admin {
    /// One's own views, of one list or of all, by name.
    pub async fn views(&self, actor: &Actor, list: Option<ViewList>) -> Result<Vec<SavedView>> {
        Ok(self.storage.views(person(actor)?, list).await?)
    }

    /// Saves the query of a list's address under a name; in place of the view that has the name
    /// already where `replace` is set.
    pub async fn save_view(
        &self,
        actor: &Actor,
        list: ViewList,
        name: &str,
        query: &str,
        replace: bool,
    ) -> Result<SavedView> {
        let user = person(actor)?;
        let mut problems = Vec::new();
        let name = checked_name("name", name, NAME_MAX, &mut problems);
        let query = checked_query(list, query, &mut problems);
        no_problems(problems)?;
        if replace && let Some(saved) = self.storage.replace_view(user, list, &name, &query).await?
        {
            return Ok(saved);
        }
        let made = self.storage.create_view(user, list, &name, &query, MOST, now()).await?;
        made.ok_or_else(|| {
            AdminError::Conflict(format!("you have {MOST} saved views; delete one first"))
        })
    }

    /// Deletes one of one's own views.
    pub async fn delete_view(&self, actor: &Actor, id: ViewId) -> Result<SavedView> {
        let deleted = self.storage.delete_view(person(actor)?, id).await?;
        deleted.ok_or_else(|| AdminError::no("saved view", id))
    }
}

/// Tokens and the command line are nobody who would come back to a view.
fn person(actor: &Actor) -> Result<UserId> {
    match actor.grant {
        Grant::User(id, _) => Ok(id),
        Grant::Token(_) | Grant::Operator => {
            Err(Denied { name: actor.name.clone(), needs: "a signed-in user" }.into())
        }
    }
}

/// The query as a view keeps it, if it can be the query of this list's address.
fn checked_query(list: ViewList, query: &str, problems: &mut Vec<Problem>) -> String {
    let mut wrong = |detail: String| problems.push(Problem::new("/query", detail));
    let query = canonical_query(query);
    if query.len() > QUERY_MAX {
        wrong(format!("the view's address has at most {QUERY_MAX} characters; take filters away"));
        return String::new();
    }
    for (name, _) in pairs(&query) {
        if !list.names().contains(&name.as_str()) {
            wrong(format!("\"{name}\" is no filter of the list {}", list.as_str()));
        }
    }
    query
}
