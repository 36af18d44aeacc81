// Lists of numbers, calendars and the cache: their forms are posted by the browser itself, whether or
// not the page's own code runs.

import { enter } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test.use({ javaScriptEnabled: false });

test("a list is made, filled by hand and by paste, searched, and deleted", async ({
  page,
  offhook,
}) => {
  await enter(page, offhook, "editor");
  await page.goto("/lists");
  await expect(page.getByRole("heading", { name: "No lists" })).toBeVisible();
  await page.locator("summary", { hasText: "New list" }).click();
  await page.getByLabel("Name").fill("VIP");
  await page.getByRole("button", { name: "Make list" }).click();
  await expect(page.getByRole("heading", { name: "VIP", level: 1 })).toBeVisible();

  await page.getByLabel("Number", { exact: true }).fill("+380441234567");
  await page.getByLabel("Expires, in UTC").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("Lies in the past")).toBeVisible();
  await expect(page.getByLabel("Number", { exact: true })).toHaveValue("+380441234567");
  await page.getByLabel("Expires, in UTC").fill("");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("cell", { name: "+380441234567", exact: true })).toBeVisible();

  await page.getByLabel("One number a line").fill("100, the doctor\n200\n");
  await page.getByRole("button", { name: "Add them" }).click();
  await expect(page.getByText("2 numbers added")).toBeVisible();
  await page.getByLabel("Numbers that begin with").fill("1");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("cell", { name: "the doctor", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Remove 100" }).click();
  await expect(page.getByText("100 is taken out")).toBeVisible();

  await page.locator("summary", { hasText: "Delete list" }).click();
  await page.getByRole("button", { name: "Delete list" }).click();
  await expect(page.getByRole("heading", { name: "No lists" })).toBeVisible();
});

test("a calendar is given hours and an exception", async ({ page, offhook }) => {
  await enter(page, offhook, "editor");
  await page.goto("/calendars");
  await page.locator("summary", { hasText: "New calendar" }).click();
  await page.getByLabel("Name").fill("Office");
  await page.getByLabel("Time zone").fill("Kyiv");
  await page.getByRole("button", { name: "Make calendar" }).click();
  await expect(page.getByText(/Is no time zone like Europe\/Kyiv/)).toBeVisible();
  await page.getByLabel("Time zone").fill("Europe/Kyiv");
  await page.getByRole("button", { name: "Make calendar" }).click();
  await expect(page.getByRole("heading", { name: "Office", level: 1 })).toBeVisible();

  const monday = page.getByLabel("Monday");
  await monday.fill("18:00-09:00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(monday).toHaveAttribute("aria-invalid", "true");
  await expect(monday).toHaveValue("18:00-09:00");
  await monday.fill("9:00-13:00, 14:00-18:00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(monday).toHaveValue("09:00-13:00, 14:00-18:00");

  await page.getByLabel("Day", { exact: true }).fill("2027-01-01");
  await page.locator("#exception-name").fill("New Year");
  await page.getByLabel("Every year").check();
  await page.getByRole("button", { name: "Add an exception" }).click();
  await expect(page.getByRole("cell", { name: "New Year", exact: true })).toBeVisible();
  await expect(page.getByRole("cell", { name: "every year" })).toBeVisible();
  await page.getByRole("button", { name: "Remove New Year" }).click();
  await expect(page.getByText("There are none.")).toBeVisible();
});
