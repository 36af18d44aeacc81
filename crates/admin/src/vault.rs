//! Variables of the installation, secrets and mail profiles. What nobody may read is sealed with the
//! installation's key before it is kept, and never shown again.

use crate::{Admin, AdminError, Result, amid_others, certificate, no_problems, now};
use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    ids::{FlowId, MailProfileId},
    mail_profile::{MailProfile, MailProfileDraft},
    problem::Problem,
    secret::{SIGNING_KEY, SIGNING_PREFIX, Secret, SecretDraft},
    user::{Actor, Permission},
    variable::{Kept, KeptVariable, NAME_MAX, Variable, VariableDraft, name_problem},
};
use rand::RngCore;
use storage::{
    key::{Key, Seal},
    vault::{KeptMailProfile, KeptSecret},
};

/// A flow whose newest version names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    pub id: FlowId,
    pub name: String,
}

impl Admin {
    /// The use cases with the installation's key.
    #[must_use]
    pub fn with_key(self, key: Key) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The variables of the installation whose name holds the text.
    pub async fn variables(&self, actor: &Actor, search: &str) -> Result<Vec<Variable>> {
        actor.require(Permission::Edit)?;
        let all = self.storage.variables().await?.into_iter().map(shown);
        Ok(all.filter(|one| holds(&one.name, search)).collect())
    }

    /// A variable of the installation.
    pub async fn variable(&self, actor: &Actor, name: &str) -> Result<Variable> {
        actor.require(Permission::Edit)?;
        let found = self.storage.variable(known("variable", name)?).await?;
        found.map(shown).ok_or_else(|| AdminError::no("variable", name))
    }

    /// Makes a variable of the installation, or sets it anew.
    pub async fn put_variable(
        &self,
        actor: &Actor,
        name: &str,
        draft: VariableDraft,
    ) -> Result<Variable> {
        actor.require(Permission::Configure)?;
        let name = name.trim();
        no_problems(name_problem(name).into_iter().chain(draft.problems()).collect())?;
        let value = match draft.encrypted {
            true => Kept::Sealed(self.key()?.seal(Seal::Variable(name), &draft.value)),
            false => Kept::Plain(draft.value),
        };
        let (name, updated_by) = (name.to_owned(), actor.name.clone());
        let variable = KeptVariable { name, value, updated_at: now(), updated_by };
        self.storage.put_variable(&variable).await?;
        Ok(shown(variable))
    }

    /// Deletes a variable of the installation.
    pub async fn delete_variable(&self, actor: &Actor, name: &str) -> Result<Variable> {
        actor.require(Permission::Configure)?;
        let deleted = self.storage.delete_variable(known("variable", name)?).await?;
        deleted.map(shown).ok_or_else(|| AdminError::no("variable", name))
    }

    /// The secrets whose name or description holds the text.
    pub async fn secrets(&self, actor: &Actor, search: &str) -> Result<Vec<Secret>> {
        actor.require(Permission::Edit)?;
        let mut all = self.storage.secrets().await?;
        all.retain(|one| holds(&one.name, search) || holds(&one.description, search));
        Ok(all)
    }

    /// A secret, without its value.
    pub async fn secret(&self, actor: &Actor, name: &str) -> Result<Secret> {
        actor.require(Permission::Edit)?;
        let found = self.storage.secret(known("secret", name)?).await?;
        found.map(|found| found.secret).ok_or_else(|| AdminError::no("secret", name))
    }

    /// Makes a secret, or sets it anew; what the draft leaves out stays as it is, whoever else sets it.
    pub async fn put_secret(
        &self,
        actor: &Actor,
        name: &str,
        draft: SecretDraft,
    ) -> Result<Secret> {
        actor.require(Permission::Configure)?;
        let name = name.trim();
        let mut problems: Vec<_> = name_problem(name).into_iter().chain(draft.problems()).collect();
        if name == SIGNING_KEY
            && let Some(value) = &draft.value
            && signing_bytes(value).is_none()
        {
            let detail = format!("is {SIGNING_PREFIX} and 24 to 64 bytes in base64");
            problems.push(Problem::new("/value", detail));
        }
        let value = match draft.value.map(certificate::checked).transpose() {
            Ok(value) => value,
            Err(why) => {
                problems.push(Problem::new("/value", why));
                None
            }
        };
        no_problems(problems)?;
        let draft = SecretDraft { value, description: draft.description };
        let put = amid_others(|| async {
            let was = self.storage.secret(name).await?;
            let kept = self.sealed_secret(actor, name, &draft, was.as_ref())?;
            Ok(self.storage.put_secret(was.as_ref(), &kept).await)
        });
        Ok(put.await??)
    }

    /// A secret as it is to be kept, after what it was.
    fn sealed_secret(
        &self,
        actor: &Actor,
        name: &str,
        draft: &SecretDraft,
        was: Option<&KeptSecret>,
    ) -> Result<KeptSecret> {
        let sealed = match (&draft.value, was) {
            (Some(value), _) => self.key()?.seal(Seal::Secret(name), value),
            (None, Some(was)) => was.sealed.clone(),
            (None, None) => {
                return Err(AdminError::Invalid(vec![Problem::new("/value", "is needed")]));
            }
        };
        let described = draft.description.as_deref().map(str::trim);
        let described = described.or(was.map(|was| was.secret.description.as_str()));
        let now = now();
        let secret = Secret {
            name: name.to_owned(),
            description: described.unwrap_or_default().to_owned(),
            created_at: now,
            updated_at: now,
            updated_by: actor.name.clone(),
        };
        Ok(KeptSecret { secret, sealed })
    }

    /// Makes a new key to sign requests with, and answers it, this once.
    pub async fn make_signing_key(&self, actor: &Actor) -> Result<String> {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        let value = format!("{SIGNING_PREFIX}{}", BASE64_STANDARD.encode(bytes));
        let draft = SecretDraft { value: Some(value.clone()), description: None };
        self.put_secret(actor, SIGNING_KEY, draft).await?;
        Ok(value)
    }

    /// Deletes a secret.
    pub async fn delete_secret(&self, actor: &Actor, name: &str) -> Result<Secret> {
        actor.require(Permission::Configure)?;
        let deleted = self.storage.delete_secret(known("secret", name)?).await?;
        deleted.ok_or_else(|| AdminError::no("secret", name))
    }

    /// The flows whose newest version names this secret, by name.
    pub async fn flows_with_secret(&self, actor: &Actor, name: &str) -> Result<Vec<Naming>> {
        let mut ways = [r#""certificate":""#, r#""certificate": ""#]
            .map(|way| format!("{way}{name}\""))
            .to_vec();
        ways.extend((name == SIGNING_KEY).then(|| "\"sign\"".to_owned()));
        self.flows_naming(actor, &format!("${{secret.{name}"), &ways).await
    }

    /// The flows whose newest version names this variable of the installation, by name.
    pub async fn flows_with_variable(&self, actor: &Actor, name: &str) -> Result<Vec<Naming>> {
        self.flows_naming(actor, &format!("$${{{name}"), &[]).await
    }

    async fn flows_naming(&self, actor: &Actor, begun: &str, or: &[String]) -> Result<Vec<Naming>> {
        actor.require(Permission::Edit)?;
        let names = |source: &str| {
            let ends = |at: usize| source[at + begun.len()..].starts_with(['}', '.']);
            source.match_indices(begun).any(|(at, _)| ends(at))
                || or.iter().any(|or| source.contains(or))
        };
        let flows = self.storage.configuration().await?.flows.into_iter();
        let mut found: Vec<_> = flows
            .filter(|flow| names(&flow.source))
            .map(|flow| Naming { id: flow.id, name: flow.name })
            .collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// The mail profiles whose name, server or sender holds the text.
    pub async fn mail_profiles(&self, actor: &Actor, search: &str) -> Result<Vec<MailProfile>> {
        actor.require(Permission::Edit)?;
        let mut all = self.storage.mail_profiles().await?;
        all.retain(|one| {
            [&one.name, &one.server, &one.from].iter().any(|text| holds(text, search))
        });
        Ok(all)
    }

    /// A mail profile, without its password.
    pub async fn mail_profile(&self, actor: &Actor, name: &str) -> Result<MailProfile> {
        actor.require(Permission::Edit)?;
        let found = self.storage.mail_profile(known("mail profile", name)?).await?;
        found.map(|found| found.profile).ok_or_else(|| AdminError::no("mail profile", name))
    }

    /// Makes a mail profile, or sets it anew; a password that is left out stays as it is, whoever else
    /// sets it. It was given for one server: another one is not sent it unless it is given anew.
    pub async fn put_mail_profile(
        &self,
        actor: &Actor,
        name: &str,
        draft: MailProfileDraft,
    ) -> Result<MailProfile> {
        actor.require(Permission::Configure)?;
        let mut problems = draft.problems();
        let name = crate::checked_name("name", name, NAME_MAX, &mut problems);
        // Flows name a profile by its number as well.
        if name.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() {
            problems.push(Problem::new("/name", "is not a number alone"));
        }
        no_problems(problems)?;
        let put = amid_others(|| async {
            let was = self.storage.mail_profile(&name).await?;
            let kept = self.sealed_mail_profile(actor, &name, &draft, was.as_ref())?;
            Ok(self.storage.put_mail_profile(was.as_ref(), &kept).await)
        });
        Ok(put.await??)
    }

    /// A mail profile as it is to be kept, after what it was.
    fn sealed_mail_profile(
        &self,
        actor: &Actor,
        name: &str,
        draft: &MailProfileDraft,
        was: Option<&KeptMailProfile>,
    ) -> Result<KeptMailProfile> {
        let server = draft.server.trim();
        if let Some(KeptMailProfile { profile, sealed_password: Some(_) }) = was
            && draft.password.is_none()
            && !profile.server.eq_ignore_ascii_case(server)
        {
            let why =
                format!("was given for {}, so {server} is to be given one anew", profile.server);
            no_problems(vec![Problem::new("/password", why)])?;
        }
        let sealed_password = match draft.password.as_deref() {
            None => was.and_then(|was| was.sealed_password.clone()),
            Some("") => None,
            Some(password) => Some(self.key()?.seal(Seal::MailPassword(name), password)),
        };
        let user = draft.user.as_deref().map(str::trim).filter(|user| !user.is_empty());
        let profile = MailProfile {
            // The database gives it.
            id: MailProfileId(0),
            name: name.to_owned(),
            server: server.to_owned(),
            port: draft.port,
            tls: draft.tls,
            user: user.map(str::to_owned),
            has_password: sealed_password.is_some(),
            from: draft.from.trim().to_owned(),
            updated_at: now(),
            updated_by: actor.name.clone(),
        };
        Ok(KeptMailProfile { profile, sealed_password })
    }

    /// Deletes a mail profile.
    pub async fn delete_mail_profile(&self, actor: &Actor, name: &str) -> Result<MailProfile> {
        actor.require(Permission::Configure)?;
        let deleted = self.storage.delete_mail_profile(known("mail profile", name)?).await?;
        deleted.ok_or_else(|| AdminError::no("mail profile", name))
    }

    fn key(&self) -> Result<&Key> {
        let none = || AdminError::Conflict("there is no key here to keep secrets with".into());
        self.key.as_ref().ok_or_else(none)
    }
}

/// A name that can be looked up; nothing has any other.
fn known<'n>(what: &'static str, name: &'n str) -> Result<&'n str> {
    if name.contains('\0') { Err(AdminError::no(what, name)) } else { Ok(name) }
}

fn shown(kept: KeptVariable) -> Variable {
    let (value, encrypted) = match kept.value {
        Kept::Plain(value) => (Some(value), false),
        Kept::Sealed(_) => (None, true),
    };
    let KeptVariable { name, updated_at, updated_by, .. } = kept;
    Variable { name, value, encrypted, updated_at, updated_by }
}

fn holds(text: &str, search: &str) -> bool {
    text.to_lowercase().contains(&search.trim().to_lowercase())
}

/// The bytes of a signing key; nothing where it is none.
fn signing_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64_STANDARD.decode(text.strip_prefix(SIGNING_PREFIX)?).ok()?;
    (24..=64).contains(&bytes.len()).then_some(bytes)
}
