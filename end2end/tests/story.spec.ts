// The main job, from the one-time link to the delivery's detail.

import { alive, joined, postTo, setUp, theDelivery, unfold } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test("a person sets up, hangs a hook, and sees what an event did", async ({
  page,
  offhook,
  receiver,
}) => {
  await test.step("the first administrator is made", () => setUp(page, offhook));

  await test.step("a queue is made: first its type, then its name", async () => {
    await expect(page).toHaveURL(/\/queues$/);
    await alive(page);
    await page.getByRole("link", { name: "Add queue" }).first().click();
    await page.getByRole("link", { name: /^Inbound queue/ }).click();
    await page.getByLabel("Name").fill("Support line");
    await page.getByRole("button", { name: "Create queue" }).click();
    await expect(page.getByRole("heading", { name: "Support line" })).toBeVisible();
    await expect(page).toHaveURL(/\/queues\/\d+\/hooks/);
  });
  const queue = Number(/\/queues\/(\d+)/.exec(page.url())?.[1]);

  await test.step("a flow is made", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Flows" }).click();
    await page.getByRole("link", { name: "New flow" }).first().click();
    await page.getByLabel("Name").fill("Tell the CRM");
    await page.getByLabel("Steps of the flow, as JSON").fill(postTo(receiver.url));
    await page.getByRole("button", { name: "Save flow" }).click();
    await expect(page.getByRole("heading", { name: "Tell the CRM" })).toBeVisible();
  });

  await test.step("a hook is added: only events that the queue fires are offered", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Queues" }).click();
    await page.getByRole("link", { name: "Support line" }).click();
    await page.getByRole("link", { name: "Add hook" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Add hook" });
    await expect(dialog.getByRole("radio")).toHaveCount(6);
    await expect(dialog.getByRole("radio", { name: /^Answered/ })).toHaveCount(0);
    await dialog.getByRole("radio", { name: /^Joined/ }).check();
    await dialog.getByRole("combobox", { name: "Run this flow" }).fill("crm");
    await dialog.getByRole("option", { name: /Tell the CRM/ }).click();
    await dialog.getByRole("button", { name: "Save hook" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole("row", { name: /Joined.*Tell the CRM/ })).toBeVisible();
  });

  const token = await test.step("a token is made, and shown once", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tokens" }).click();
    await page.getByRole("link", { name: "New token" }).first().click();
    await page.getByLabel("Name").fill("dialler");
    await page.getByRole("button", { name: "Make token" }).click();
    const dialog = page.getByRole("dialog", { name: "Copy the token now" });
    await expect(dialog).toBeVisible();
    const secret = /oh_[\w-]+/.exec(await dialog.innerText())?.[0];
    expect(secret).toBeTruthy();
    await dialog.getByRole("link", { name: "Done" }).click();
    await expect(page.getByRole("row", { name: /dialler/ })).toBeVisible();
    return secret ?? "";
  });

  await test.step("an event arrives, and the receiver is called", async () => {
    const answer = await offhook.api(token, "/api/v1/events", joined(queue, 991));
    expect(answer).toMatchObject({ deliveries: 1, skipped: 0, duplicate: false });
    await expect.poll(() => receiver.received.length).toBe(1);
    const [request] = receiver.received;
    expect(request).toMatchObject({ method: "POST", path: "/calls/991" });
    expect(JSON.parse(request?.body ?? "")).toEqual({
      caller: "+380441234567",
      crm: "A-17",
      event: "joined",
    });
    expect(request?.headers["webhook-id"]).toBeTruthy();
    expect(request?.headers["webhook-timestamp"]).toMatch(/^\d+$/);

    const again = await offhook.api(token, "/api/v1/events", joined(queue, 991));
    expect(again).toEqual({ ...answer, duplicate: true });
  });

  await test.step("the log shows it, and its detail the request and the answer", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Deliveries" }).click();
    await expect(page).toHaveURL(/\/deliveries/);
    await page.getByRole("link", { name: /^Delivered Joined .*Tell the CRM/ }).click();
    await expect(page).toHaveURL(/\/deliveries\/[0-9a-f-]{36}/);
    const detail = theDelivery(page);
    await expect(detail.getByText("/calls/991").first()).toBeVisible();
    await unfold(detail);
    await expect(detail.getByText("C-17").first()).toBeVisible();
    await expect(detail.getByText("contact C-17").first()).toBeVisible();
    expect(await detail.innerText()).not.toContain("not-for-the-log");
  });

  await test.step("a replay makes a second delivery with its own webhook-id", async () => {
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await expect.poll(() => receiver.received.length).toBe(2);
    const ids = receiver.received.map((request) => request.headers["webhook-id"]);
    expect(new Set(ids).size).toBe(2);
  });
});
