// Many hooks and queues at once: choosing them, each act, what is left and why, copies.

import type { Locator, Page } from "@playwright/test";
import type { Offhook } from "../support/offhook.ts";
import { addHook, alive, createFlow, createQueue, enter } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

const LOG = '[{"log": "hello"}]';

/** Two queues and two flows; Sales has three hooks, Support two. */
async function wired(page: Page, offhook: Offhook, scripted = true): Promise<[number, number]> {
  await enter(page, offhook, "editor");
  await createFlow(page, "CRM", LOG, scripted);
  await createFlow(page, "SMS", LOG, scripted);
  const sales = await createQueue(page, "Sales", scripted);
  const support = await createQueue(page, "Support", scripted);
  for (const event of ["Joined", "Missed", "Leaving"]) {
    await addHook(page, sales, event, "CRM", scripted);
  }
  await addHook(page, support, "Joined", "CRM", scripted);
  await addHook(page, support, "Joined", "SMS", scripted);
  return [sales, support];
}

/** The list of all hooks, in the order of queue, then of making. */
async function openHooks(page: Page, scripted = true): Promise<void> {
  await page.goto("/hooks?sort=queue");
  if (scripted) await alive(page);
}

/** The box of a row. */
function box(page: Page, name: string): Locator {
  return page.getByRole("checkbox", { name: `Choose ${name}`, exact: true });
}

/** What can be done to what is chosen. */
function bar(page: Page): Locator {
  return page.getByRole("group", { name: "With what is chosen" });
}

/** Chooses rows by their names, and what is to be done to them. */
async function choose(page: Page, names: string[], act: string): Promise<Locator> {
  for (const name of names) await box(page, name).check();
  await bar(page).getByRole("button", { name: act, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Whether each hook of the list is switched on. */
async function states(page: Page): Promise<Record<string, boolean>> {
  const all: Record<string, boolean> = {};
  for (const one of await page.getByRole("switch", { name: /^On: / }).all()) {
    const name = (await one.getAttribute("aria-label")) ?? "";
    all[name.slice("On: ".length)] = (await one.getAttribute("aria-checked")) === "true";
  }
  return all;
}

test("rows are chosen by clicks, in ranges, all at once, and the count is said", async ({
  page,
  offhook,
}) => {
  await wired(page, offhook);
  await openHooks(page);
  await expect(bar(page)).toBeHidden();
  const boxes = page.getByRole("checkbox", { name: /^Choose (Sales|Support)/ });
  await boxes.nth(0).click();
  await expect(page.getByRole("status").filter({ hasText: "1 hook chosen" })).toHaveCount(1);
  await boxes.nth(3).click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("4 hooks chosen");
  for (const at of [0, 1, 2, 3]) await expect(boxes.nth(at)).toBeChecked();
  await expect(boxes.nth(4)).not.toBeChecked();
  // The same way back.
  await boxes.nth(1).click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("1 hook chosen");

  const all = page.getByRole("checkbox", { name: "Choose all on this page" });
  await expect(all).toBeChecked({ indeterminate: true });
  await all.click();
  await expect(bar(page)).toContainText("5 hooks chosen");
  await expect(all).toBeChecked();
  await bar(page).getByRole("button", { name: "Clear" }).click();
  await expect(bar(page)).toBeHidden();
  await expect(all).not.toBeChecked();

  // Other rows, another choice.
  await boxes.nth(0).click();
  await page.getByRole("searchbox", { name: "Search hooks" }).fill("support");
  await expect(boxes).toHaveCount(2);
  await expect(bar(page)).toBeHidden();
});

test("rows are chosen by keyboard alone, and what can be done is one key away", async ({
  page,
  offhook,
}) => {
  await wired(page, offhook);
  await openHooks(page);
  const boxes = page.getByRole("checkbox", { name: /^Choose (Sales|Support)/ });
  await boxes.nth(1).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(bar(page)).toContainText("3 hooks chosen");
  await expect(boxes.nth(3)).toBeFocused();
  // Without Shift an arrow only goes.
  await page.keyboard.press("ArrowDown");
  await expect(boxes.nth(4)).toBeFocused();
  await expect(boxes.nth(4)).not.toBeChecked();
  // Shift and Space choose from the last one to here.
  await page.keyboard.press("Shift+Space");
  await expect(bar(page)).toContainText("4 hooks chosen");

  await page.keyboard.press("Enter");
  await expect(bar(page).getByRole("button", { name: "Enable" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Disable 4 hooks in 2 queues?" });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  // What was chosen still is.
  await expect(bar(page)).toContainText("4 hooks chosen");
  await boxes.nth(4).focus();
  await page.keyboard.press("Escape");
  await expect(bar(page)).toBeHidden();
});

for (const scripted of [true, false]) {
  test.describe(scripted ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled: scripted });

    test("hooks are disabled and enabled together", async ({ page, offhook }) => {
      await wired(page, offhook, scripted);
      await openHooks(page, scripted);
      const names = ["Sales: Joined → CRM", "Support: Joined → SMS"];
      let dialog = await choose(page, names, "Disable");
      await expect(dialog).toHaveAccessibleName("Disable 2 hooks in 2 queues?");
      await dialog.getByRole("button", { name: "Disable 2 hooks" }).click();
      await expect(page.getByText("2 hooks are disabled")).toBeVisible();
      await expect(page).toHaveURL(/\/hooks\?sort=queue$/);
      await expect.poll(() => states(page)).toEqual({
        "Sales: Joined → CRM": false,
        "Sales: Missed → CRM": true,
        "Sales: Leaving → CRM": true,
        "Support: Joined → CRM": true,
        "Support: Joined → SMS": false,
      });

      dialog = await choose(page, ["Sales: Joined → CRM", "Sales: Missed → CRM"], "Enable");
      await expect(dialog).toHaveAccessibleName("Enable 2 hooks in Sales?");
      await expect(dialog).toContainText("1 of them is on already.");
      await dialog.getByRole("button", { name: "Enable 2 hooks" }).click();
      await expect(page.getByText("2 hooks are enabled")).toBeVisible();
      await expect.poll(async () => (await states(page))["Sales: Joined → CRM"]).toBe(true);
    });

    test("what a flow runs already does not move, and the rest does", async ({ page, offhook }) => {
      await wired(page, offhook, scripted);
      await openHooks(page, scripted);
      const names = ["Sales: Joined → CRM", "Support: Joined → CRM"];
      const dialog = await choose(page, names, "Move to a flow");
      await expect(dialog).toHaveAccessibleName("Move 2 hooks in 2 queues to another flow?");
      const choice = dialog.getByLabel("Run this flow");
      if (scripted) {
        await choice.fill("SMS");
        await dialog.getByRole("option", { name: /SMS/ }).click();
      } else {
        await choice.selectOption({ label: "SMS" });
      }
      await dialog.getByRole("button", { name: "Move 2 hooks" }).click();

      const result = page.getByRole("dialog", { name: "1 of 2 hooks is moved" });
      await expect(result.getByRole("listitem")).toHaveCount(1);
      await expect(result.getByRole("listitem")).toContainText("Support: Joined → CRM");
      await expect(result.getByRole("listitem")).toContainText(
        "A hook of its queue runs this flow at this event already.",
      );
      await result.getByRole("link", { name: "Close" }).first().click();
      await expect(result).toHaveCount(0);
      await expect(page.getByRole("row", { name: /Sales: Joined → SMS/ })).toBeVisible();
      await expect(page.getByRole("row", { name: /Support: Joined → CRM/ })).toBeVisible();
    });

    test("hooks of a queue's tab are deleted together; one that is gone is named", async ({
      page,
      offhook,
    }) => {
      const [sales] = await wired(page, offhook, scripted);
      await page.goto(`/queues/${sales}/hooks`);
      if (scripted) await alive(page);
      const missed = (await box(page, "Missed → CRM").getAttribute("value")) ?? "";
      const dialog = await choose(page, ["Joined → CRM", "Missed → CRM"], "Delete");
      await expect(dialog).toHaveAccessibleName("Delete 2 hooks in Sales?");
      await expect(dialog).toContainText("This cannot be undone.");
      // Somebody else is quicker.
      const answer = await page.request.post(`${offhook.url}/api/panel/hooks/delete`, {
        form: { id: missed, queue: sales },
        headers: { origin: offhook.url, accept: "application/json" },
      });
      expect(answer.ok()).toBe(true);

      await dialog.getByRole("button", { name: "Delete 2 hooks" }).click();
      const result = page.getByRole("dialog", { name: "1 of 2 hooks is deleted" });
      await expect(result.getByRole("listitem")).toContainText(/Hook \d+/);
      await expect(result.getByRole("listitem")).toContainText("It was deleted meanwhile.");
      await result.getByRole("link", { name: "Close" }).first().click();
      await expect(result).toHaveCount(0);
      await expect(page.getByRole("row", { name: /Leaving/ })).toBeVisible();
      await expect(page.getByRole("row", { name: /Joined|Missed/ })).toHaveCount(0);
    });

    test("queues are disabled, enabled and deleted together", async ({ page, offhook }) => {
      await wired(page, offhook, scripted);
      const open = async () => {
        await page.goto("/queues");
        if (scripted) await alive(page);
      };
      const state = page.getByRole("switch", { name: "Make deliveries for Sales" });
      await open();
      let dialog = await choose(page, ["Sales", "Support"], "Disable");
      await expect(dialog).toHaveAccessibleName("Disable 2 queues?");
      await dialog.getByRole("button", { name: "Disable 2 queues" }).click();
      await expect(page.getByText("2 queues are disabled")).toBeVisible();
      await expect(state).not.toBeChecked();

      await open();
      dialog = await choose(page, ["Sales"], "Enable");
      await dialog.getByRole("button", { name: "Enable 1 queue" }).click();
      await expect(page.getByText("1 queue is enabled")).toBeVisible();
      await expect(state).toBeChecked();

      await open();
      dialog = await choose(page, ["Sales", "Support"], "Delete");
      await expect(dialog).toHaveAccessibleName("Delete 2 queues?");
      await expect(dialog).toContainText("5 hooks go with them.");
      await dialog.getByRole("button", { name: "Delete 2 queues" }).click();
      await expect(page.getByText("2 queues are deleted")).toBeVisible();
      await expect(page.getByRole("heading", { name: "No queues yet" })).toBeVisible();
      await page.goto("/hooks");
      await expect(page.getByRole("heading", { name: "No hooks yet" })).toBeVisible();
    });

    test("a queue's hooks are copied to others, as the preview says", async ({ page, offhook }) => {
      const [sales, support] = await wired(page, offhook, scripted);
      await page.goto(`/queues/${sales}/hooks`);
      if (scripted) await alive(page);
      await page.getByRole("link", { name: "Copy to queues" }).click();
      const dialog = page.getByRole("dialog", { name: "Copy 3 hooks to other queues" });
      await dialog.getByRole("searchbox", { name: "Search queues" }).fill("supp");
      if (!scripted) await dialog.getByRole("button", { name: "Search" }).click();
      const target = dialog.getByRole("checkbox", { name: /^Support/ });
      await expect(dialog.getByRole("checkbox")).toHaveCount(1);
      await target.check();
      await dialog.getByRole("button", { name: "Show what will be made" }).click();

      const preview = page.getByRole("dialog", { name: "Make 2 of 3 copies?" });
      await expect(preview.getByRole("listitem")).toHaveText([
        /Joined → CRM\s+A hook there runs this flow at this event already\./,
        /Leaving → CRM\s+will be made/,
        /Missed → CRM\s+will be made/,
      ]);
      await preview.getByRole("radio", { name: "Switched off" }).check();
      await preview.getByRole("button", { name: "Make 2 copies" }).click();
      const result = page.getByRole("dialog", { name: "2 of 3 copies are made" });
      await expect(result.getByRole("listitem")).toContainText("Sales: Joined → CRM, for Support");

      await page.goto(`/queues/${support}/hooks`);
      await expect(page.getByRole("row", { name: /Missed → CRM/ })).toBeVisible();
      expect(await states(page)).toEqual({
        "Joined → CRM": true,
        "Joined → SMS": true,
        "Missed → CRM": false,
        "Leaving → CRM": false,
      });
    });

    test("a queue is duplicated with its hooks", async ({ page, offhook }) => {
      const [sales] = await wired(page, offhook, scripted);
      await page.goto(`/queues/${sales}`);
      if (scripted) await alive(page);
      await page.getByRole("link", { name: "Duplicate" }).click();
      const dialog = page.getByRole("dialog", { name: "Duplicate queue" });
      const name = dialog.getByLabel("Name of the new queue");
      await expect(name).toHaveValue("Sales (copy)");
      // A name in use is said at the name.
      await name.fill("Support");
      await dialog.getByRole("button", { name: "Duplicate queue" }).click();
      await expect(name).toHaveAttribute("aria-invalid", "true");
      await name.fill("Evening sales");
      await dialog.getByRole("radio", { name: "As the hooks are, on or off" }).check();
      await dialog.getByRole("button", { name: "Duplicate queue" }).click();
      await expect(page.getByRole("heading", { name: "Evening sales", level: 1 })).toBeVisible();
      await expect(page.getByText("The queue is made, with its variables and hooks")).toBeVisible();
      await expect.poll(() => states(page)).toEqual({
        "Joined → CRM": true,
        "Missed → CRM": true,
        "Leaving → CRM": true,
      });
    });
  });
}

test("the list of all hooks is searched, narrowed and sorted, in the address", async ({
  page,
  offhook,
}) => {
  const [sales] = await wired(page, offhook);
  await openHooks(page);
  const rows = page.getByRole("row").filter({ has: page.getByRole("checkbox", { name: /: / }) });
  await expect(rows).toHaveCount(5);
  await page.getByRole("combobox", { name: "Flow" }).fill("SMS");
  await page.getByRole("option", { name: /SMS/ }).click();
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/flow=\d+/);
  await page.getByRole("combobox", { name: "Flow" }).click();
  await page.getByRole("option", { name: "All flows" }).click();
  await expect(rows).toHaveCount(5);
  await page.getByRole("combobox", { name: "Queue" }).fill("sal");
  await page.getByRole("option", { name: /Sales/ }).click();
  await expect(rows).toHaveCount(3);
  await expect(page).toHaveURL(new RegExp(`queue=${sales}`));
  await page.getByRole("combobox", { name: "Event" }).selectOption({ label: "Missed" });
  await expect(rows).toHaveCount(1);
  await page.getByRole("searchbox", { name: "Search hooks" }).fill("nobody");
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(rows).toHaveCount(5);
  await expect(page.getByRole("combobox", { name: "Queue" })).toHaveValue("All queues");

  // What an address says is there when it is opened.
  await page.goto(`/hooks?queue=${sales}&state=on`);
  await alive(page);
  await expect(rows).toHaveCount(3);
  await expect(page.getByRole("combobox", { name: "Queue" })).toHaveValue("Sales");
  await page.getByRole("link", { name: "Event", exact: true }).click();
  await expect(rows.first()).toContainText("Joined");
  await page.getByRole("link", { name: "Event", exact: true }).click();
  await expect(rows.first()).toContainText("Missed");
});

test("more than 500 are told, and nothing is done", async ({ page, offhook }) => {
  await enter(page, offhook, "editor");
  const ids = Array.from({ length: 501 }, (_, at) => `id=${at + 1}`).join("&");
  await page.goto(`/hooks/many?act=delete&${ids}`);
  await alive(page);
  const dialog = page.getByRole("dialog", { name: "Nothing to do" });
  await expect(dialog).toContainText("At most 500 are changed at once; these are 501");
});

test("a viewer chooses nothing and changes nothing", async ({ page, offhook, quiet }) => {
  await enter(page, offhook, "viewer");
  await page.goto("/queues");
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  expect((await page.goto("/queues/many?act=delete&id=1"))?.status()).toBe(403);
  await expect(page.getByRole("heading", { name: "Your role does not allow this" })).toBeVisible();
  await expect.poll(() => quiet.length).toBe(1);
  expect(quiet.splice(0)).toEqual([expect.stringContaining("a status of 403")]);
});
