//! The sample contact centre at work: what its flows do is seen at its receiver and in the log.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::{Server, free_port, until},
};
use model::{
    delivery::{DeliveryRow, DeliveryState},
    user::{Actor, Role, Scope},
    variable::VariableDraft,
};
use serde_json::{Value, json};

/// A number on no list, one of a switchboard, which the CRM refuses, and one of a person who wants no
/// texts (the sample's own list has others as well).
const PLAIN: &str = "+380440000001";
const SWITCHBOARD: &str = "+380440000100";
const UNTEXTED: &str = "+380440000002";

/// The sample, served.
struct Sample {
    server: Server,
    token: String,
    browser: Browser,
    /// The cookie of an administrator's session.
    session: String,
    /// Calls so far.
    calls: i64,
}

impl Sample {
    async fn start() -> Self {
        let mut server = Server::prepare().await;
        let receiver = format!("127.0.0.1:{}", free_port());
        let loaded = server.command().args(["sample", "--receiver", &receiver]).output().unwrap();
        assert!(loaded.status.success(), "{loaded:?}");
        let actor = Actor::operator();
        let admin = &server.admin;
        admin.create_user(&actor, "olena", Role::Admin, PASSWORD.into()).await.unwrap();
        let soon = VariableDraft { value: "2500".into(), encrypted: false };
        admin.put_variable(&actor, "alert_wait_ms", soon).await.unwrap();
        let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
        server.up().await;
        let browser = Browser::new(&server);
        let session = cookie(&browser.sign_in("olena", PASSWORD).await).0.to_owned();
        Self { server, token, browser, session, calls: 0 }
    }

    /// The number of the queue of this name.
    async fn queue(&self, name: &str) -> i64 {
        let (_, page) = self.server.get(&self.token, "/api/v1/queues").await;
        let queues = page["items"].as_array().unwrap();
        queues.iter().find(|one| one["name"] == name).unwrap()["id"].as_i64().unwrap()
    }

    /// A new call of this number joins the queue, and gives up waiting.
    async fn abandoned(&mut self, queue: i64, number: &str, vip: bool) {
        self.calls += 1;
        for event in ["joined", "leaving"] {
            let mut data = json!({"attempt_id": self.calls, "destination": number});
            if event == "leaving" {
                data["cc_result"] = json!("abandoned");
            }
            let variables = json!({"vip": vip, "crm_id": "A-1"});
            let event =
                json!({"event": event, "queue_id": queue, "data": data, "variables": variables});
            let (status, answer) = self.server.post(&self.token, "/api/v1/events", event).await;
            assert_eq!(status, 202, "{answer}");
        }
    }

    /// The bodies that the receiver got at paths that begin so, oldest first.
    async fn received(&self, path: &str) -> Vec<Value> {
        let asked = self.browser.call("receiver/latest", "search=").header("cookie", &self.session);
        let all = asked.send().await.unwrap().text().await.unwrap();
        let all: Value = serde_json::from_str(&all).unwrap();
        let all = all.as_array().unwrap().iter().rev();
        let here = all.filter(|one| one["path"].as_str().unwrap().starts_with(path));
        here.map(|one| serde_json::from_str(one["body"].as_str().unwrap()).unwrap()).collect()
    }

    /// What the wallboard's counters whose keys end so have counted, over all days: at midnight there
    /// are two.
    async fn counted(&self, end: &str) -> usize {
        let kept = self.server.get(&self.token, "/api/v1/cache?prefix=count:").await.1;
        let kept = kept["items"].as_array().unwrap().iter();
        let kept = kept.filter(|one| one["key"].as_str().unwrap().ends_with(end));
        kept.map(|one| one["value"].as_str().unwrap().parse::<usize>().unwrap()).sum()
    }

    /// The path of the numbers of the list of this name.
    async fn numbers(&self, list: &str) -> String {
        let lists = self.server.get(&self.token, "/api/v1/lists").await.1;
        let lists = lists["items"].as_array().unwrap();
        let id = &lists.iter().find(|one| one["name"] == list).unwrap()["id"];
        format!("/api/v1/lists/{id}/entries")
    }

    /// What the log has of the flow whose name begins so, of this call.
    async fn of(&self, flow: &str, call: i64) -> Option<DeliveryRow> {
        let log = self.server.log().await;
        log.into_iter()
            .find(|row| row.flow_name.starts_with(flow) && row.call_attempt == Some(call))
    }
}

#[tokio::test]
async fn who_gives_up_waiting_is_texted_once_and_only_who_wants_it() {
    let mut sample = Sample::start().await;
    let support = sample.queue("Support line").await;
    let entries = sample.numbers("No texts").await;
    let added = json!({"entries": [{"number": UNTEXTED}]});
    let (status, answer) = sample.server.post(&sample.token, &entries, added).await;
    assert_eq!(status, 200, "{answer}");
    for number in [PLAIN, PLAIN, UNTEXTED] {
        sample.abandoned(support, number, false).await;
        sample.server.settled().await;
    }
    let texts = sample.received("/texts").await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(texts[0]["to"], PLAIN);
    assert!(texts[0]["text"].as_str().unwrap().contains("Sample & Co."), "{texts:?}");
    for call in 1..=3 {
        let text = sample.of("Text:", call).await.unwrap();
        assert_eq!(text.state, DeliveryState::Delivered, "{text:?}");
        let callback = sample.of("Callback:", call).await.unwrap();
        assert_eq!(callback.state, DeliveryState::Delivered, "{callback:?}");
    }
}

#[tokio::test]
async fn who_is_on_the_list_vip_goes_first_and_the_alarm_goes_on_until_somebody_has_seen_it() {
    let mut sample = Sample::start().await;
    let support = sample.queue("Support line").await;
    let entries = format!("{}?prefix=%2B", sample.numbers("VIP").await);
    let vips = sample.server.get(&sample.token, &entries).await.1;
    let vips = vips["items"].as_array().unwrap().iter();
    let mut numbers = vips.map(|one| one["number"].as_str().unwrap());
    let vip = numbers.find(|number| !number.ends_with("00")).unwrap().to_owned();
    sample.abandoned(support, PLAIN, false).await;
    sample.abandoned(support, &vip, true).await;
    until("both are in the CRM", async || sample.received("/crm/contacts").await.len() == 2).await;
    for contact in sample.received("/crm/contacts").await {
        let priority = if contact["phone"] == PLAIN { "normal" } else { "first" };
        assert_eq!(contact["priority"], priority, "{contact}");
    }
    // The team looks three times out of four; sooner or later the next room is told.
    until("supervisors are told", async || {
        sample.abandoned(support, &vip, true).await;
        sample.server.settled().await;
        !sample.received("/alerts/supervisors").await.is_empty()
    })
    .await;
    for alert in sample.received("/alerts/").await {
        assert_eq!(alert["urgency"], "high");
        assert!(alert["text"].as_str().unwrap().ends_with(&vip), "{alert}");
    }
}

#[tokio::test]
async fn a_contact_that_the_crm_refuses_is_left_to_a_person() {
    let mut sample = Sample::start().await;
    let support = sample.queue("Support line").await;
    sample.abandoned(support, SWITCHBOARD, false).await;
    until("a person is told", async || !sample.received("/alerts/operations").await.is_empty())
        .await;
    sample.server.settled().await;
    let dead = sample.of("CRM: find", 1).await.unwrap();
    assert_eq!((dead.state, dead.attempts), (DeliveryState::Dead, 3));
    let failed = sample.of("CRM: leave", 1).await.unwrap();
    assert_eq!((failed.parent, failed.state), (Some(dead.id), DeliveryState::Delivered));
    let told = &sample.received("/alerts/operations").await[0];
    assert!(told["text"].as_str().unwrap().starts_with(SWITCHBOARD), "{told}");
    assert_eq!(told["class"], "status");
    let page = sample.browser.page("/lists", &sample.session).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("has to be entered by hand"));
}

#[tokio::test]
async fn simulated_traffic_is_counted_and_nothing_of_it_fails_but_what_should() {
    let sample = Sample::start().await;
    let token = sample.token.as_str();
    let played = sample
        .server
        .command()
        .args(["simulate", "--rate", "40", "--seconds", "5", "--speed", "120"])
        .args(["--target", &sample.server.url, "--token", token])
        .output()
        .unwrap();
    assert!(played.status.success(), "{played:?}");
    sample.server.settled().await;
    let log = sample.server.log().await;
    assert!(log.len() > 100, "{}", log.len());
    for row in &log {
        let fits = match row.state {
            DeliveryState::Delivered | DeliveryState::Skipped => true,
            DeliveryState::Dead => row.flow_name.starts_with("CRM: find"),
            _ => false,
        };
        assert!(fits, "{row:#?}");
    }
    // Counts of one queue and event may meet and count one for two; none is lost from one day to the
    // other.
    let counted = log.iter().filter(|row| row.flow_name.starts_with("Wallboard:")).count();
    let sum = sample.counted("").await;
    assert!(sum > counted / 2 && sum <= counted, "{sum} of {counted}");
}

#[tokio::test]
async fn the_day_s_counter_grows_by_one_with_each_call() {
    let mut sample = Sample::start().await;
    let support = sample.queue("Support line").await;
    for count in 1..=3 {
        sample.abandoned(support, PLAIN, false).await;
        sample.server.settled().await;
        assert_eq!(sample.counted(&format!(":{support}:joined")).await, count);
    }
}
