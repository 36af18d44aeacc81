import { alive, enter, postTo } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test("a flow is made, changed, duplicated and deleted", async ({ page, offhook }) => {
  await enter(page, offhook, "editor");
  await page.goto("/flows/new");
  await alive(page);
  await page.getByLabel("Name").fill("Tell the CRM");
  await page.getByLabel("Steps of the flow, as JSON").fill(postTo("https://crm.example"));
  await page.getByRole("button", { name: "Save flow" }).click();
  await expect(page.getByRole("heading", { name: "Tell the CRM" })).toBeVisible();
  await expect(page.getByText("version 1", { exact: true }).first()).toBeVisible();

  await alive(page);
  await page.getByLabel("Steps of the flow, as JSON").fill('[{"log": "nothing yet"}]');
  await page.getByRole("button", { name: "Save version 2" }).click();
  await expect(page.getByText("version 2", { exact: true }).first()).toBeVisible();

  await page.getByRole("link", { name: "Duplicate" }).click();
  await page.getByRole("button", { name: "Duplicate" }).click();
  await expect(page.getByRole("heading", { name: "Tell the CRM (copy)" })).toBeVisible();

  await page.getByRole("link", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/flows$/);
  await expect(page.getByRole("link", { name: "Tell the CRM", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Tell the CRM (copy)" })).toHaveCount(0);
});

test("a fault is named at its place as one types, and not saved", async ({ page, offhook }) => {
  await enter(page, offhook, "editor");
  await page.goto("/flows/new");
  await alive(page);
  await page.getByLabel("Name").fill("Faulty");
  await page.getByLabel("Steps of the flow, as JSON").fill('[\n  {"goto": "nowhere"},\n  {"fly": ""}\n]');
  await expect(page.getByText("2 errors", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Save flow" }).click();
  await expect(page).toHaveURL(/\/flows\/new/);
  await expect(page.getByText(/fly/).first()).toBeVisible();
});
