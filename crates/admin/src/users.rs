//! Users, signing in, and the one-time link of the first administrator.

use crate::{Admin, AdminError, Result, SignIn, checked_name, no_problems, now, secret};
use model::{
    ids::UserId,
    problem::Problem,
    time::Millis,
    user::{Actor, Grant, Permission, Role, User},
};
use storage::Account;

/// How long a link lives, in milliseconds: one day.
const LINK_MS: i64 = 86_400_000;
const LOGIN_MAX: usize = 80;
const PASSWORD_MIN: usize = 10;
const PASSWORD_MAX: usize = 200;

/// Who has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    pub user: User,
    /// A session that is said to have begun before counts for nothing.
    pub sessions_since: Millis,
}

impl Admin {
    /// All users whose login holds the text.
    pub async fn users(&self, actor: &Actor, search: &str) -> Result<Vec<User>> {
        actor.require(Permission::Administer)?;
        Ok(self.storage.users(search).await?)
    }

    /// One user.
    pub async fn user(&self, actor: &Actor, id: UserId) -> Result<User> {
        actor.require(Permission::Administer)?;
        self.storage.user(id).await?.ok_or_else(|| AdminError::no("user", id))
    }

    /// Makes a user.
    pub async fn create_user(
        &self,
        actor: &Actor,
        login: &str,
        role: Role,
        password: String,
    ) -> Result<User> {
        actor.require(Permission::Administer)?;
        let login = checked_login(login, Some(&password))?;
        let hash = self.hashing.place()?.hash(password).await?;
        Ok(self.storage.create_user(&login, role, &hash, now()).await?)
    }

    /// Gives a user another role.
    pub async fn set_user_role(&self, actor: &Actor, id: UserId, role: Role) -> Result<User> {
        actor.require(Permission::Administer)?;
        let changed = self.storage.set_user_role(id, role).await?;
        changed.ok_or_else(|| AdminError::no("user", id))
    }

    /// Gives a user another password, which ends the sessions and the sign-in links of the old one.
    pub async fn set_user_password(
        &self,
        actor: &Actor,
        id: UserId,
        password: String,
    ) -> Result<User> {
        actor.require(Permission::Administer)?;
        Ok(self.put_password(id, password).await?.user)
    }

    /// Gives who has this login another password, given the present one. It ends their sessions and
    /// sign-in links.
    pub async fn change_own_password(
        &self,
        slow: &SignIn,
        login: &str,
        current: String,
        password: String,
    ) -> Result<SignedIn> {
        let SignedIn { user, .. } = self.sign_in(slow, login, current).await?;
        self.put_password(user.id, password).await
    }

    async fn put_password(&self, id: UserId, password: String) -> Result<SignedIn> {
        no_problems(password_problems(&password))?;
        let hash = self.hashing.place()?.hash(password).await?;
        let changed = self.storage.set_user_password(id, &hash, now()).await?;
        let (user, sessions_since) = changed.ok_or_else(|| AdminError::no("user", id))?;
        Ok(SignedIn { user, sessions_since })
    }

    /// Deletes a user.
    pub async fn delete_user(&self, actor: &Actor, id: UserId) -> Result<User> {
        actor.require(Permission::Administer)?;
        if matches!(actor.grant, Grant::User(own, _) if own == id) {
            return Err(AdminError::Conflict("you cannot delete yourself".into()));
        }
        self.storage.delete_user(id).await?.ok_or_else(|| AdminError::no("user", id))
    }

    /// The user of a session that began then as an actor, while the user exists and has the
    /// same password; role changes count at once.
    pub async fn actor_of(&self, id: UserId, began: Millis) -> Result<Option<Actor>> {
        let user = self.storage.user_of_session(id, began).await?;
        Ok(user.map(|user| Actor { name: user.login, grant: Grant::User(user.id, user.role) }))
    }

    /// Checks login and password. Each wrong one in a row makes the next try wait longer.
    pub async fn sign_in(&self, slow: &SignIn, login: &str, password: String) -> Result<SignedIn> {
        if login.trim().chars().count() > LOGIN_MAX {
            return Err(AdminError::WrongPassword);
        }
        let key = login.trim().to_lowercase();
        let known = self.storage.user_by_login(login.trim()).await?;
        let hash = known.as_ref().map(|account| account.password_hash.clone());
        let place = self.hashing.place()?;
        slow.begin(&key)?;
        // A longer one is nobody's, and is not worth hashing.
        if is_too_long(&password) || !place.fits(password, hash).await? {
            return Err(AdminError::WrongPassword);
        }
        slow.succeeded(&key);
        let Account { user, sessions_since, .. } = known.ok_or(AdminError::WrongPassword)?;
        self.storage.touch_user(user.id, now()).await?;
        Ok(SignedIn { user, sessions_since })
    }

    /// The secret of a link that signs this user in once, within a day.
    pub async fn new_sign_in_secret(&self, actor: &Actor, login: &str) -> Result<String> {
        actor.require(Permission::Administer)?;
        let known = self.storage.user_by_login(login.trim()).await?;
        let Account { user, .. } = known.ok_or_else(|| AdminError::no("user", login))?;
        let secret = secret::random("");
        let digest = secret::digest(&secret);
        self.storage.put_sign_in_link(user.id, &digest, now().plus(LINK_MS)).await?;
        Ok(secret)
    }

    /// Uses a sign-in link up; the user whom it signs in.
    pub async fn sign_in_by_link(&self, link: &str) -> Result<SignedIn> {
        let found = self.storage.use_sign_in_link(&secret::digest(link), now()).await?;
        let (user, sessions_since) = found.ok_or_else(|| {
            AdminError::Conflict("this link has been used, or is older than a day".into())
        })?;
        self.storage.touch_user(user.id, now()).await?;
        Ok(SignedIn { user, sessions_since })
    }

    /// Whether an administrator exists.
    pub async fn is_set_up(&self) -> Result<bool> {
        Ok(self.storage.has_admin().await?)
    }

    /// A new set-up link's secret, in place of any earlier one; nothing when an administrator
    /// exists.
    pub async fn new_setup_secret(&self) -> Result<Option<String>> {
        if self.storage.has_admin().await? {
            return Ok(None);
        }
        let secret = secret::random("");
        self.storage.put_setup_link(&secret::digest(&secret), now().plus(LINK_MS)).await?;
        Ok(Some(secret))
    }

    /// Whether the link may still be used.
    pub async fn setup_link_is_open(&self, link: &str) -> Result<bool> {
        Ok(self.storage.setup_link_is_open(&secret::digest(link), now()).await?)
    }

    /// Uses the link up and makes the first administrator.
    pub async fn set_up(&self, link: &str, login: &str, password: String) -> Result<User> {
        let used_up = || {
            AdminError::Conflict(
                "this link has been used, is older than a day, or was replaced by a newer one; \
                 start the server again for a new one"
                    .into(),
            )
        };
        // Looked at first: hashing is dear, and anybody may post here.
        if !self.setup_link_is_open(link).await? {
            return Err(used_up());
        }
        let login = checked_login(login, Some(&password))?;
        let hash = self.hashing.place()?.hash(password).await?;
        let made = self.storage.use_setup_link(&secret::digest(link), &login, &hash, now()).await?;
        made.ok_or_else(used_up)
    }
}

fn checked_login(login: &str, password: Option<&str>) -> Result<String> {
    let mut problems = Vec::new();
    let login = checked_name("login", login, LOGIN_MAX, &mut problems);
    if login.contains(char::is_whitespace) {
        problems.push(Problem::new("/login", "holds no spaces"));
    }
    problems.extend(password.map(password_problems).unwrap_or_default());
    no_problems(problems)?;
    Ok(login)
}

fn is_too_long(password: &str) -> bool {
    password.chars().count() > PASSWORD_MAX
}

fn password_problems(password: &str) -> Vec<Problem> {
    let length = password.chars().count();
    if (PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        return Vec::new();
    }
    let detail = format!("has {PASSWORD_MIN} to {PASSWORD_MAX} characters; this one has {length}");
    vec![Problem::new("/password", detail)]
}
