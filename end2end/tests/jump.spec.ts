// From a few letters to anything; what was opened last; saved views; the choice of columns.

import type { Locator, Page } from "@playwright/test";
import { ADMIN, addUser, alive, enter, signIn } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";
import type { Offhook } from "../support/offhook.ts";

test.use({ sample: true });

/** The dialog to jump from. */
function dialogOf(page: Page): Locator {
  return page.getByRole("dialog", { name: "Jump to…" });
}

/** Opens the dialog on a page that is alive. */
async function open(page: Page): Promise<Locator> {
  await alive(page);
  await page.keyboard.press("Control+k");
  const dialog = dialogOf(page);
  await expect(dialog.getByRole("combobox")).toBeFocused();
  return dialog;
}

/** A call joins the first queue of the sample, which has hooks for that. */
async function call(offhook: Offhook, attempt: number): Promise<void> {
  const token = await offhook.token("jump", "ingest", "read");
  const data = { channel: "call", attempt_id: attempt, destination: "+380441234567" };
  const event = { id: `dialler-${attempt}`, event: "joined", queue_id: 1, data };
  const answer = await offhook.api(token, "/api/v1/events", event);
  expect(answer.deliveries).toBeGreaterThan(0);
}

test("a few letters lead to what they name, and keys choose", async ({ page, offhook }) => {
  await enter(page, offhook);
  await call(offhook, 80_217);
  await page.goto("/queues");
  const dialog = await open(page);
  const rows = dialog.getByRole("option");
  const marked = dialog.getByRole("option", { selected: true });

  await page.keyboard.type("support");
  await expect(marked).toHaveAccessibleName(/^Support line Inbound queue Queue$/);
  await expect(marked).toHaveCount(1);
  await expect(dialog.getByRole("status")).toHaveText(/^\d+ results?$/);
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toHaveAttribute("aria-selected", "true");
  const active = await dialog.getByRole("combobox").getAttribute("aria-activedescendant");
  expect(active).toBe(await rows.nth(1).getAttribute("id"));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/queues\/1\/hooks$/);
  await expect(page.getByRole("heading", { name: "Support line" })).toBeVisible();

  // Words of a hook's queue, event and flow, in any order.
  await open(page);
  await page.keyboard.type("joined support");
  await expect(marked).toHaveAccessibleName(/^Joined → .* Support line Hook$/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Edit hook" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Edit hook" })).toHaveCount(0);

  await open(page);
  await page.keyboard.type("80217");
  await expect(marked).toHaveAccessibleName(/^Call 80217 .*Call$/);
  await expect(marked).toHaveAttribute("href", "/calls/80217");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("dialler-80217");
  await expect(marked).toHaveAccessibleName(/^Joined · Support line dialler-80217, .*Event$/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/deliveries\?search=/);

  const log = page.getByRole("main").getByRole("listitem").getByRole("link");
  await expect(log.first()).toBeVisible();
  const path = (await log.first().getAttribute("href")) ?? "";
  const id = /[0-9a-f-]{36}/.exec(path)?.[0] ?? "";
  await open(page);
  await page.keyboard.type(id);
  await expect(marked).toHaveAccessibleName(/Delivery$/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/deliveries/${id}`));
});

test("the dialog opens from anywhere, and gives the focus back", async ({ page, offhook }) => {
  await enter(page, offhook);
  await page.goto("/queues");
  await alive(page);
  const dialog = dialogOf(page);

  await page.keyboard.press("/");
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("zzzz");
  await expect(dialog.getByText("Nothing found")).toBeVisible();
  await expect(dialog.getByRole("option")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  // In a field it is a letter as any other.
  const search = page.getByRole("searchbox", { name: "Search queues" });
  await search.focus();
  await page.keyboard.press("/");
  await expect(search).toHaveValue("/");
  await expect(dialog).toBeHidden();
  await page.keyboard.press("Control+k");
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(dialog).toBeHidden();
  await expect(search).toBeFocused();

  // Enter that comes before the answer waits for it.
  await page.getByRole("link", { name: "Jump to…" }).click();
  await page.keyboard.type("flows");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Flows", level: 1 })).toBeVisible();

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("link", { name: "Jump to…" }).click();
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
});

test("a failed search is told, and typing on tries again", async ({ page, offhook, quiet }) => {
  await enter(page, offhook);
  await page.goto("/queues");
  const dialog = await open(page);
  await page.route("**/api/panel/jump/find", (route) => route.abort());
  await page.keyboard.type("supp");
  await expect(dialog.getByRole("status")).toHaveText(/cannot be used at the moment/);
  await page.unroute("**/api/panel/jump/find");
  await page.keyboard.type("o");
  await expect(dialog.getByRole("option", { name: /^Support line/ }).first()).toBeVisible();
  // Chromium says of its own that the request failed, and the panel that the function did.
  quiet.splice(0, quiet.length, ...quiet.filter((said) => !/ERR_FAILED|Failed to fetch/.test(said)));
});

test("what was opened last is offered, to nobody else", async ({ page, offhook }) => {
  await enter(page, offhook);
  for (const [path, heading] of [
    ["/queues/1", "Support line"],
    ["/flows/1", "CRM: find or make the contact"],
    ["/queues/1/variables", "Support line"],
  ] as const) {
    await page.goto(path);
    await alive(page);
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
  }
  const dialog = await open(page);
  await expect(dialog.getByRole("status")).toHaveText("Recently used");
  await expect(dialog.getByRole("option")).toHaveText([/^Support line/, /^CRM: find or make/]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/flows\/1$/);
  // What is opened is kept once it is there.
  await expect(page.getByRole("heading", { name: "CRM: find or make the contact" })).toBeVisible();

  await page.goto("/jump");
  await expect(page.getByRole("heading", { name: "Recently used" })).toBeVisible();
  const rows = page.getByRole("main").getByRole("link");
  await expect(rows).toHaveText([/^CRM: find/, /^Support line/]);

  await page.context().clearCookies();
  await addUser(offhook, "vera", "viewer");
  await signIn(page, "vera", ADMIN.password);
  await open(page);
  await expect(dialog.getByRole("status")).toHaveText(/^Type a name/);
  await expect(dialog.getByRole("option")).toHaveCount(0);
  // Nor is a page offered that only administrators see.
  await page.keyboard.type("users");
  await expect(dialog.getByText("Nothing found")).toBeVisible();
});

test("a view is saved, shown, replaced and deleted", async ({ page, offhook }) => {
  await enter(page, offhook);
  await page.goto("/queues");
  await alive(page);
  await page.getByLabel("State").selectOption("On");
  await expect(page).toHaveURL(/state=on/);
  await page.getByText("Views", { exact: true }).click();
  await expect(page.getByText("No view is saved yet.")).toBeVisible();
  await page.getByRole("link", { name: "Save this view…" }).click();
  await expect(page.getByText("state: on")).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("Running");
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(page).toHaveURL(/\/queues\?state=on$/);

  // The menu names the view that is shown, wherever one came from.
  const menu = page.locator("summary", { hasText: "Views" });
  await expect(menu).toHaveText("Views: Running");
  await page.getByLabel("State").selectOption("Off");
  await expect(menu).toHaveText("Views");
  await menu.click();
  await page.getByRole("link", { name: "Running", exact: true }).click();
  await expect(page).toHaveURL(/\/queues\?state=on$/);
  await expect(menu).toHaveText("Views: Running");

  // A name is used once, unless one says that it shall be replaced.
  await page.getByLabel("State").selectOption("Off");
  await expect(menu).toHaveText("Views");
  await menu.click();
  await page.getByRole("link", { name: "Save this view…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Running");
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(page.getByText("Is in use already")).toBeVisible();
  await page.getByLabel("If I have a view of this name").check();
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(page).toHaveURL(/\/queues\?state=off$/);

  // Nobody else has it.
  await page.context().clearCookies();
  await addUser(offhook, "vera", "viewer");
  await signIn(page, "vera", ADMIN.password);
  await page.goto("/views");
  await expect(page.getByText("No saved views yet")).toBeVisible();

  await page.context().clearCookies();
  await signIn(page, "admin", ADMIN.password);
  await page.goto("/views");
  await alive(page);
  await expect(page.getByRole("row", { name: /Running Queues state: off/ })).toBeVisible();
  await page.getByRole("link", { name: "Delete the view Running" }).click();
  const question = page.getByRole("dialog", { name: "Delete this view?" });
  await question.getByRole("button", { name: "Delete view" }).click();
  await expect(page.getByText("The view Running is deleted")).toBeVisible();
  await expect(page.getByText("No saved views yet")).toBeVisible();
});

/** The heads of the table's columns that are seen, but for the one of the boxes. */
async function heads(page: Page): Promise<string[]> {
  const heads = await page.getByRole("columnheader").allInnerTexts();
  return heads.filter((head) => head !== "");
}

test("columns are chosen, and stay in the address", async ({ page, offhook }) => {
  await enter(page, offhook);
  await page.goto("/queues?state=on");
  await alive(page);
  const all = ["Name", "Type", "Hooks", "Events, last hour", "Delivered", "On"];
  expect(await heads(page)).toEqual(all);
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Type" }).uncheck();
  await page.getByRole("checkbox", { name: "Delivered" }).uncheck();
  await expect(page).toHaveURL(/\?state=on&columns=hooks&columns=events&columns=on$/);
  const some = ["Name", "Hooks", "Events, last hour", "On"];
  await expect.poll(() => heads(page)).toEqual(some);
  const row = page.getByRole("row", { name: /Support line/ });
  // The box that chooses the row has a cell, too.
  await expect(row.getByRole("cell")).toHaveCount(1 + some.length);
  await expect(row).not.toContainText("Inbound queue", { useInnerText: true });

  // Filters and order keep the columns, and a reload too.
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Name" }).click();
  await expect(page).toHaveURL(/sort=name/);
  await page.getByRole("searchbox", { name: "Search queues" }).fill("line");
  await expect(page).toHaveURL(/search=line/);
  await page.reload();
  expect(await heads(page)).toEqual(some);

  // The name always stays, and all of them are left out of the address.
  await alive(page);
  await page.getByText("Columns", { exact: true }).click();
  for (const name of ["Hooks", "Events, last hour", "On"]) {
    await page.getByRole("checkbox", { name, exact: true }).uncheck();
  }
  await expect.poll(() => heads(page)).toEqual(["Name"]);
  for (const name of all.slice(1)) await page.getByRole("checkbox", { name, exact: true }).check();
  await expect.poll(() => heads(page)).toEqual(all);
  await expect(page).not.toHaveURL(/columns/);

  await page.goto("/flows?columns=hooks");
  expect(await heads(page)).toEqual(["Name", "Used by"]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the top bar leads to a page that finds the same", async ({ page, offhook }) => {
    await enter(page, offhook);
    await page.getByRole("link", { name: "Jump to…" }).click();
    const field = page.getByRole("searchbox", { name: "Queue, flow, hook, call or id" });
    // By itself: who is there before makes Chromium say so.
    await expect(field).toBeFocused();
    await field.fill("support");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page).toHaveURL(/\/jump\?q=support$/);
    await expect(field).toHaveValue("support");
    await page.getByRole("link", { name: /^Support line Inbound queue/ }).click();
    await expect(page.getByRole("heading", { name: "Support line" })).toBeVisible();
    await page.goto("/jump?q=zzzz");
    await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  });

  test("views are saved, shown and deleted, and columns chosen", async ({ page, offhook }) => {
    await enter(page, offhook);
    await page.goto("/flows?mode=strict&page=1");
    await page.getByText("Columns", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Mode" }).uncheck();
    await page.locator("form", { has: page.getByRole("checkbox", { name: "Mode" }) })
      .getByRole("button", { name: "Apply" }).click();
    const some = ["Name", "Type", "Version", "Used by", "Last saved"];
    await expect.poll(() => heads(page)).toEqual(some);
    await expect(page).toHaveURL(/mode=strict/);

    await page.getByText("Views", { exact: true }).click();
    await page.getByRole("link", { name: "Save this view…" }).click();
    const name = page.getByRole("textbox", { name: "Name" });
    await expect(name).toBeFocused();
    await name.fill("Strict ones");
    await page.getByRole("button", { name: "Save view" }).click();
    await expect(page.getByText("The view is saved")).toBeVisible();
    expect(await heads(page)).toEqual(some);

    await page.goto("/flows");
    await page.getByText("Views", { exact: true }).click();
    const view = page.getByRole("link", { name: "Strict ones", exact: true });
    await expect(view).not.toHaveAttribute("aria-current", "true");
    await view.click();
    expect(await heads(page)).toEqual(some);
    await page.getByText("Views", { exact: true }).click();
    await expect(view).toHaveAttribute("aria-current", "true");
    await page.getByRole("link", { name: "Delete the view Strict ones" }).click();
    await page.getByRole("button", { name: "Delete view" }).click();
    await expect(page.getByText("The view Strict ones is deleted")).toBeVisible();
  });
});
