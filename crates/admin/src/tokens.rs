//! API tokens: 256 random bits, shown once, stored as SHA-256.

use crate::{Admin, AdminError, Result, checked_name, no_problems, now, secret};
use model::{
    ids::TokenId,
    problem::Problem,
    user::{Actor, Grant, Permission, Scope, Token},
};

/// A token just made, with its secret, which is not kept.
pub struct NewToken {
    pub token: Token,
    pub secret: String,
}

/// How many characters of a secret are kept to tell tokens apart.
const HINT: usize = 9;
/// Uses closer together than this are noted once, in milliseconds.
const TOUCH_MS: i64 = 60_000;

impl Admin {
    /// All tokens whose name holds the text.
    pub async fn tokens(&self, actor: &Actor, search: &str) -> Result<Vec<Token>> {
        actor.require(Permission::Administer)?;
        Ok(self.storage.tokens(search).await?)
    }

    /// Makes a token.
    pub async fn create_token(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Scope],
    ) -> Result<NewToken> {
        actor.require(Permission::Administer)?;
        let mut problems = Vec::new();
        let name = checked_name("name", name, 80, &mut problems);
        if scopes.is_empty() {
            problems.push(Problem::new("/scopes", "at least one of ingest, manage, read"));
        }
        no_problems(problems)?;
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let secret = secret::random("oh_");
        let token = self
            .storage
            .create_token(&name, &scopes, &secret[..HINT], &secret::digest(&secret), now())
            .await?;
        Ok(NewToken { token, secret })
    }

    /// Deletes a token, which refuses its next use.
    pub async fn delete_token(&self, actor: &Actor, id: TokenId) -> Result<Token> {
        actor.require(Permission::Administer)?;
        self.storage.delete_token(id).await?.ok_or_else(|| AdminError::no("token", id))
    }

    /// The actor behind a token's secret, if it is one of ours.
    pub async fn authenticate(&self, secret: &str) -> Result<Option<Actor>> {
        let Some(token) = self.storage.token_by_hash(&secret::digest(secret)).await? else {
            return Ok(None);
        };
        let now = now();
        if token.last_used_at.is_none_or(|at| at.plus(TOUCH_MS) < now) {
            // Nobody waits for that, nor is refused where it cannot be written.
            let (storage, id) = (self.storage.clone(), token.id);
            tokio::spawn(async move {
                if let Err(error) = storage.touch_token(id, now).await {
                    tracing::warn!(%error, token = %id, "when a token was used last is not noted");
                }
            });
        }
        Ok(Some(Actor { name: token.name, grant: Grant::Token(token.scopes) }))
    }
}
