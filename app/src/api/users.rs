//! Users.

use super::form::Reply;
use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{api::form::Done, text::users as text, typed};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::{ids::UserId, user::User};

/// All users whose login holds the text.
#[server(prefix = "/api/panel", endpoint = "users/list")]
pub async fn list_users(search: String) -> Result<Vec<User>, AppError> {
    Ok(super::admin()?.users(&super::actor().await?, &search).await?)
}

/// One user.
#[server(prefix = "/api/panel", endpoint = "users/get", input = Json)]
pub async fn get_user(id: UserId) -> Result<User, AppError> {
    Ok(super::admin()?.user(&super::actor().await?, id).await?)
}

/// Makes a user.
#[server(prefix = "/api/panel", endpoint = "users/create")]
pub async fn create_user(login: String, role: String, password: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(typed![login, role], async {
        let (admin, role) = (super::admin()?, word("role", &role)?);
        let user = admin.create_user(&super::actor().await?, &login, role, password).await?;
        Ok(Done::to("/users").saying(text::made(&user.login)))
    })
    .await
}

/// Gives a user another role.
#[server(prefix = "/api/panel", endpoint = "users/role")]
pub async fn set_user_role(id: String, role: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(typed![role], async {
        let (id, role) = (word("id", &id)?, word("role", &role)?);
        let user = super::admin()?.set_user_role(&super::actor().await?, id, role).await?;
        Ok(Done::to("/users").saying(text::role_changed(&user.login, user.role)))
    })
    .await
}

/// Gives a user another password.
#[server(prefix = "/api/panel", endpoint = "users/password")]
pub async fn set_user_password(id: String, password: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(Vec::new(), async {
        let (admin, id) = (super::admin()?, word("id", &id)?);
        let user = admin.set_user_password(&super::actor().await?, id, password).await?;
        Ok(Done::to("/users").saying(text::password_changed(&user.login)))
    })
    .await
}

/// Deletes a user.
#[server(prefix = "/api/panel", endpoint = "users/delete")]
pub async fn delete_user(id: String) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    answer(Vec::new(), async {
        let id = word("id", &id)?;
        let user = super::admin()?.delete_user(&super::actor().await?, id).await?;
        Ok(Done::to("/users").saying(text::deleted(&user.login)))
    })
    .await
}
