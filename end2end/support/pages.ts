// Every page of the panel, for what must hold on all of them.

import { expect, type Page } from "@playwright/test";
import { addHook, alive, createFlow, joined, postTo } from "./panel.ts";
import type { Offhook } from "./offhook.ts";

/** A page: what it is called here, its path, and a heading that stands on it. */
export type Place = [name: string, path: string, heading: string | RegExp];

/** What the pages show: ids of deliveries. */
export interface Shown {
  delivered: string;
  failed: string;
}

/**
 * What the sample lacks: a delivery that arrived, one that failed, a flow of two versions, a saved
 * view.
 */
export async function traffic(page: Page, offhook: Offhook): Promise<Shown> {
  await page.goto("/flows/1");
  await alive(page);
  await page.getByLabel("Steps of the flow, as JSON").fill('[{"log": "nothing yet"}]');
  await page.getByRole("button", { name: "Save version 2" }).click();
  await expect(page.getByText("version 2").first()).toBeVisible();
  // An address that no flow may call.
  await createFlow(page, "Tell nobody", postTo("http://127.0.0.1:9"));

  await page.goto("/views/new?list=deliveries&back=/deliveries&state=dead&state=retrying");
  await alive(page);
  await page.getByRole("textbox", { name: "Name" }).fill("What failed");
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(page.getByText("The view is saved")).toBeVisible();

  await shelves(offhook);

  const token = await offhook.token("pages", "ingest", "read");
  const { items } = await offhook.api(token, "/api/v1/queues");
  const support = items.find((queue: { name: string }) => queue.name === "Support line");
  await addHook(page, support.id, "Missed", "Tell nobody");
  for (let attempt = 1; attempt <= 3; attempt++) {
    await offhook.api(token, "/api/v1/events", joined(support.id, attempt));
  }
  const leaving = { event: "leaving", id: "left", data: { attempt_id: 1, cc_result: "abandoned" } };
  await offhook.api(token, "/api/v1/events", { ...leaving, queue_id: support.id });
  const missed = { event: "missed", id: "missed", data: { attempt_id: 4 } };
  await offhook.api(token, "/api/v1/events", { ...missed, queue_id: support.id });

  const rows = page.getByRole("main").getByRole("listitem");
  await page.goto("/deliveries?state=delivered");
  await expect(async () => {
    await page.reload();
    expect(await rows.count()).toBeGreaterThan(5);
  }).toPass();
  const delivered = await firstOf(page, "");
  await page.goto("/deliveries?state=dead,retrying");
  await expect(async () => {
    await page.reload();
    expect(await rows.filter({ hasText: "Tell nobody" }).count()).toBe(1);
  }).toPass();
  return { delivered, failed: await firstOf(page, "Tell nobody") };
}

/** A name that is as long as one may be, and cannot be broken between words. */
const LONG = `n${"ame".repeat(33)}`;

/** What flows use of the installation, with names that are long. */
async function shelves(offhook: Offhook): Promise<void> {
  const manage = await offhook.token("shelves", "manage");
  const put = (path: string, body: unknown) => offhook.api(manage, `/api/v1${path}`, body, "PUT");
  await put(`/variables/${LONG}`, { value: "https://crm.example/".repeat(9) });
  await put("/variables/hidden", { value: "nobody sees it", encrypted: true });
  await put("/secrets/CRM_TOKEN", { value: "nobody sees it", description: "Of the CRM" });
  await put(`/secrets/${LONG}`, { value: "nobody sees it", description: LONG });
  const profile = { port: 587, tls: "start_tls", user: "hooks", password: "nobody sees it" };
  const from = "Offhook <hooks@example.org>";
  await put("/mail-profiles/office", { ...profile, server: "mail.example", from });
  await put(`/mail-profiles/${LONG}`, { ...profile, server: `${LONG}.example`, from });
  await put(`/cache/${LONG}`, { value: "https://crm.example/".repeat(30), ttl_s: 86_400 });
  await offhook.api(manage, "/api/v1/lists/1/entries", {
    entries: [{ number: `+0${"0".repeat(98)}`, description: LONG, expires_at: null }],
  });
}

/** The id of the first delivery in the log whose row has this text. */
async function firstOf(page: Page, hasText: string): Promise<string> {
  const link = page.locator('main a[href^="/deliveries/"]').filter({ hasText }).first();
  const id = /[0-9a-f-]{36}/.exec((await link.getAttribute("href")) ?? "")?.[0];
  if (!id) throw new Error("the log links to no delivery");
  return id;
}

/** Every page for an administrator, those with a dialog included. The sample's numbers begin with 1. */
export function pages({ delivered, failed }: Shown): Place[] {
  return [
    ["overview", "/overview", "Overview"],
    ["overview-week", "/overview?span=week", "Overview"],
    ["destinations", "/destinations", "Destinations"],
    ["destinations-none", "/destinations?search=nothing-is-called-so", "Nothing matches"],
    [
      "destination",
      "/destinations/settings?key=https%3A%2F%2Fcrm.example%3A443",
      "https://crm.example:443",
    ],
    ["lists", "/lists", "Lists"],
    ["lists-none", "/lists?search=nothing-is-called-so", "Nothing matches"],
    ["list", "/lists/1", "VIP"],
    ["list-none", "/lists/1?search=9", "No numbers"],
    ["calendars", "/calendars", "Calendars"],
    ["calendar", "/calendars/1", "Office hours"],
    ["cache", "/cache", "Cache"],
    ["cache-none", "/cache?search=nothing-is-called-so", "Nothing matches"],
    ["nodes", "/nodes", "Nodes"],
    ["replays", "/replays", "Replays"],
    ["replays-none", "/replays?state=failed", "Nothing matches"],
    ["queues", "/queues", "Queues"],
    ["queues-none", "/queues?search=nothing-is-called-so", "Nothing matches"],
    ["queue-type", "/queues/new", "What kind of queue is it?"],
    ["queue-new", "/queues/new?type=predictive", "New queue"],
    ["queue", "/queues/1", "Support line"],
    ["queue-delete", "/queues/1/delete", "Delete the queue Support line?"],
    ["hooks", "/queues/1/hooks", "Support line"],
    ["hook-new", "/queues/1/hooks/new", "Add hook"],
    ["hook-edit", "/queues/1/hooks/1", "Edit hook"],
    ["hook-test", "/queues/1/hooks/1/test", "Send a test event"],
    ["hook-delete", "/queues/1/hooks/1/delete", /^Delete the hook Joined → /],
    ["hook-copies", "/queues/1/hooks/many?act=copy&all_of=1", /^Copy \d+ hooks to other queues$/],
    ["all-hooks", "/hooks", "Hooks"],
    ["all-hooks-none", "/hooks?search=nothing-is-called-so", "Nothing matches"],
    ["hooks-disable", "/hooks/many?act=disable&id=1&id=2", /^Disable 2 hooks in /],
    ["hooks-move", "/hooks/many?act=move&id=1&id=2", /^Move 2 hooks in /],
    ["hooks-copy", "/hooks/many?act=copy&id=1&id=2&copy_to=1", "Copy 2 hooks to other queues"],
    [
      "hooks-preview",
      "/hooks/many?act=copy&id=1&id=2&copy_to=1&copy_to=2&step=preview",
      /^Make \d of 4 copies\?$/,
    ],
    [
      "hooks-result",
      "/hooks/many?did=move&done=1&left=1.taken&left=9999.gone",
      "1 of 3 hooks is moved",
    ],
    ["hooks-nothing", "/hooks/many?act=delete", "Nothing to do"],
    ["queues-delete", "/queues/many?act=delete&id=1&id=2", "Delete 2 queues?"],
    ["queue-duplicate", "/queues/1/duplicate", "Duplicate queue"],
    ["queue-variables", "/queues/1/variables", "Support line"],
    ["queue-deliveries", "/queues/1/deliveries", "Support line"],
    ["flows", "/flows", "Flows"],
    ["flow-new", "/flows/new", "New flow"],
    ["flow-import", "/flows/import", "Import flows"],
    ["flow", "/flows/1", "CRM: find or make the contact"],
    ["flow-history", "/flows/1/history", "Version 2"],
    ["flow-version", "/flows/1/history?version=1", "Version 1"],
    ["flow-failure-flow", "/flows/1/failure-flow", "When a delivery dies"],
    ["flow-duplicate", "/flows/1/duplicate", "Duplicate flow"],
    ["flow-delete", "/flows/1/delete", "This flow is in use"],
    ["deliveries", "/deliveries", "Deliveries"],
    ["delivery", `/deliveries/${delivered}`, / → /],
    ["delivery-event", `/deliveries/${delivered}?tab=event`, / → /],
    ["delivery-variables", `/deliveries/${delivered}?tab=variables`, / → /],
    ["delivery-failed", `/deliveries/${failed}`, "Missed → Tell nobody"],
    ["deliveries-none", "/deliveries?state=cancelled", "Nothing matches"],
    ["deliveries-text", "/deliveries?text=A-17", "Choose a span of time"],
    ["deliveries-text-found", "/deliveries?text=380441234567&span=1h", "Deliveries"],
    ["call", "/calls/1", "Call 1"],
    ["call-none", "/calls/424242", "Call 424242"],
    ["replay-from", `/deliveries/${delivered}/replay`, "Replay from a step"],
    ["compare", `/deliveries/compare?a=${delivered}&b=${failed}`, "Compare deliveries"],
    ["compare-choose", `/deliveries/compare?b=${failed}`, "Which two?"],
    ["failures", "/help/failures", "Why deliveries fail"],
    ["failure", "/help/failures/forbidden_target", "Target not allowed"],
    ["events", "/events", "Hangup causes"],
    ["variables", "/settings/variables", "Variables"],
    ["variables-none", "/settings/variables?search=nothing-is-called-so", "Nothing matches"],
    ["variable", "/settings/variables?name=company", "company"],
    ["variable-long", `/settings/variables?name=${LONG}`, LONG],
    ["secrets", "/settings/secrets", "Secrets"],
    ["secret", "/settings/secrets?name=CRM_TOKEN", "CRM_TOKEN"],
    ["secret-long", `/settings/secrets?name=${LONG}`, LONG],
    ["mail-profiles", "/settings/mail-profiles", "Mail profiles"],
    ["mail-profile", "/settings/mail-profiles?name=office", "office"],
    ["mail-profile-long", `/settings/mail-profiles?name=${LONG}`, LONG],
    ["users", "/users", "Users"],
    ["user-new", "/users/new", "Add user"],
    ["user-role", "/users/1/role", "Change role"],
    ["user-password", "/users/1/password", "Set password"],
    ["user-delete", "/users/1/delete", "Delete this user?"],
    ["tokens", "/tokens", "Tokens"],
    ["token-new", "/tokens/new", "New token"],
    ["token-gone", "/tokens/made", "The token has been shown"],
    ["token-delete", "/tokens/1/delete", "Delete this token?"],
    ["account", "/account", "Your account"],
    ["jump", "/jump", "Jump to…"],
    ["jump-found", "/jump?q=support", "Jump to…"],
    ["jump-none", "/jump?q=nothing-is-called-so", "Nothing found"],
    ["views", "/views", "Saved views"],
    ["view-new", "/views/new?list=queues&back=/queues&state=on", "Save this view"],
    ["view-delete", "/views/1/delete", "Delete this view?"],
    ["queues-columns", "/queues?columns=hooks&columns=on", "Queues"],
    ["receiver", "/receiver", "Receiver"],
  ];
}

/** Pages while there is no administrator yet. */
export const BEFORE: Place[] = [
  ["sign-in-nobody", "/sign-in", "Nobody can sign in yet"],
  ["setup-closed", "/setup?link=not-the-one", "This link no longer works"],
];

/** Pages for those who are not signed in. */
export const OUTSIDE: Place[] = [
  ["sign-in", "/sign-in", /^Sign in$|^Nobody can sign in yet$/],
  ["sign-in-link", "/sign-in?link=some", "Sign in"],
];

/** Addresses that lead to nothing: status 404. */
export const MISSING: Place[] = [
  ["unknown", "/nothing/is-here", "This page does not exist"],
  ["queue-missing", "/queues/999", "Not found"],
  ["list-missing", "/lists/999", "Not found"],
  ["flow-missing", "/flows/999", "Not found"],
  ["call-missing", "/calls/no-number", "Not found"],
  ["setting-missing", "/settings/nonsense", "Not found"],
  ["secret-missing", "/settings/secrets?name=nobody", "Not found"],
  ["failure-missing", "/help/failures/nonsense", "Not found"],
  ["delivery-missing", "/deliveries/01900000-0000-7000-8000-000000000000", "Not found"],
];

/** Pages that a viewer is denied: status 403. */
export const DENIED: Place[] = [
  ["secrets-denied", "/settings/secrets", "Your role does not allow this"],
  ["tokens-denied", "/tokens", "Your role does not allow this"],
  ["queue-denied", "/queues/new", "Your role does not allow this"],
];

/** The row of a call's only delivery in the log. */
export function callRow(page: Page, call: number) {
  const link = page.getByRole("link", { name: `Open call ${call}`, exact: true });
  return page.getByRole("listitem").filter({ has: link });
}
