//! `VaultStore`, `VariableStore`, `SecretStore`, `MailProfileStore`, and the key that seals.

use crate::support::*;
use model::{
    effect::Effect,
    ids::MailProfileId,
    mail_profile::{MailProfile, MailTls},
    secret::Secret,
    variable::{Kept, KeptVariable},
};
use std::os::unix::fs::PermissionsExt;
use storage::{
    Forgotten, StorageError,
    journal::Batch,
    key::{Key, KeyError, Seal},
    vault::{KeptMailProfile, KeptSecret},
};
use tempfile::TempDir;

pub fn variable(name: &str, value: &str) -> KeptVariable {
    KeptVariable {
        name: name.into(),
        value: Kept::Plain(value.into()),
        updated_at: NOW,
        updated_by: "olena".into(),
    }
}

pub fn secret(key: &Key, name: &str, value: &str) -> KeptSecret {
    let secret = Secret {
        name: name.into(),
        description: format!("about {name}"),
        created_at: NOW,
        updated_at: NOW,
        updated_by: "olena".into(),
    };
    KeptSecret { secret, sealed: key.seal(Seal::Secret(name), value) }
}

pub fn profile(key: &Key, name: &str, password: Option<&str>) -> KeptMailProfile {
    let profile = MailProfile {
        id: MailProfileId(0),
        name: name.into(),
        server: "mail.example".into(),
        port: 587,
        tls: MailTls::StartTls,
        user: password.map(|_| "hooks".into()),
        has_password: password.is_some(),
        from: "hooks@example.org".into(),
        updated_at: NOW,
        updated_by: "olena".into(),
    };
    let sealed_password = password.map(|text| key.seal(Seal::MailPassword(name), text));
    KeptMailProfile { profile, sealed_password }
}

#[tokio::test]
async fn a_variable_is_what_was_put_last() {
    on_every_backend(async |store| {
        let key = Key::random();
        store.put_variable(&variable("b", "")).await.unwrap();
        store.put_variable(&variable("черга", "1")).await.unwrap();
        let sealed = key.seal(Seal::Variable("b"), "s3cret");
        let set = KeptVariable {
            value: Kept::Sealed(sealed),
            updated_at: NOW.plus(1),
            updated_by: "petro".into(),
            ..variable("b", "")
        };
        store.put_variable(&set).await.unwrap();
        assert_eq!(store.variable("b").await.unwrap(), Some(set.clone()));
        assert_eq!(store.variable("B").await.unwrap(), None);
        assert_eq!(store.variables().await.unwrap(), [set.clone(), variable("черга", "1")]);
        assert_eq!(store.delete_variable("b").await.unwrap(), Some(set));
        assert_eq!(store.delete_variable("b").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_secret_keeps_when_it_was_made() {
    on_every_backend(async |store| {
        let key = Key::random();
        let first = secret(&key, "CRM", "s3cret");
        assert_eq!(store.put_secret(None, &first).await.unwrap(), first.secret);
        let mut second = secret(&key, "CRM", "other");
        second.secret.created_at = NOW.plus(9);
        second.secret.updated_at = NOW.plus(9);
        let put = store.put_secret(Some(&first), &second).await.unwrap();
        assert_eq!((put.created_at, put.updated_at), (NOW, NOW.plus(9)));
        let late = store.put_secret(Some(&first), &first).await;
        assert!(matches!(late, Err(StorageError::Meanwhile)), "{late:?}");
        let kept = store.secret("CRM").await.unwrap().unwrap();
        assert_eq!(key.open(Seal::Secret("CRM"), &kept.sealed).unwrap(), "other");
        store.put_secret(None, &secret(&key, "API", "x")).await.unwrap();
        let names: Vec<_> =
            store.secrets().await.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["API", "CRM"]);
        assert_eq!(store.delete_secret("CRM").await.unwrap(), Some(put));
        assert_eq!(store.delete_secret("CRM").await.unwrap(), None);
        let late = store.put_secret(Some(&kept), &second).await;
        assert!(matches!(late, Err(StorageError::Meanwhile)), "{late:?}");
        assert_eq!(store.secret("CRM").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_mail_profile_keeps_its_number() {
    on_every_backend(async |store| {
        let key = Key::random();
        let made = store.put_mail_profile(None, &profile(&key, "office", Some("p"))).await.unwrap();
        assert_eq!(made, MailProfile { id: made.id, ..profile(&key, "office", Some("p")).profile });
        let mut changed = profile(&key, "office", None);
        changed.profile.tls = MailTls::Implicit;
        let was = store.mail_profile("office").await.unwrap();
        let put = store.put_mail_profile(was.as_ref(), &changed).await.unwrap();
        assert_eq!((put.id, put.tls, put.has_password), (made.id, MailTls::Implicit, false));
        let late = store.put_mail_profile(was.as_ref(), &changed).await;
        assert!(matches!(late, Err(StorageError::Meanwhile)), "{late:?}");
        let other = store.put_mail_profile(None, &profile(&key, "alarm", None)).await.unwrap();
        assert_ne!(other.id, made.id);
        let names: Vec<_> =
            store.mail_profiles().await.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["alarm", "office"]);
        assert_eq!(store.delete_mail_profile("office").await.unwrap(), Some(put));
        assert_eq!(store.mail_profile("office").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_has_changed_since_a_revision_is_told_and_after_a_deletion_everything() {
    on_every_database(async |database| {
        let (here, there) = (database.open().await, database.open().await);
        let key = Key::random();
        let told = here.vault_changes();
        let nothing = here.vault_news(0).await.unwrap();
        assert!(nothing.variables.is_empty() && nothing.secrets.is_empty());

        here.put_variable(&variable("a", "1")).await.unwrap();
        let first = here.vault_news(0).await.unwrap();
        assert_eq!(*told.borrow(), first.revision, "told before it was answered");
        assert_eq!((first.whole, first.variables), (true, vec![variable("a", "1")]));
        assert_eq!(here.vault_revision().await.unwrap(), first.revision);

        there.put_variable(&variable("b", "2")).await.unwrap();
        there.put_secret(None, &secret(&key, "CRM", "s")).await.unwrap();
        there.put_mail_profile(None, &profile(&key, "office", None)).await.unwrap();
        assert!(here.vault_revision().await.unwrap() > first.revision);
        let news = here.vault_news(first.revision).await.unwrap();
        assert_eq!((news.whole, news.variables), (false, vec![variable("b", "2")]));
        assert_eq!((news.secrets.len(), news.mail_profiles.len()), (1, 1));
        assert!(here.vault_news(news.revision).await.unwrap().variables.is_empty());

        there.delete_variable("a").await.unwrap();
        let news = here.vault_news(news.revision).await.unwrap();
        assert_eq!((news.whole, news.variables), (true, vec![variable("b", "2")]));
        assert_eq!((news.secrets.len(), news.mail_profiles.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_run_sets_variables_in_its_commit() {
    on_every_backend(async |store| {
        store.put_variable(&variable("a", "0")).await.unwrap();
        let (told, before) = (store.vault_changes(), store.vault_revision().await.unwrap());
        let set = |name: &str, value: &str| Effect::SetVariable(variable(name, value));
        let effects = vec![set("b", "1"), set("a", "1"), set("b", "2")];
        store.commit(&Batch { effects, ..Batch::default() }).await.unwrap();
        let news = store.vault_news(before).await.unwrap();
        assert_eq!(*told.borrow(), news.revision);
        let mut variables = news.variables;
        variables.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(variables, [variable("a", "1"), variable("b", "2")]);
        store.commit(&Batch::default()).await.unwrap();
        assert_eq!(store.vault_revision().await.unwrap(), news.revision);
    })
    .await;
}

#[tokio::test]
async fn changes_of_the_vault_leave_the_revision_of_what_is_set_up() {
    on_every_backend(async |store| {
        let before = store.revision().await.unwrap();
        store.put_variable(&variable("a", "1")).await.unwrap();
        store.delete_variable("a").await.unwrap();
        assert_eq!(store.revision().await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn the_first_of_a_fact_stays() {
    on_every_backend(async |store| {
        assert_eq!(store.put_first_fact("f", "1").await.unwrap(), "1");
        assert_eq!(store.put_first_fact("f", "2").await.unwrap(), "1");
        assert_eq!(store.fact("f").await.unwrap().as_deref(), Some("1"));
    })
    .await;
}

#[tokio::test]
async fn a_key_is_made_once_and_another_one_is_refused_by_its_file() {
    on_every_database(async |database| {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("made/offhook.key");
        let store = database.open().await;
        let made = Key::of_file(&file, &*store).await.unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let files = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "what was begun is gone");
        let sealed = made.seal(Seal::Secret("CRM"), "s3cret");
        let again = Key::of_file(&file, &*database.open().await).await.unwrap();
        assert_eq!(again.open(Seal::Secret("CRM"), &sealed).unwrap(), "s3cret");

        let elsewhere = folder.path().join("other.key");
        let missing = Key::of_file(&elsewhere, &*store).await.unwrap_err();
        assert!(matches!(missing, KeyError::Missing(_)), "{missing}");
        assert!(!elsewhere.exists(), "no other key is made");
        std::fs::write(&elsewhere, format!("{}\n", "0".repeat(64))).unwrap();
        let wrong = Key::of_file(&elsewhere, &*store).await.unwrap_err();
        assert!(matches!(wrong, KeyError::Wrong(_)), "{wrong}");
        assert!(wrong.to_string().contains("other.key"), "{wrong}");
        for text in ["", "00", "no hexadecimal digits"] {
            std::fs::write(&elsewhere, text).unwrap();
            let malformed = Key::of_file(&elsewhere, &*store).await.unwrap_err();
            assert!(matches!(malformed, KeyError::Malformed(_)), "{malformed}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_nodes_that_start_at_once_with_keys_of_their_own_one_alone_goes_on() {
    on_every_database(async |database| {
        let folder = TempDir::new().unwrap();
        let (here, there) = (database.open().await, database.open().await);
        let (one, other) = (folder.path().join("1.key"), folder.path().join("2.key"));
        let (one, other) = tokio::join!(Key::of_file(&one, &*here), Key::of_file(&other, &*there));
        let refused = [one, other].into_iter().filter_map(Result::err);
        let refused: Vec<_> = refused.collect();
        let as_meant =
            |error: &KeyError| matches!(error, KeyError::Wrong(_) | KeyError::Missing(_));
        assert!(refused.len() == 1 && refused.iter().all(as_meant), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_sealed_is_forgotten_so_that_another_key_can_be_made() {
    on_every_database(async |database| {
        let folder = TempDir::new().unwrap();
        let store = database.open().await;
        let key = Key::of_file(&folder.path().join("lost.key"), &*store).await.unwrap();
        store.put_variable(&variable("region", "Kyiv")).await.unwrap();
        let sealed = Kept::Sealed(key.seal(Seal::Variable("hidden"), "h"));
        store
            .put_variable(&KeptVariable { value: sealed, ..variable("hidden", "") })
            .await
            .unwrap();
        store.put_secret(None, &secret(&key, "CRM", "s3cret")).await.unwrap();
        store.put_mail_profile(None, &profile(&key, "office", Some("p"))).await.unwrap();
        store.put_mail_profile(None, &profile(&key, "open", None)).await.unwrap();
        let before = store.vault_revision().await.unwrap();

        let forgotten = store.forget_sealed().await.unwrap();
        assert_eq!(forgotten, Forgotten { secrets: 1, variables: 1, passwords: 1 });
        let news = store.vault_news(before).await.unwrap();
        assert!(news.whole && news.secrets.is_empty());
        let names: Vec<_> = news.variables.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["region"]);
        assert_eq!(news.mail_profiles.len(), 2);
        assert!(news.mail_profiles.iter().all(|one| one.sealed_password.is_none()));
        let file = folder.path().join("new.key");
        Key::of_file(&file, &*store).await.unwrap();
        assert!(file.exists());
    })
    .await;
}
