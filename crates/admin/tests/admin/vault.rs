//! Variables of the installation, secrets and mail profiles: what is shown of them, and to whom.

use crate::support::*;
use admin::AdminError;
use model::{
    flow::FlowDraft,
    mail_profile::{MailProfileDraft, MailTls},
    secret::{SIGNING_KEY, SecretDraft},
    user::{Actor, Scope},
    variable::VariableDraft,
};

fn text(value: &str, encrypted: bool) -> VariableDraft {
    VariableDraft { value: value.into(), encrypted }
}

fn secret(value: Option<&str>, description: Option<&str>) -> SecretDraft {
    SecretDraft { value: value.map(Into::into), description: description.map(Into::into) }
}

fn profile() -> MailProfileDraft {
    MailProfileDraft {
        server: "mail.example".into(),
        port: 587,
        tls: MailTls::StartTls,
        user: Some("hooks".into()),
        password: Some("pa55word".into()),
        from: "Offhook <hooks@example.org>".into(),
    }
}

fn is_kept(house: &House, text: &str) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    house.kept().iter().any(|(_, bytes)| holds(bytes))
}

#[tokio::test]
async fn what_is_secret_stands_nowhere_as_it_is() {
    let house = House::new().await;
    let (admin, ann) = (&house.admin, administrator());
    admin.put_variable(&ann, "shown", text("seen by all", false)).await.unwrap();
    admin.put_variable(&ann, "hidden", text("seen by none", true)).await.unwrap();
    let made = admin.put_secret(&ann, "CRM", secret(Some("s3cret-of-crm"), Some("the CRM"))).await;
    assert_eq!(made.unwrap().updated_by, "ann");
    admin.put_mail_profile(&ann, "office", profile()).await.unwrap();
    assert!(is_kept(&house, "seen by all"), "the files are the right ones");
    for never in ["seen by none", "s3cret-of-crm", "pa55word"] {
        assert!(!is_kept(&house, never), "{never}");
    }
    assert_eq!(admin.variable(&ann, "shown").await.unwrap().value.as_deref(), Some("seen by all"));
    let hidden = admin.variable(&ann, "hidden").await.unwrap();
    assert_eq!((hidden.value, hidden.encrypted), (None, true));
    assert!(admin.mail_profile(&ann, "office").await.unwrap().has_password);
}

#[tokio::test]
async fn editors_see_what_there_is_and_administrators_and_tokens_change_it() {
    let house = House::new().await;
    let admin = &house.admin;
    let denied = |refused: Result<(), AdminError>| match refused {
        Err(AdminError::Denied(_)) => {}
        other => panic!("not denied: {other:?}"),
    };
    for actor in [viewer(), token(&[Scope::Read, Scope::Ingest])] {
        denied(admin.variables(&actor, "").await.map(drop));
        denied(admin.secrets(&actor, "").await.map(drop));
        denied(admin.mail_profiles(&actor, "").await.map(drop));
    }
    let change = async |actor: &Actor| {
        [
            admin.put_variable(actor, "a", text("1", false)).await.map(drop),
            admin.delete_variable(actor, "a").await.map(drop),
            admin.put_secret(actor, "A", secret(Some("1"), None)).await.map(drop),
            admin.make_signing_key(actor).await.map(drop),
            admin.delete_secret(actor, "A").await.map(drop),
            admin.put_mail_profile(actor, "office", profile()).await.map(drop),
            admin.delete_mail_profile(actor, "office").await.map(drop),
        ]
    };
    admin.variables(&editor(), "").await.unwrap();
    admin.secrets(&editor(), "").await.unwrap();
    admin.mail_profiles(&editor(), "").await.unwrap();
    change(&editor()).await.into_iter().for_each(denied);
    for actor in [administrator(), token(&[Scope::Manage])] {
        for changed in change(&actor).await {
            changed.unwrap();
        }
    }
}

#[tokio::test]
async fn what_a_change_leaves_out_stays() {
    let house = House::new().await;
    let (admin, ann) = (&house.admin, administrator());
    let none = admin.put_secret(&ann, "CRM", secret(None, Some("no value"))).await;
    assert_eq!(problems(none), ["/value: is needed"]);
    let made = admin.put_secret(&ann, "CRM", secret(Some("one"), Some("the CRM"))).await.unwrap();
    let before = house.storage.secret("CRM").await.unwrap().unwrap().sealed;
    let told = admin.put_secret(&ann, "CRM", secret(None, Some("our CRM"))).await.unwrap();
    assert_eq!((told.description.as_str(), told.created_at), ("our CRM", made.created_at));
    assert_eq!(house.storage.secret("CRM").await.unwrap().unwrap().sealed, before);
    let set = admin.put_secret(&ann, "CRM", secret(Some("two"), None)).await.unwrap();
    assert_eq!(set.description, "our CRM");
    assert_ne!(house.storage.secret("CRM").await.unwrap().unwrap().sealed, before);

    let made = admin.put_mail_profile(&ann, "office", profile()).await.unwrap();
    let draft = MailProfileDraft { password: None, port: 25, ..profile() };
    let kept = admin.put_mail_profile(&ann, "office", draft).await.unwrap();
    assert_eq!((kept.id, kept.port, kept.has_password), (made.id, 25, true));
    // What was given for one server is not sent to another.
    let moved =
        |password| MailProfileDraft { server: "else.example".into(), password, ..profile() };
    let refused = admin.put_mail_profile(&ann, "office", moved(None)).await;
    let why = "/password: was given for mail.example, so else.example is to be given one anew";
    assert_eq!(problems(refused), [why]);
    let moved = admin.put_mail_profile(&ann, "office", moved(Some("an0ther".into()))).await;
    assert_eq!(moved.unwrap().server, "else.example");
    let draft = MailProfileDraft { password: Some(String::new()), ..profile() };
    assert!(!admin.put_mail_profile(&ann, "office", draft).await.unwrap().has_password);
}

#[tokio::test]
async fn faults_are_named() {
    let house = House::new().await;
    let (admin, ann) = (&house.admin, administrator());
    let refused = admin.put_variable(&ann, "a b", text(&"x".repeat(70_000), false)).await;
    assert_eq!(
        problems(refused),
        [
            "/name: begins with a letter, and has letters, digits, _ and - alone",
            "/value: has at most 64 KiB",
        ]
    );
    let refused = admin.put_secret(&ann, "", secret(Some(""), None)).await;
    assert_eq!(problems(refused), ["/name: is needed", "/value: is needed"]);
    let refused = admin.put_secret(&ann, SIGNING_KEY, secret(Some("abc"), None)).await;
    assert_eq!(problems(refused), ["/value: is whsec_ and 24 to 64 bytes in base64"]);
    let draft = MailProfileDraft {
        server: "mail example".into(),
        port: 0,
        from: "nobody".into(),
        user: Some("a\nb".into()),
        ..profile()
    };
    let refused = problems(admin.put_mail_profile(&ann, "12", draft).await);
    let fields: Vec<_> = refused.iter().map(|one| one.split(':').next().unwrap()).collect();
    assert_eq!(fields, ["/server", "/port", "/from", "/user", "/name"], "{refused:?}");
    for gone in [
        not_found(admin.delete_variable(&ann, "x").await),
        not_found(admin.delete_secret(&ann, "x").await),
        not_found(admin.delete_mail_profile(&ann, "x").await),
    ] {
        assert!(gone.starts_with("there is no ") && gone.ends_with(" x"), "{gone}");
    }
}

#[tokio::test]
async fn a_signing_key_is_made_and_answered_once() {
    let house = House::new().await;
    let (admin, ann) = (&house.admin, administrator());
    let made = admin.make_signing_key(&ann).await.unwrap();
    assert!(made.starts_with("whsec_") && made.len() == 6 + 44, "{made}");
    assert!(!is_kept(&house, &made));
    assert_ne!(admin.make_signing_key(&ann).await.unwrap(), made);
    admin.put_secret(&ann, SIGNING_KEY, secret(Some(&made), None)).await.unwrap();
    assert_eq!(admin.secrets(&ann, "signing").await.unwrap()[0].name, SIGNING_KEY);
}

#[tokio::test]
async fn flows_that_name_a_secret_or_a_variable_are_found() {
    let house = House::new().await;
    let (admin, ed) = (&house.admin, editor());
    let flow = async |name: &str, source: &str| {
        let draft = FlowDraft { source: source.into(), ..flow_draft(name) };
        admin.create_flow(&ed, draft).await.unwrap();
    };
    let request = |header: &str| {
        format!(
            r#"[{{"httpRequest": {{"url": "https://a.example", "headers": {{"X": "{header}"}}}}}}]"#
        )
    };
    flow("b", &request("${secret.CRM}")).await;
    flow("a", &request("${secret.CRM.uri()} $${region}")).await;
    flow("c", &request("${secret.CRM2} ${region} $${region2}")).await;
    let names = |found: Vec<admin::Naming>| -> Vec<String> {
        found.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names(admin.flows_with_secret(&ed, "CRM").await.unwrap()), ["a", "b"]);
    assert_eq!(names(admin.flows_with_variable(&ed, "region").await.unwrap()), ["a"]);
    assert_eq!(names(admin.flows_with_secret(&ed, "region").await.unwrap()), [""; 0]);
}

#[tokio::test]
async fn the_cookies_that_a_flow_keeps_are_shown_to_nobody() {
    let house = House::new().await;
    let (admin, ann) = (&house.admin, administrator());
    for key in ["cookie:session:0a", "count"] {
        admin.put_cache_entry(&ann, key, "sid=1".into(), None).await.unwrap();
    }
    let all = admin.cache_entries(&ann, "", None, 9).await.unwrap();
    let values: Vec<_> = all.iter().map(|entry| entry.value.as_str()).collect();
    assert_eq!(values, ["[redacted]", "sid=1"], "{all:?}");
    let one = admin.cache_entry(&ann, "cookie:session:0a").await.unwrap();
    let forgotten = admin.forget_cache_entry(&ann, "cookie:session:0a").await.unwrap();
    assert_eq!([one.value, forgotten.value], ["[redacted]"; 2]);
}

#[tokio::test]
async fn a_secrets_new_value_is_not_lost_to_whoever_describes_it_at_once() {
    let house = House::new().await;
    house.admin.put_secret(&administrator(), "CRM", secret(Some("old"), None)).await.unwrap();
    let old = house.storage.secret("CRM").await.unwrap().unwrap().sealed;
    let drafts = [secret(Some("new"), None), secret(None, Some("the CRM"))];
    let putting = drafts.map(|draft| {
        let admin = house.admin.clone();
        tokio::spawn(async move { admin.put_secret(&administrator(), "CRM", draft).await })
    });
    for put in putting {
        put.await.unwrap().unwrap();
    }
    let kept = house.storage.secret("CRM").await.unwrap().unwrap();
    assert_eq!(kept.secret.description, "the CRM");
    assert_ne!(kept.sealed, old);
}
