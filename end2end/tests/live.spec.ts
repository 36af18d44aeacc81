// The log follows what happens while it is looked at.

import type { Page } from "@playwright/test";
import { alive, hooked, joined, theDelivery } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

/** The row of a call's only delivery. */
function row(page: Page, call: number) {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("link", { name: `Open call ${call}`, exact: true }) });
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
  await expect(row(page, 77)).toBeVisible();
  await row(page, 77).getByRole("link").first().click();
  await expect(theDelivery(page)).toBeVisible();
  const open = page.url();

  await post(78);
  await expect(row(page, 78)).toBeVisible();
  await expect(row(page, 77).getByRole("link").first()).toHaveAttribute("aria-current", "true");
  expect(page.url()).toBe(open);

  await page.getByRole("button", { name: "Live" }).click();
  await post(79);
  await page.clock.runFor(20_000);
  await expect(row(page, 78)).toBeVisible();
  await expect(row(page, 79)).toHaveCount(0);
  await page.getByRole("button", { name: "Paused" }).click();
  await expect(row(page, 79)).toBeVisible();

  await page.goto("/deliveries?search=81");
  await alive(page);
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await post(80);
  await post(81);
  await expect(row(page, 81)).toBeVisible();
  await expect(row(page, 80)).toHaveCount(0);
});
