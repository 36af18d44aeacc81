// Many deliveries are made anew: by a filter, by ticked rows, and how the job is steered.

import { expect, test } from "../support/fixtures.ts";
import { addHook, alive, createFlow, hooked, joined } from "../support/panel.ts";

test("what a filter matches is counted, replayed and followed to its end", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  for (let attempt = 1; attempt <= 6; attempt++) {
    await offhook.api(token, "/api/v1/events", joined(queue, attempt));
  }
  await expect.poll(() => receiver.received.length).toBe(6);

  await page.goto("/deliveries?state=delivered");
  await alive(page);
  await page.getByRole("link", { name: "Replay…" }).click();
  await expect(page.getByRole("heading", { name: "6 deliveries match" })).toBeVisible();
  await page.getByLabel("Deliveries a second").selectOption("1 a second");
  await page.getByRole("button", { name: "Start replay" }).click();
  await expect(page.getByRole("heading", { name: "Replay 1", level: 1 })).toBeVisible();

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("The replay is paused")).toBeVisible();
  await expect(page.getByText("of 6 that matched")).toBeVisible();
  await page.getByLabel("Deliveries a second").selectOption("as fast as possible");
  await page.getByRole("button", { name: "Change rate" }).click();
  await expect(page.getByText("The rate is changed")).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("6 deliveries made")).toBeVisible();
  await expect.poll(() => receiver.received.length).toBe(12);

  await page.goto("/replays?state=done");
  await expect(page.getByRole("row", { name: /Replay 1.*Done/ })).toBeVisible();
  await page.goto("/replays?state=failed");
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
});

test("ticked rows alone are replayed", async ({ page, offhook, receiver }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  for (let attempt = 1; attempt <= 3; attempt++) {
    await offhook.api(token, "/api/v1/events", joined(queue, attempt));
  }
  await expect.poll(() => receiver.received.length).toBe(3);
  await page.goto("/deliveries?state=delivered");
  await alive(page);
  const boxes = page.getByRole("checkbox", { name: "Choose this delivery" });
  await boxes.first().check();
  await boxes.last().check();
  await page.getByRole("button", { name: "Replay the chosen…" }).click();
  await expect(page.getByRole("heading", { name: "2 deliveries match" })).toBeVisible();
  await page.getByRole("button", { name: "Start replay" }).click();
  await expect(page.getByText("2 deliveries made")).toBeVisible();
  await expect.poll(() => receiver.received.length).toBe(5);
});

test("a delivery is replayed from a step, without what came before", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  const tell = (name: string, path: string) => ({
    name,
    httpRequest: { url: new URL(path, receiver.url).href },
  });
  const steps = [tell("Write it down", "/crm"), tell("Tell the wallboard", "/wallboard")];
  await createFlow(page, "Two requests", JSON.stringify(steps));
  await addHook(page, queue, "Missed", "Two requests");
  const missed = { event: "missed", id: "missed", queue_id: queue, data: { attempt_id: 5 } };
  await offhook.api(token, "/api/v1/events", missed);
  const paths = () => receiver.received.map(({ path }) => path);
  await expect.poll(paths).toEqual(["/crm", "/wallboard"]);

  await page.goto("/deliveries?state=delivered");
  await alive(page);
  await page.locator("main a", { hasText: "Two requests" }).first().click();
  await page.getByRole("link", { name: "Replay from a step…" }).click();
  await expect(page.getByRole("heading", { name: "Replay from a step", level: 1 })).toBeVisible();
  await page.getByLabel("Begin at").selectOption({ label: 'httpRequest "Tell the wallboard" /1' });
  await page.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByRole("heading", { name: "Missed → Two requests" })).toBeVisible();
  await expect.poll(paths).toEqual(["/crm", "/wallboard", "/wallboard"]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a hook says how it retries, and a wrong wait is told at its field", async ({
    page,
    offhook,
    receiver,
  }) => {
    const { queue } = await hooked(page, offhook, receiver.url, false);
    await page.goto(`/queues/${queue}/hooks/1`);
    await page.getByText("Delivery", { exact: true }).click();
    await page.getByLabel("Tries again").selectOption("Custom");
    await page.getByLabel("Waits, if custom").fill("5s, soon");
    await page.getByRole("button", { name: "Save hook" }).click();
    await expect(page.getByText('"soon" is no span of time')).toBeAttached();
    await page.goto(`/queues/${queue}/hooks/1`);
    await page.getByText("Delivery", { exact: true }).click();
    await page.getByLabel("Tries again").selectOption("Custom");
    await page.getByLabel("Waits, if custom").fill("5s, 1h 30m");
    await page.getByLabel("Priority").selectOption("High");
    await page.getByRole("button", { name: "Save hook" }).click();
    await page.goto(`/queues/${queue}/hooks/1`);
    await expect(page.getByLabel("Waits, if custom")).toHaveValue("5s, 1h 30m");
    await expect(page.getByLabel("Priority")).toHaveValue("high");
  });
});
