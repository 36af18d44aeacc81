import { ADMIN, addUser, enter, setUp } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test("the one-time link makes one administrator and works once", async ({ page, offhook }) => {
  await setUp(page, offhook);
  await page.getByLabel(`Menu of ${ADMIN.login}`).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await page.goto(offhook.setupLink());
  await expect(page.getByRole("heading", { name: "Offhook is set up" })).toBeVisible();
});

test("a wrong password is refused, and the right one leads to where one wanted to go", async ({
  page,
  offhook,
}) => {
  await addUser(offhook, "olena", "admin");
  await addUser(offhook, "ivan", "viewer");
  await page.goto("/deliveries");
  await expect(page).toHaveURL(/sign-in/);
  await page.getByLabel("Login").fill("ivan");
  await page.getByLabel("Password").fill("not this one at all");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The login or the password is wrong")).toBeVisible();

  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/deliveries/);
});

test("who may only read is offered no change, and no users or tokens", async ({ page, offhook }) => {
  await enter(page, offhook, "viewer");
  await page.goto("/flows");
  await expect(page.getByRole("heading", { name: "Flows", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "New flow" })).toHaveCount(0);
  const main = page.getByRole("navigation", { name: "Main" });
  await expect(main.getByRole("link", { name: "Tokens" })).toHaveCount(0);
});
