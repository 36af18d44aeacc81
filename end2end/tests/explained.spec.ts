// What happened to a call, why a delivery failed, where a text stands, and what differs.

import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import {
  addHook,
  alive,
  createFlow,
  hooked,
  joined,
  postTo,
  setUp,
  theDelivery,
} from "../support/panel.ts";

/** Another event of the same call. */
function bridged(queue: number, attempt: number): object {
  return { event: "bridged", queue_id: queue, data: { channel: "call", attempt_id: attempt } };
}

/** The id of the delivery that is open. */
function openId(page: Page): string {
  const id = /\/deliveries\/([0-9a-f-]{36})/.exec(page.url())?.[1];
  if (!id) throw new Error(`no delivery is open: ${page.url()}`);
  return id;
}

/** What the button "Copy link" puts on the clipboard. */
async function copied(page: Page, within = page.getByRole("main")): Promise<string> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await within.getByRole("button", { name: "Copy link" }).first().click();
  return page.evaluate(() => navigator.clipboard.readText());
}

test("a call's page tells what waited for what, and leads on", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await addHook(page, queue, "Bridged", "Tell the CRM");
  let first = true;
  receiver.answer = () => {
    const status = first ? 503 : 200;
    first = false;
    return { status, body: { data: { id: "C-17" } } };
  };
  await offhook.api(token, "/api/v1/events", [joined(queue, 77), bridged(queue, 77)]);
  await offhook.api(token, "/api/v1/events", {
    event: "missed",
    queue_id: queue,
    data: { attempt_id: 77 },
  });
  await expect.poll(() => receiver.received.length, { timeout: 60_000 }).toBe(3);

  await page.goto("/deliveries");
  await alive(page);
  await page.getByRole("link", { name: "Open call 77" }).first().click();
  await expect(page.getByRole("heading", { name: "Call 77", level: 1 })).toBeVisible();
  const table = page.getByRole("table");
  await expect(table.getByRole("row", { name: /^Joined on Support line/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /^Missed on Support line/ })).toContainText(
    "no delivery: no hook listened",
  );
  const waited = table.getByRole("row", { name: /which was tried again/ });
  await expect(waited).toContainText(/\d s for Joined → Tell the CRM, which was tried again/);
  await expect(waited).toContainText("could start");
  await expect(page.getByText("3 events · 2 deliveries · 3 attempts")).toBeVisible();
  expect(await copied(page)).toBe(`${offhook.url}/calls/77`);

  await waited.getByRole("link", { name: "Joined → Tell the CRM" }).click();
  await expect(theDelivery(page)).toBeVisible();
  await theDelivery(page).getByRole("link", { name: "77", exact: true }).click();
  await expect(page).toHaveURL(/\/calls\/77$/);

  await page.goto("/calls/424242");
  await expect(page.getByText("Nothing is known of this call")).toBeVisible();
});

test("a failure says its cause and the next step, and its class has a page", async ({
  page,
  offhook,
}) => {
  await setUp(page, offhook);
  await page.goto("/queues/new?type=inbound");
  await alive(page);
  await page.getByLabel("Name").fill("Support line");
  await page.getByRole("button", { name: "Create queue" }).click();
  await expect(page).toHaveURL(/\/queues\/\d+/);
  const queue = Number(/\/queues\/(\d+)/.exec(page.url())?.[1]);
  await createFlow(page, "Tell nobody", postTo("http://127.0.0.1:9"));
  await addHook(page, queue, "Joined", "Tell nobody");
  const token = await offhook.token("dialler", "ingest");
  await offhook.api(token, "/api/v1/events", joined(queue, 5));

  await page.goto("/deliveries?failure=forbidden_target&failure=dns");
  const row = page.getByRole("link", { name: /Tell nobody/ });
  await expect(async () => {
    await page.reload();
    expect(await row.count()).toBe(1);
  }).toPass();
  await alive(page);
  await row.click();
  const detail = theDelivery(page);
  const said = detail.getByText("127.0.0.1 is not an address that may be called.");
  await expect(said.first()).toBeVisible();
  await expect(detail.getByText("OFFHOOK_ALLOW_TARGETS=127.0.0.1")).toBeVisible();
  await detail.getByRole("link", { name: "More about this" }).click();
  await expect(page.getByRole("heading", { name: "Target not allowed" })).toBeVisible();
  await expect(page.getByText("It is tried 4 times in all")).toBeVisible();
  await page.getByRole("link", { name: "Deliveries with this cause" }).click();
  await expect(page).toHaveURL(/failure=forbidden_target/);
  await expect(page.getByRole("link", { name: /Tell nobody/ })).toBeVisible();

  await page.goto("/help/failures");
  await expect(page.locator('main a[href^="/help/failures/"]')).toHaveCount(14);
  // These words are the server's alone.
  const words = "so that nobody can reach into your network through a flow";
  await expect(page.getByText(words)).toBeVisible();
  await alive(page);
  const program = await page.evaluate(() => {
    const loaded = performance.getEntriesByType("resource").map((one) => one.name);
    return loaded.find((name) => new URL(name).pathname.endsWith(".wasm"));
  });
  const body = await (await page.request.get(program ?? "")).body();
  expect(body.length).toBeGreaterThan(100_000);
  expect(body.includes(words)).toBe(false);
});

test("text inside deliveries is searched within a span of time", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await offhook.api(token, "/api/v1/events", joined(queue, 1));
  const other = { variables: { crm_id: "B-18" } };
  await offhook.api(token, "/api/v1/events", joined(queue, 2, other));
  await expect.poll(() => receiver.received.length).toBe(2);

  await page.goto("/deliveries");
  await alive(page);
  await page.getByText("Text inside", { exact: true }).click();
  await page.getByLabel("Text in fields, variables, requests and answers").fill("b-18");
  await expect(page.getByText("Choose a span of time")).toBeVisible();
  await page.getByRole("link", { name: "Last hour" }).click();
  const rows = page.getByRole("link", { name: /Tell the CRM/ });
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/text=b-18&span=1h/);
  // An answer of the receiver.
  await page.goto("/deliveries?span=1h&text=c-17");
  await expect(rows).toHaveCount(2);
  await page.goto("/deliveries?span=1h&text=nowhere");
  await expect(page.getByText("Nothing matches")).toBeVisible();
});

test("a link that is copied shows the same to whoever opens it later", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await offhook.api(token, "/api/v1/events", joined(queue, 1));
  await expect.poll(() => receiver.received.length).toBe(1);
  await page.goto("/deliveries?span=15m&event=joined");
  await alive(page);
  const rows = page.getByRole("link", { name: /Tell the CRM/ });
  await expect(rows).toHaveCount(1);
  const shared = await copied(page);
  expect(shared).toMatch(/\/deliveries\?event=joined&from=[\d:T.-]+Z&to=[\d:T.-]+Z$/);
  await rows.first().click();
  await expect(theDelivery(page)).toBeVisible();
  const own = await copied(page, theDelivery(page));
  expect(own).toBe(`${offhook.url}/deliveries/${openId(page)}`);

  await offhook.api(token, "/api/v1/events", joined(queue, 2));
  await expect.poll(() => receiver.received.length).toBe(2);
  await page.goto(shared);
  await expect(rows).toHaveCount(1);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("two deliveries are compared", async ({ page, offhook, receiver }) => {
    const { queue, token } = await hooked(page, offhook, receiver.url, false);
    const ids: string[] = [];
    for (const attempt of [1, 2]) {
      await offhook.api(token, "/api/v1/events", joined(queue, attempt));
      await expect.poll(() => receiver.received.length).toBe(attempt);
      await page.goto(`/deliveries?search=${attempt}`);
      await page.getByRole("link", { name: /Tell the CRM/ }).first().click();
      ids.push(openId(page));
    }
    const differing = page.getByRole("row", { name: /differs/ });
    /** What is said to differ between the two calls. */
    const told = async () => {
      await expect(page.getByRole("heading", { name: "Compare deliveries" })).toBeVisible();
      await expect(differing.filter({ hasText: "attempt_id" })).toContainText(/1\s*2/);
      await expect(differing.filter({ hasText: /^URL/ })).toContainText("/calls/2");
      await expect(differing.filter({ hasText: "crm_id" })).toHaveCount(0);
    };
    await theDelivery(page).getByRole("link", { name: "with the hook's one before" }).click();
    await told();
    await page.getByRole("link", { name: "Compare others" }).click();
    await page.getByLabel("A: a delivery's id").fill("nonsense");
    await page.getByRole("button", { name: "Compare" }).click();
    await expect(page.getByText("“nonsense” is no delivery's id.")).toBeVisible();
    await page.getByLabel("A: a delivery's id").fill(`${offhook.url}/deliveries/${ids[0]}`);
    await page.getByRole("button", { name: "Compare" }).click();
    await told();

    await page.goto(`/deliveries/${ids[0]}`);
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await expect.poll(() => receiver.received.length).toBe(3);
    await theDelivery(page).getByRole("link", { name: "with the original" }).click();
    await expect(differing.filter({ hasText: "Replay of" })).toContainText(ids[0] ?? "");
    await expect(differing.filter({ hasText: "attempt_id" })).toHaveCount(0);
  });
});
