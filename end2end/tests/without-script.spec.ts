// Every form works before the page's own code runs, and without it.

import { hooked, joined, setUp } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test.use({ javaScriptEnabled: false });

test("the first administrator is made and signed in", async ({ page, offhook }) => {
  await setUp(page, offhook);
  await expect(page.getByText("you are signed in")).toBeVisible();
});

test("a hook is added, and the log is read and filtered", async ({ page, offhook, receiver }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url, false);
  await offhook.api(token, "/api/v1/events", joined(queue, 77));
  await expect.poll(() => receiver.received.length).toBe(1);

  await page.goto("/deliveries");
  await expect(page.getByRole("link", { name: /Tell the CRM/ }).first()).toBeVisible();
  await page.goto("/deliveries?state=dead");
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await page.goto("/deliveries");
  await page.getByRole("link", { name: /Tell the CRM/ }).first().click();
  await expect(page).toHaveURL(/\/deliveries\/[0-9a-f-]{36}/);
  await expect(page.getByText("/calls/77").first()).toBeVisible();

  // The switch of the hook is a button in a form.
  await page.goto(`/queues/${queue}/hooks`);
  const state = page.getByRole("switch", { name: /^On: Joined/ });
  await expect(state).toBeChecked();
  await state.click();
  await expect(page.getByRole("switch", { name: /^On: Joined/ })).not.toBeChecked();
});
