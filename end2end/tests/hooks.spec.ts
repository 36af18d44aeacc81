import { addHook, alive, createFlow, createQueue, hooked, joined, postTo, setUp, theDelivery } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test("a test event fires one hook, and is watched", async ({ page, offhook, receiver }) => {
  await setUp(page, offhook);
  const queue = await createQueue(page, "Sales");
  await createFlow(page, "Notify", postTo(receiver.url));
  await addHook(page, queue, "Missed", "Notify");
  await alive(page);
  await page.getByRole("link", { name: /^Send a test event/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send test event" }).click();
  await expect(page).toHaveURL(/\/deliveries\/[0-9a-f-]{36}/);
  await expect.poll(() => receiver.received.length).toBe(1);
  const delivery = theDelivery(page);
  await expect(delivery.getByText("Delivered", { exact: true })).toBeVisible();
  await expect(delivery.getByText("test", { exact: true })).toBeVisible();
});

test("a failure is told as a sentence, with the time of the next try", async ({
  page,
  offhook,
  receiver,
}) => {
  receiver.answer = () => ({ status: 503, body: { error: "down" } });
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await offhook.api(token, "/api/v1/events", joined(queue, 5));
  await page.goto("/deliveries");
  await alive(page);
  await page.getByRole("link", { name: /Tell the CRM/ }).first().click();
  const delivery = theDelivery(page);
  await expect(delivery.getByText(/answered 503/).first()).toBeVisible();
  await expect(delivery.getByText(/is due/).first()).toBeVisible();

  receiver.answer = () => ({ status: 200, body: { data: { id: "C-1" } } });
  await page.getByRole("button", { name: "Retry now" }).click();
  await expect(delivery.getByText("Delivered", { exact: true })).toBeVisible();
  const ids = receiver.received.map((request) => request.headers["webhook-id"]);
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(1);
});

test("a condition that is not one is refused at its field, and a true one decides", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await page.getByRole("link", { name: /^Edit hook/ }).click();
  const dialog = page.getByRole("dialog", { name: "Edit hook" });
  const condition = dialog.getByLabel("Only when");
  await condition.fill("crm_id ==");
  await dialog.getByRole("button", { name: "Save hook" }).click();
  await expect(condition).toHaveAttribute("aria-invalid", "true");
  await condition.fill("crm_id == 'B-1'");
  await dialog.getByRole("button", { name: "Save hook" }).click();
  await expect(dialog).toHaveCount(0);

  const answer = await offhook.api(token, "/api/v1/events", joined(queue, 1));
  expect(answer).toMatchObject({ deliveries: 0, skipped: 1 });
  expect(receiver.received).toHaveLength(0);
});

test("what somebody changed meanwhile is not overwritten, and what was typed stays", async ({
  page,
  offhook,
  receiver,
}) => {
  await hooked(page, offhook, receiver.url);
  await page.getByRole("link", { name: /^Edit hook/ }).click();
  const mine = page.getByRole("dialog", { name: "Edit hook" });
  const condition = mine.getByLabel("Only when");
  await condition.fill("crm_id == 'mine'");

  const other = await page.context().newPage();
  await other.goto(page.url());
  await alive(other);
  const theirs = other.getByRole("dialog", { name: "Edit hook" });
  await theirs.getByLabel("Only when").fill("crm_id == 'theirs'");
  await theirs.getByRole("button", { name: "Save hook" }).click();
  await expect(theirs).toHaveCount(0);

  await mine.getByRole("button", { name: "Save hook" }).click();
  await expect(mine.getByText("Somebody changed this hook meanwhile")).toBeVisible();
  await expect(condition).toHaveValue("crm_id == 'mine'");
  await page.reload();
  await alive(page);
  await expect(condition).toHaveValue("crm_id == 'theirs'");

  // Whoever has seen what it is by now may change it.
  await condition.fill("crm_id == 'both'");
  await mine.getByRole("button", { name: "Save hook" }).click();
  await expect(mine).toHaveCount(0);
});

test("deleting a hook asks first, and a flow in use is not deleted", async ({
  page,
  offhook,
  receiver,
}) => {
  const { queue, flow } = await hooked(page, offhook, receiver.url);
  await page.goto(`/flows/${flow}/delete`);
  await alive(page);
  await expect(page.getByRole("dialog", { name: "This flow is in use" })).toBeVisible();

  await page.goto(`/queues/${queue}/hooks`);
  await alive(page);
  await page.getByRole("link", { name: /^Delete hook/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete hook" }).click();
  await expect(page.getByText("No hooks yet")).toBeVisible();
});
