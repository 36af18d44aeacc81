// Every form works before the page's own code runs, and without it.

import { ADMIN, addUser, enter, hooked, joined, setUp, signIn } from "../support/panel.ts";
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

test("a wrong password is told, and the right one signs in", async ({ page, offhook }) => {
  await addUser(offhook, "olena", "admin");
  await page.goto("/flows");
  await expect(page).toHaveURL(/sign-in/);
  await page.getByLabel("Login").fill("olena");
  await page.getByLabel("Password").fill("not this one at all");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The login or the password is wrong")).toBeVisible();
  await expect(page.getByLabel("Login")).toHaveValue("olena");
  // A password never comes back.
  await expect(page.getByLabel("Password")).toHaveValue("");

  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Flows", level: 1 })).toBeVisible();

  await page.getByLabel("Menu of olena").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signIn(page, "olena", ADMIN.password);
});

test("a token is made, shown once, and works", async ({ page, offhook }) => {
  await enter(page, offhook);
  await page.goto("/tokens/new");
  await page.getByLabel("Name").fill("dialler");
  await page.getByRole("checkbox", { name: /^Read/ }).check();
  await page.getByRole("button", { name: "Make token" }).click();
  const made = page.getByRole("dialog", { name: "Copy the token now" });
  const secret = /oh_[\w-]+/.exec(await made.innerText())?.[0] ?? "";
  expect((await offhook.api(secret, "/api/v1/queues")).items).toEqual([]);

  await page.reload();
  await expect(page.getByRole("dialog", { name: "The token has been shown" })).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await page.goto("/tokens");
  await expect(page.getByRole("row", { name: /dialler/ })).toBeVisible();
});

test("a form that is refused comes back with what was typed", async ({ page, offhook }) => {
  await enter(page, offhook, "editor");
  await page.goto("/flows/new");
  const faulty = '[\n  {"fly": "away"}\n]';
  await page.getByLabel("Name").fill("Faulty");
  await page.getByLabel("Steps of the flow, as JSON").fill(faulty);
  await page.getByRole("button", { name: "Save flow" }).click();
  await expect(page).toHaveURL(/\/flows\/new$/);
  await expect(page.getByLabel("Name")).toHaveValue("Faulty");
  await expect(page.getByLabel("Steps of the flow, as JSON")).toHaveValue(faulty);
  await expect(page.getByRole("list", { name: "Problems" })).toContainText("unknown action");

  // What was said is said once.
  await page.reload();
  await expect(page.getByLabel("Name")).toHaveValue("");
});

test("a delivery is replayed", async ({ page, offhook, receiver }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url, false);
  await offhook.api(token, "/api/v1/events", joined(queue, 78));
  await expect.poll(() => receiver.received.length).toBe(1);
  await page.goto("/deliveries");
  await page.getByRole("link", { name: /Tell the CRM/ }).first().click();
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByText("A new delivery of the same event has been made.")).toBeVisible();
  await expect.poll(() => receiver.received.length).toBe(2);
  const ids = receiver.received.map((request) => request.headers["webhook-id"]);
  expect(new Set(ids).size).toBe(2);
});

test("deleting a hook asks first", async ({ page, offhook, receiver }) => {
  await hooked(page, offhook, receiver.url, false);
  await page.getByRole("link", { name: /^Delete hook/ }).click();
  const question = page.getByRole("dialog", { name: "Delete the hook Joined → Tell the CRM?" });
  await question.getByRole("button", { name: "Delete hook" }).click();
  await expect(page.getByText("The hook is deleted")).toBeVisible();
  await expect(page.getByText("No hooks yet")).toBeVisible();
});
