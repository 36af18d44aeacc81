//! `NoteStore`.

use crate::support::*;
use model::{
    effect::Effect,
    ids::{NoteId, UserId},
    note::Note,
    time::Millis,
    user::Role,
};
use storage::{Storage, journal::Batch};

fn note(user: UserId, message: &str, timeout_s: Option<u32>, made_at: Millis) -> Note {
    let id = NoteId(uuid_at(made_at));
    Note { id, user, kind: "info".into(), message: message.into(), timeout_s, made_at }
}

async fn leave(store: &dyn Storage, notes: &[Note]) {
    let effects = notes.iter().cloned().map(Effect::Note).collect();
    store.commit(&Batch { effects, ..Batch::default() }).await.unwrap();
}

#[tokio::test]
async fn notes_are_handed_to_their_user_newest_first_and_those_with_a_time_once() {
    on_every_backend(async |store| {
        let ann = store.create_user("ann", Role::Admin, "h", NOW).await.unwrap().id;
        let bob = store.create_user("bob", Role::Viewer, "h", NOW).await.unwrap().id;
        let (stays, once) =
            (note(ann, "знову", None, NOW), note(ann, "once", Some(5), NOW.plus(1)));
        let others = [note(bob, "to bob", None, NOW), note(UserId(9_999), "nobody", None, NOW)];
        leave(&*store, &[stays.clone(), once.clone()]).await;
        // Written again, as after a lost answer, it comes to the same.
        leave(&*store, &[&others[..], std::slice::from_ref(&stays)].concat()).await;
        assert_eq!(store.take_notes(ann, 1, NOW).await.unwrap(), [once]);
        for _ in 0..2 {
            let taken = store.take_notes(ann, 9, NOW).await.unwrap();
            assert_eq!(taken, std::slice::from_ref(&stays));
        }
        assert!(!store.close_note(bob, stays.id).await.unwrap(), "it is another's");
        assert!(store.close_note(ann, stays.id).await.unwrap());
        assert!(!store.close_note(ann, stays.id).await.unwrap());
        assert_eq!(store.take_notes(ann, 9, NOW).await.unwrap(), []);
        assert_eq!(store.take_notes(bob, 9, NOW).await.unwrap(), others[..1]);
        let known = store.known_users(&[UserId(9_999), bob, ann]).await.unwrap();
        assert_eq!((known, store.known_users(&[]).await.unwrap()), (vec![ann, bob], vec![]));
        store.delete_user(bob).await.unwrap();
        assert_eq!(store.take_notes(bob, 9, NOW).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_note_that_nobody_saw_for_a_day_is_gone_and_is_swept() {
    on_every_backend(async |store| {
        let ann = store.create_user("ann", Role::Admin, "h", NOW).await.unwrap().id;
        let one = note(ann, "old", None, NOW);
        leave(&*store, std::slice::from_ref(&one)).await;
        let end = one.expires_at();
        assert_eq!(store.take_notes(ann, 9, end.plus(-1)).await.unwrap(), [one]);
        assert_eq!(store.take_notes(ann, 9, end).await.unwrap(), []);
        assert_eq!(store.sweep_kept(9, end.plus(-1)).await.unwrap(), 0);
        assert_eq!(store.sweep_kept(9, end).await.unwrap(), 1);
    })
    .await;
}
