// The log follows what happens while it is looked at.

import type { Page, Request } from "@playwright/test";
import { alive, forgive, hooked, joined, theDelivery } from "../support/panel.ts";
import { callRow } from "../support/pages.ts";
import { expect, test } from "../support/fixtures.ts";

/** Where a page is told what happens in the log, and where it looks by itself. */
const STREAM = /\/deliveries\/stream\?/;
const LIST = /\/api\/panel\/deliveries\/list$/;

/** What the page does when its tab is left, or looked at again. */
async function turn(page: Page, to: "hidden" | "visible"): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, to);
}

test("the log follows what happens, keeps what is open, and holds still when it is paused", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  const post = async (call: number) => {
    await offhook.api(token, "/api/v1/events", joined(queue, call));
    await expect.poll(() => receiver.received.some(({ path }) => path === `/calls/${call}`)).toBe(true);
  };
  await page.clock.install();
  await page.goto("/deliveries");
  await alive(page);
  await post(77);
  await expect(callRow(page, 77)).toBeVisible();
  await callRow(page, 77).getByRole("link").first().click();
  await expect(theDelivery(page)).toBeVisible();
  const open = page.url();

  await post(78);
  await expect(callRow(page, 78)).toBeVisible();
  await expect(callRow(page, 77).getByRole("link").first()).toHaveAttribute("aria-current", "true");
  expect(page.url()).toBe(open);

  await page.getByRole("button", { name: "Live" }).click();
  await post(79);
  await page.clock.runFor(20_000);
  await expect(callRow(page, 78)).toBeVisible();
  await expect(callRow(page, 79)).toHaveCount(0);
  await page.getByRole("button", { name: "Paused" }).click();
  await expect(callRow(page, 79)).toBeVisible();

  await page.goto("/deliveries?search=81");
  await alive(page);
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await post(80);
  await post(81);
  await expect(callRow(page, 81)).toBeVisible();
  await expect(callRow(page, 80)).toHaveCount(0);
});

test("the log is told what happens, and misses nothing while it is cut off or paused", async ({
  page,
  offhook,
  receiver,
  quiet,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  const post = (...calls: number[]) =>
    offhook.api(token, "/api/v1/events", calls.map((call) => joined(queue, call)));
  const delivered = async (...calls: number[]) => {
    for (const call of calls) {
      await expect(callRow(page, call)).toHaveCount(1, { timeout: 40_000 });
      await expect(callRow(page, call)).toContainText("Delivered");
    }
  };
  const opened = page.waitForResponse(STREAM);
  await page.goto(`/queues/${queue}/deliveries`);
  await alive(page);
  expect((await opened).status()).toBe(200);
  // From here on the stream alone can bring anything.
  await page.route(LIST, (route) => route.abort());
  await post(101);
  await delivered(101);

  await page.route(STREAM, (route) => route.abort("connectionrefused"));
  await offhook.restart();
  await expect(page.getByRole("button", { name: "Reconnecting" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Reconnecting" })).toHaveCount(1);
  const missed = Array.from({ length: 12 }, (_, at) => 102 + at);
  await post(...missed);
  await expect.poll(() => receiver.received.length).toBe(13);
  await expect(callRow(page, 102)).toHaveCount(0);
  await page.unroute(STREAM);
  await delivered(101, ...missed);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await post(114);
  await delivered(101, ...missed, 114);

  await page.getByRole("button", { name: "Live" }).click();
  await post(115, 116);
  await expect.poll(() => receiver.received.length).toBe(16);
  await expect(callRow(page, 115)).toHaveCount(0);
  await page.getByRole("button", { name: "Paused" }).click();
  await delivered(114, 115, 116);
  await forgive(page, quiet);
});

test("the log looks by itself where it is told nothing", async ({ page, offhook, receiver, quiet }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await page.route(STREAM, (route) => route.abort());
  await page.goto("/deliveries");
  await alive(page);
  await offhook.api(token, "/api/v1/events", joined(queue, 121));
  await expect(callRow(page, 121)).toContainText("Delivered");
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await forgive(page, quiet);
});

test("a log that nobody looks at holds no connection, and knows everything afterwards", async ({
  page,
  offhook,
  receiver,
  quiet,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  const opened = page.waitForResponse(STREAM);
  await page.goto("/deliveries");
  await alive(page);
  await opened;
  await page.route(LIST, (route) => route.abort());
  const closed = new Promise<void>((done) => {
    const over = (request: Request) => STREAM.test(request.url()) && done();
    page.on("requestfailed", over);
    page.on("requestfinished", over);
  });
  await turn(page, "hidden");
  await closed;
  await offhook.api(token, "/api/v1/events", [joined(queue, 131), joined(queue, 132)]);
  await expect.poll(() => receiver.received.length).toBe(2);
  await expect(callRow(page, 131)).toHaveCount(0);
  await turn(page, "visible");
  for (const call of [131, 132]) await expect(callRow(page, call)).toContainText("Delivered");
  await forgive(page, quiet);
});

test("a queue's log comes alive each time that it is opened", async ({ page, offhook, receiver }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await offhook.api(token, "/api/v1/events", joined(queue, 91));
  // What it is put together of is loaded in any order.
  for (let time = 0; time < 8; time++) {
    await page.goto(`/queues/${queue}/deliveries`);
    await alive(page);
    await expect(callRow(page, 91)).toHaveCount(1);
  }
});
