// How the installation fares, and the servers that it calls.

import type { Page } from "@playwright/test";
import { addHook, alive, createFlow, enter, forgive, hooked, joined } from "../support/panel.ts";
import { callRow } from "../support/pages.ts";
import { expect, test } from "../support/fixtures.ts";

/** The tile of this name. */
function tile(page: Page, name: string) {
  return page.locator("section.figure").filter({ has: page.getByRole("heading", { name }) });
}

const CRM = "https://crm.example:443";

/** Where the server draws pages, and where it tells of hooks. */
const DRAWN = "**/api/panel/drawn";
const HOOKS = "**/api/panel/hooks/*";

/** Stops a destination that nobody has called yet; every step is a link or a form. */
async function stopped(page: Page): Promise<void> {
  await page.goto("/destinations");
  await expect(page.getByText("No destination has been called yet")).toBeVisible();
  await page.getByText("Set up a destination").click();
  await page.getByLabel("Scheme, host and port").fill("https://CRM.example");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { name: CRM, level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Stop sending" }).click();
  await expect(page.getByText("Nothing is sent to it any more")).toBeVisible();
  await expect(page.getByText("Stopped")).toBeVisible();
}

/** Sets limits: some that cannot be, then some that can. */
async function limited(page: Page): Promise<void> {
  await page.locator("summary", { hasText: "Settings" }).click();
  const atOnce = page.getByLabel("Requests at once");
  await atOnce.fill("0");
  await page.getByLabel("Requests a second").fill("2.5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(atOnce).toHaveAttribute("aria-invalid", "true");
  await expect(atOnce).toHaveValue("0");
  await atOnce.fill("4");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(page.getByText("2.5 a second")).toBeVisible();
  await expect(atOnce).toHaveValue("4");
}

/** Finds it again by the list's filters, and on the overview. */
async function found(page: Page): Promise<void> {
  await page.goto("/destinations?state=open&search=crm");
  const row = page.getByRole("row").filter({ hasText: CRM });
  await expect(row).toContainText("Stopped");
  await expect(row).toContainText("2.5 a second");
  await page.goto("/destinations?state=closed");
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await page.goto("/overview");
  await expect(tile(page, "Destinations")).toContainText("1 stopped");
  await page.getByRole("row").filter({ hasText: CRM }).getByRole("link", { name: "Open" }).click();
  await page.getByRole("button", { name: "Leave it to the breaker" }).click();
  await expect(page.getByText("The breaker decides again")).toBeVisible();
  await page.locator("summary", { hasText: "Settings" }).click();
  await page.getByRole("button", { name: "Back to defaults" }).click();
  await expect(page.getByText("Its settings are as for any destination again")).toBeVisible();
  await page.goto("/destinations");
  await expect(page.getByText("No destination has been called yet")).toBeVisible();
}

test("the overview is the first page, and shows what happens while one looks", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await page.goto("/");
  await alive(page);
  await expect(page).toHaveURL(/\/overview$/);
  await expect(tile(page, "Events")).toContainText("0");
  await expect(page.getByText("Nothing needs your attention.")).toBeVisible();

  await offhook.api(token, "/api/v1/events", joined(queue, 77));
  await expect(tile(page, "Events").locator("b")).toHaveText("1", { timeout: 30_000 });
  await expect(tile(page, "Deliveries").locator("b")).toHaveText("1", { timeout: 30_000 });
  await expect(tile(page, "Delivered").locator("b")).toHaveText("100%");
  const chart = page.getByRole("img", { name: "Deliveries ended" });
  await expect(chart).toHaveAccessibleDescription("1 delivered and 0 failed over the last hour.");
  const trouble = page.getByRole("row").filter({ hasText: "Tell the CRM" });
  receiver.answer = () => ({ status: 410, body: {} });
  await offhook.api(token, "/api/v1/events", joined(queue, 78));
  await expect(trouble).toContainText("Paused: receiver gone", { timeout: 30_000 });

  // What somebody has opened stays as it is.
  await page.locator("summary", { hasText: "The figures as a table" }).click();
  await expect(page.getByRole("columnheader", { name: "Median" })).toBeVisible();

  await page.getByRole("link", { name: "Week" }).click();
  await expect(page).toHaveURL(/\/overview\?span=week$/);
  await expect(page.getByRole("link", { name: "Week" })).toHaveAttribute("aria-current", "true");
  await expect(chart).toHaveAccessibleDescription("1 delivered and 0 failed over the last week.");

  await trouble.getByRole("link", { name: "See what is parked" }).click();
  await expect(page).toHaveURL(/\/deliveries\?hook=\d+&state=parked/);
  await expect(callRow(page, 78)).toContainText("Parked");
});

test("a hook whose deliveries are tried again needs attention before any has failed", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  receiver.answer = () => ({ status: 500, body: {} });
  await offhook.api(token, "/api/v1/events", joined(queue, 79));
  await page.goto("/overview");
  await alive(page);
  const trouble = page.getByRole("row").filter({ hasText: "Tell the CRM" });
  await expect(trouble).toContainText("1 retrying", { timeout: 30_000 });
  await trouble.getByRole("link", { name: "See failures" }).click();
  await expect(page).toHaveURL(/\/deliveries\?hook=\d+&state=dead&.*state=retrying/);
  await expect(callRow(page, 79)).toContainText("Retrying");
});

for (const path of ["/overview", "/destinations", "/nodes"]) {
  test(`${path} says of when it is while nothing newer is to be had`, async ({ page, offhook, quiet }) => {
    await enter(page, offhook);
    await page.clock.install();
    await page.goto(path);
    await alive(page);
    const when = /Cut off: .* at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/;
    const cut = page.getByRole("status").filter({ hasText: when });
    await expect(cut).toHaveCount(0);
    await page.route(DRAWN, (route) => route.abort());
    await page.clock.runFor(6_000);
    await expect(cut).toBeVisible();
    await page.unroute(DRAWN);
    await page.clock.runFor(6_000);
    await expect(cut).toHaveCount(0);
    await forgive(page, quiet);
  });
}

test("what cannot be loaded is told once, and loaded by itself when it can be", async ({
  page,
  offhook,
  quiet,
}) => {
  await enter(page, offhook);
  await page.clock.install();
  await page.goto("/overview");
  await alive(page);
  await page.route(HOOKS, (route) => route.abort());
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Hooks" }).click();
  const failed = page.getByRole("alert");
  await expect(failed).toContainText("Not available at the moment");
  await expect(failed).toHaveCount(1);
  await page.unroute(HOOKS);
  await page.clock.runFor(6_000);
  await expect(failed).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "No hooks yet" })).toBeVisible();
  await forgive(page, quiet);
});

test("the log's chart says what it counts, and that it does not follow every filter", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await offhook.api(token, "/api/v1/events", joined(queue, 77));
  await page.goto(`/deliveries?queue=${queue}`);
  await alive(page);
  const chart = page.getByRole("img", { name: "Deliveries that ended, over time: 1 delivered" });
  await expect(chart).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("counted when they end")).toBeVisible();
  await page.goto("/deliveries?state=delivered");
  await alive(page);
  await expect(page.getByText("No chart under these filters")).toBeVisible();
  await page.goto("/deliveries?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z");
  await alive(page);
  await expect(page.getByText("No chart of more than 31 days")).toBeVisible();
  await expect(page.getByRole("img", { name: "Deliveries that ended" })).toHaveCount(0);
});

test("a destination is stopped, limited, found and left to itself", async ({
  page,
  offhook,
  receiver,
}) => {
  await hooked(page, offhook, receiver.url);
  await stopped(page);
  await limited(page);
  await found(page);
});

test("the nodes page shows the one server that there is", async ({ page, offhook, receiver }) => {
  await hooked(page, offhook, receiver.url);
  await page.goto("/overview");
  await alive(page);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Nodes" }).click();
  await expect(page.getByRole("heading", { name: "Nodes", level: 1 })).toBeVisible();
  const node = page.getByRole("row").filter({ hasText: "this server" });
  await expect(node).toContainText("Alive");
  await expect(node).toContainText("everything");
});

test("a note of a flow appears while a page stays open, and goes when it is closed", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  const note = { userIds: [1], message: "${destination} waits", type: "warning" };
  await createFlow(page, "Leave a note", JSON.stringify([{ notification: note }]));
  await addHook(page, queue, "Missed", "Leave a note");
  await page.goto("/queues");
  await alive(page);
  const missed = { event: "missed", id: "missed", queue_id: queue };
  const data = { attempt_id: 5, destination: "+380440000001" };
  await offhook.api(token, "/api/v1/events", { ...missed, data });
  const shown = page.getByText("+380440000001 waits");
  await expect(shown).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByRole("heading", { name: "Queues", level: 1 })).toBeVisible();
  await expect(shown).toHaveCount(0);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a destination is stopped, limited, found and left to itself", async ({
    page,
    offhook,
    receiver,
  }) => {
    await hooked(page, offhook, receiver.url, false);
    await stopped(page);
    await limited(page);
    await found(page);
    await page.goto("/overview?span=day");
    await expect(page.getByRole("img", { name: "Events accepted" })).toBeVisible();
  });
});
