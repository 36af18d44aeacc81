//! `ManyStore`.

use crate::support::*;
use model::{catalog::EventKind, hook::HookDraft, many::Refusal};
use storage::many::NewCopy;

#[tokio::test]
async fn what_is_chosen_is_named_and_what_is_not_there_is_left_out() {
    on_every_backend(async |store| {
        let b = wired(&*store, "beta", EventKind::Joined).await;
        let a = wired(&*store, "Alpha", EventKind::Leaving).await;
        let hooks = store.chosen_hooks(&[b.hook.id, NO_HOOK, a.hook.id]).await.unwrap();
        let named: Vec<_> = hooks
            .iter()
            .map(|hook| (hook.id, hook.event, hook.queue_name.as_str(), hook.flow_name.as_str()))
            .collect();
        let expected = [
            (a.hook.id, EventKind::Leaving, "Alpha", "Alpha"),
            (b.hook.id, EventKind::Joined, "beta", "beta"),
        ];
        assert_eq!(named, expected);
        let queues = store.chosen_queues(&[b.queue.id, NO_QUEUE, a.queue.id]).await.unwrap();
        let named: Vec<_> = queues.iter().map(|queue| (queue.id, queue.hooks)).collect();
        assert_eq!(named, [(a.queue.id, 1), (b.queue.id, 1)]);
        assert!(store.chosen_hooks(&[]).await.unwrap().is_empty());
        let wiring = store.wiring(&[a.queue.id, NO_QUEUE]).await.unwrap();
        assert_eq!(wiring, [(a.queue.id, EventKind::Leaving, a.flow.id)]);
    })
    .await;
}

#[tokio::test]
async fn the_hooks_of_a_queue_are_named_in_order_of_their_ids() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Leaving).await;
        let b = wired(&*store, "b", EventKind::Joined).await;
        let draft = hook_draft(b.flow.id, EventKind::Joined);
        let second = store.create_hook(a.queue.id, &draft, NOW).await.unwrap();
        store.set_hook_enabled(a.hook.id, false, NOW.plus(1)).await.unwrap();
        assert_eq!(store.hook_ids(a.queue.id).await.unwrap(), [a.hook.id, second.id]);
        assert_eq!(store.hook_ids(b.queue.id).await.unwrap(), [b.hook.id]);
        assert!(store.hook_ids(NO_QUEUE).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn many_changes_raise_the_revision_once() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Joined).await;
        let hooks = [a.hook.id, b.hook.id];
        let queues = [a.queue.id, b.queue.id];
        let told = store.changes();
        let mut revision = store.revision().await.unwrap();
        let mut raised = async |what: &str| {
            let now = store.revision().await.unwrap();
            assert_eq!(now, revision + 1, "{what}");
            assert_eq!(*told.borrow(), now, "{what} is told of");
            revision = now;
        };
        store.set_hooks_enabled(&hooks, false, NOW).await.unwrap();
        raised("switching hooks").await;
        store.move_hooks(&hooks, a.flow.id, NOW).await.unwrap();
        raised("moving hooks").await;
        let copies = hooks.map(|of| NewCopy { of, queue: b.queue.id, disabled: false });
        store.copy_hooks(&copies, NOW).await.unwrap();
        raised("copying hooks").await;
        store.set_queues_enabled(&queues, false, NOW).await.unwrap();
        raised("switching queues").await;
        store.duplicate_queue(a.queue.id, "c", false, NOW).await.unwrap();
        raised("duplicating a queue").await;
        store.delete_hooks(&hooks).await.unwrap();
        raised("deleting hooks").await;
        store.delete_queues(&queues).await.unwrap();
        raised("deleting queues").await;
    })
    .await;
}

#[tokio::test]
async fn what_breaks_a_rule_leaves_the_rest_of_the_transaction() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Joined).await;
        let second = HookDraft { enabled: false, ..hook_draft(b.flow.id, EventKind::Joined) };
        let second = store.create_hook(a.queue.id, &second, NOW).await.unwrap();

        let ids = [a.hook.id, NO_HOOK, b.hook.id];
        let left = store.move_hooks(&ids, b.flow.id, NOW.plus(1)).await.unwrap();
        assert_eq!(left, [(a.hook.id, Refusal::Taken), (NO_HOOK, Refusal::Gone)]);
        let moved = store.hook(b.hook.id).await.unwrap().unwrap();
        assert_eq!((moved.flow_id, moved.updated_at), (b.flow.id, NOW.plus(1)));
        assert_eq!(store.hook(a.hook.id).await.unwrap().unwrap(), a.hook);
        let left = store.move_hooks(&[a.hook.id, NO_HOOK], NO_FLOW, NOW).await.unwrap();
        assert_eq!(left, [(a.hook.id, Refusal::FlowGone), (NO_HOOK, Refusal::Gone)]);

        let copy = |of, queue| NewCopy { of, queue, disabled: false };
        let copies = [
            copy(second.id, b.queue.id),
            copy(NO_HOOK, b.queue.id),
            copy(a.hook.id, NO_QUEUE),
            copy(a.hook.id, b.queue.id),
        ];
        let made = store.copy_hooks(&copies, NOW.plus(2)).await.unwrap();
        assert_eq!(made[0], Err(Refusal::Taken), "b runs its own flow at this event already");
        assert_eq!(made[1], Err(Refusal::Gone));
        assert_eq!(made[2], Err(Refusal::QueueGone));
        let copied = store.hook(made[3].unwrap()).await.unwrap().unwrap();
        assert_eq!((copied.queue_id, copied.flow_id), (b.queue.id, a.flow.id));
        assert_eq!((copied.enabled, copied.created_at), (true, NOW.plus(2)));
    })
    .await;
}
