//! Forms of what somebody else changes while they are open, without JavaScript.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::*,
};
use admin::changes::{HookChange, QueueChange};
use model::{
    calendar::CalendarDraft,
    catalog::{EventKind, QueueType},
    ids::CalendarId,
    user::{Actor, Role},
};
use reqwest::header;
use serde_json::json;

/// A form, and what a person types into it.
struct Form {
    page: String,
    action: &'static str,
    fields: Vec<(&'static str, String)>,
    /// How the page draws what was typed.
    typed: &'static str,
    /// What it is that the form changes.
    what: &'static str,
}

/// A browser in which an editor is signed in.
struct Editor {
    browser: Browser,
    cookie: String,
}

impl Editor {
    async fn page(&self, path: &str) -> String {
        self.browser.page(path, &self.cookie).send().await.unwrap().text().await.unwrap()
    }

    /// Posts the form as it was shown at `base`.
    async fn post(&self, form: &Form, base: &str) {
        let mut fields = vec![("base", base)];
        fields.extend(form.fields.iter().map(|(name, value)| (*name, value.as_str())));
        let posted = self.browser.bare_form(form.action, &fields);
        let posted = posted
            .header(header::COOKIE, &self.cookie)
            .header(header::REFERER, format!("http://any.example{}", form.page));
        assert_eq!(posted.send().await.unwrap().status(), 303, "{}", form.action);
    }
}

/// What the form of a page says that it shows.
fn base(page: &str) -> &str {
    let (_, rest) = page.split_once(r#"name="base""#).expect("a form that says what it shows");
    let (_, rest) = rest.split_once(r#"value=""#).unwrap();
    rest.split('"').next().unwrap()
}

/// Somebody else changes all of it.
async fn somebody_changes(server: &Server, hook: &model::hook::Hook, calendar: CalendarId) {
    let (admin, they) = (&server.admin, Actor::operator());
    let change = QueueChange { description: Some("theirs".into()), ..QueueChange::default() };
    admin.change_queue(&they, hook.queue_id, change).await.unwrap();
    let change = HookChange { condition: Some("2 == 2".into()), ..HookChange::default() };
    admin.change_hook(&they, hook.id, change).await.unwrap();
    let described = |draft: &mut CalendarDraft| {
        draft.description = "theirs".into();
        Ok(())
    };
    admin.edit_calendar(&they, calendar, None, described).await.unwrap();
}

/// All that is set up, to be compared.
async fn kept(server: &Server, hook: &model::hook::Hook, calendar: CalendarId) -> impl PartialEq {
    let queue = server.storage.queue(hook.queue_id).await.unwrap();
    let hook = server.storage.hook(hook.id).await.unwrap();
    (queue, hook, server.storage.calendar(calendar).await.unwrap())
}

#[tokio::test]
async fn a_form_of_what_was_changed_meanwhile_saves_nothing_and_keeps_what_was_typed() {
    let server = Server::start().await;
    let (they, password) = (Actor::operator(), PASSWORD.to_owned());
    server.admin.create_user(&they, "olena", Role::Editor, password).await.unwrap();
    let browser = Browser::new(&server);
    let cookie = cookie(&browser.sign_in("olena", PASSWORD).await).0.to_owned();
    let editor = Editor { browser, cookie };
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.flow("tell", json!([{"log": "a"}])).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    let draft = CalendarDraft {
        name: "Office".into(),
        time_zone: "UTC".into(),
        ..CalendarDraft::default()
    };
    let calendar = server.admin.create_calendar(&they, draft).await.unwrap().id;

    let text = |text: &str| text.to_owned();
    let forms = [
        Form {
            page: format!("/queues/{queue}"),
            action: "queues/update",
            fields: vec![("id", queue.to_string()), ("name", text("Mine"))],
            typed: r#"value="Mine""#,
            what: "queue",
        },
        Form {
            page: format!("/queues/{queue}/variables"),
            action: "queues/variables",
            fields: vec![
                ("id", queue.to_string()),
                ("variables", text("{\n  \"region\": \"mine\"\n}")),
            ],
            typed: "{\n  \"region\": \"mine\"\n}</textarea>",
            what: "queue",
        },
        Form {
            page: format!("/queues/{queue}/hooks/{}", hook.id),
            action: "hooks/save",
            fields: vec![
                ("queue", queue.to_string()),
                ("id", hook.id.to_string()),
                ("event", text("joined")),
                ("flow_id", flow.to_string()),
                ("condition", text("3 == 3")),
                ("max_hold", text("30")),
            ],
            typed: r#"value="3 == 3""#,
            what: "hook",
        },
        Form {
            page: format!("/calendars/{calendar}"),
            action: "calendars/save",
            fields: vec![
                ("id", calendar.to_string()),
                ("name", text("Mine too")),
                ("time_zone", text("UTC")),
            ],
            typed: r#"value="Mine too""#,
            what: "calendar",
        },
    ];
    for form in forms {
        let shown = editor.page(&form.page).await;
        somebody_changes(&server, &hook, calendar).await;
        let before = kept(&server, &hook, calendar).await;
        let said = format!(
            "Somebody changed this {} meanwhile; copy your text, reload and merge",
            form.what
        );
        // Sent again without having been loaded anew, it is refused again.
        let mut sent = base(&shown).to_owned();
        for _ in 0..2 {
            editor.post(&form, &sent).await;
            let refused = editor.page(&form.page).await;
            assert!(refused.contains(&said), "{}: {refused}", form.action);
            assert!(refused.contains(form.typed), "{}: {refused}", form.action);
            assert!(kept(&server, &hook, calendar).await == before, "{}", form.action);
            sent = base(&refused).to_owned();
        }
        let anew = editor.page(&form.page).await;
        assert!(!anew.contains(&said) && !anew.contains(form.typed), "{}: {anew}", form.action);
        editor.post(&form, base(&anew)).await;
        let saved = editor.page(&form.page).await;
        assert!(saved.contains(form.typed), "{}: {saved}", form.action);
        // One that does not say what it shows overwrites nothing, either.
        editor.post(&form, "").await;
        let refused = editor.page(&form.page).await;
        assert!(refused.contains("does not say what it was shown with"), "{refused}");
    }
}
