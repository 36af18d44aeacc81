//! API tokens: the secret is shown once, and stands nowhere.

use crate::support::*;
use model::user::{Grant, Scope};

#[tokio::test]
async fn a_secret_speaks_for_its_token_with_its_scopes() {
    let house = House::new().await;
    let ann = administrator();
    let scopes = [Scope::Read, Scope::Ingest, Scope::Read];
    let made = house.admin.create_token(&ann, " dialler ", &scopes).await.unwrap();
    assert_eq!(made.token.name, "dialler");
    assert_eq!(made.token.scopes, [Scope::Ingest, Scope::Read], "each once, in one order");
    let actor = house.admin.authenticate(&made.secret).await.unwrap().unwrap();
    assert_eq!(actor.name, "dialler");
    assert_eq!(actor.grant, Grant::Token(vec![Scope::Ingest, Scope::Read]));
    for stranger in ["", "oh_", &made.secret[..20], &made.token.hint, &format!("{} ", made.secret)]
    {
        assert_eq!(house.admin.authenticate(stranger).await.unwrap(), None, "{stranger:?}");
    }
}

#[tokio::test]
async fn the_secret_is_kept_as_a_hash_only() {
    let house = House::new().await;
    let made = house.admin.create_token(&administrator(), "crm", &[Scope::Read]).await.unwrap();
    assert!(made.secret.starts_with("oh_"));
    assert!(made.secret.starts_with(&made.token.hint) && made.token.hint.len() == 9);
    house.admin.authenticate(&made.secret).await.unwrap().unwrap();
    let whole = made.secret.as_bytes();
    // Neither the secret nor what the hint leaves out of it.
    for secret in [whole, &whole[made.token.hint.len()..]] {
        for (file, bytes) in house.kept() {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "the secret stands in {}", file.display());
        }
    }
    let hint = made.token.hint.as_bytes();
    let kept = house.kept();
    let shown = kept.iter().any(|(_, bytes)| bytes.windows(hint.len()).any(|one| one == hint));
    assert!(shown, "the hint is kept, so the files above were the right ones");
    let digest = "0".repeat(64);
    assert!(house.storage.token_by_hash(&digest).await.unwrap().is_none());
    assert!(house.storage.token_by_hash(&made.secret).await.unwrap().is_none());
}

#[tokio::test]
async fn a_use_of_a_token_is_noted() {
    let house = House::new().await;
    let ann = administrator();
    let made = house.admin.create_token(&ann, "crm", &[Scope::Read]).await.unwrap();
    assert_eq!(house.admin.tokens(&ann, "").await.unwrap()[0].last_used_at, None);
    house.admin.authenticate(&made.secret).await.unwrap().unwrap();
    // Beside the use, which does not wait for it.
    let used = loop {
        match house.admin.tokens(&ann, "CRM").await.unwrap()[0].last_used_at {
            Some(used) => break used,
            None => tokio::task::yield_now().await,
        }
    };
    assert!(used >= made.token.created_at);
}

#[tokio::test]
async fn a_deleted_token_refuses_its_next_use() {
    let house = House::new().await;
    let ann = administrator();
    let made = house.admin.create_token(&ann, "crm", &[Scope::Read]).await.unwrap();
    house.admin.authenticate(&made.secret).await.unwrap().unwrap();
    house.admin.delete_token(&ann, made.token.id).await.unwrap();
    assert_eq!(house.admin.authenticate(&made.secret).await.unwrap(), None);
    assert!(house.admin.tokens(&ann, "").await.unwrap().is_empty());
}
