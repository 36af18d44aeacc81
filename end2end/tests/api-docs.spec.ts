import { enter } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test("the API can be read and tried by who has a token and is not signed in", async ({
  page,
  offhook,
}) => {
  const token = await offhook.token("crm", "read");
  await page.goto("/api/docs");
  await expect(page.getByRole("heading", { name: "Offhook", level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const bearer = page.locator(".auth-container", { hasText: "Bearer" });
  await bearer.getByRole("textbox").fill(token);
  await bearer.getByRole("button", { name: "Apply credentials" }).click();
  await page.getByRole("button", { name: "Close", exact: true }).last().click();

  const catalog = page.locator("#operations-catalog-getCatalog");
  await catalog.getByRole("button", { name: "Shows the catalog" }).click();
  await catalog.getByRole("button", { name: "Execute" }).click();
  await expect(catalog.locator(".live-responses-table")).toContainText("hangup_causes");
});

test("the token page leads to the API, in the theme that was chosen", async ({ page, offhook }) => {
  await enter(page, offhook, "admin");
  await page.context().addCookies([{ name: "theme", value: "dark", url: offhook.url }]);
  await page.goto("/tokens");
  await page.getByRole("link", { name: "API reference" }).click();
  await expect(page).toHaveURL(/\/api\/docs$/);
  await expect(page.locator("html")).toHaveClass("dark-mode");
  await expect(page.getByText("/api/v1/catalog", { exact: true })).toBeVisible();
});
