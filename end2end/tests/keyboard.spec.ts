// The whole main job without a mouse: every step is a key, and whatever is pressed has the focus,
// which is seen.

import type { Locator, Page } from "@playwright/test";
import { ADMIN, addUser, alive, postTo, theDelivery } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

/** More presses of a key than any page needs. */
const PRESSES = 80;

/** Presses the key until this has the focus, and is seen to have it. */
async function reach(page: Page, target: Locator, key = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < PRESSES; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press(key);
  }
  await expect(target).toBeFocused();
  // The outline is its own, or that of what holds it closely.
  const seen = await target.evaluate((element) => {
    let one: Element | null = element;
    for (let up = 0; up < 4 && one; up++, one = one.parentElement) {
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      if (outlineStyle !== "none" && outlineWidth !== "0px") return true;
    }
    return false;
  });
  expect(seen, "the focus is seen").toBe(true);
}

/** Reaches it by Tab, and presses Enter. */
async function press(page: Page, target: Locator): Promise<void> {
  await reach(page, target);
  await page.keyboard.press("Enter");
}

/** Opens the dialog to jump from, types, and opens what stands first, which is this. */
async function jump(page: Page, typed: string, to: RegExp): Promise<void> {
  await page.keyboard.press("Control+k");
  const dialog = page.getByRole("dialog", { name: "Jump to…" });
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(typed);
  await expect(dialog.getByRole("option", { selected: true })).toHaveAccessibleName(to);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  // From here Tab leads into the page, not through the frame around it.
  await expect(page.getByRole("main")).toBeFocused();
}

test("the main job is done without a mouse", async ({ page, offhook, receiver }) => {
  await addUser(offhook, ADMIN.login, "admin");

  await test.step("sign in", async () => {
    await page.goto("/queues");
    await expect(page.getByLabel("Login")).toBeFocused();
    await page.keyboard.type(ADMIN.login);
    await page.keyboard.press("Tab");
    await expect(page.getByLabel("Password")).toBeFocused();
    await page.keyboard.type(ADMIN.password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Queues", level: 1 })).toBeVisible();
    await alive(page);
  });

  await test.step("the first Tab leads past the frame", async () => {
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
  });

  await test.step("a queue is made", async () => {
    await jump(page, "new queue", /^New queue/);
    await press(page, page.getByRole("link", { name: /^Inbound queue/ }));
    await reach(page, page.getByLabel("Name"));
    await page.keyboard.type("Support line");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Support line" })).toBeVisible();
  });

  await test.step("a flow is made: Escape, then Tab, leads out of its text", async () => {
    await jump(page, "new flow", /^New flow/);
    await reach(page, page.getByLabel("Steps of the flow, as JSON"));
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(postTo(receiver.url));
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await reach(page, page.getByLabel("Name"));
    await page.keyboard.type("Tell the CRM");
    await press(page, page.getByRole("button", { name: "Save flow" }));
    await expect(page.getByRole("heading", { name: "Tell the CRM" })).toBeVisible();
  });

  const add = page.getByRole("link", { name: "Add hook" }).first();
  const dialog = page.getByRole("dialog", { name: "Add hook" });

  await test.step("from anywhere to the queue, and to its tab Hooks", async () => {
    await jump(page, "supp", /^Support line.*Queue$/);
    await expect(page.getByRole("heading", { name: "Support line" })).toBeVisible();
    const tabs = page.getByRole("navigation", { name: "Support line" });
    await press(page, tabs.getByRole("link", { name: "General" }));
    await expect(page).toHaveURL(/\/queues\/\d+$/);
    await press(page, tabs.getByRole("link", { name: /^Hooks/ }));
    await expect(page).toHaveURL(/\/queues\/\d+\/hooks$/);
  });

  await test.step("Escape leaves a dialog, and leads back to what opened it", async () => {
    await press(page, add);
    await expect(dialog.getByRole("radio").first()).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(add).toBeFocused();
  });

  await test.step("a hook is added: event, flow, save", async () => {
    await page.keyboard.press("Enter");
    await expect(dialog.getByRole("radio").first()).toBeFocused();
    const missed = dialog.getByRole("radio", { name: /^Missed/ });
    await reach(page, missed, "ArrowDown");
    await expect(missed).toBeChecked();
    const flow = dialog.getByRole("combobox", { name: "Run this flow" });
    await reach(page, flow);
    await page.keyboard.type("crm");
    await expect(dialog.getByRole("option", { name: /Tell the CRM/ })).toBeVisible();
    // Here Escape closes the list, not the dialog.
    await page.keyboard.press("Escape");
    await expect(dialog.getByRole("listbox")).toHaveCount(0);
    await expect(flow).toBeFocused();
    await page.keyboard.type("crm");
    await expect(dialog.getByRole("option", { name: /Tell the CRM/ })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(flow).toHaveValue("Tell the CRM");
    await press(page, dialog.getByRole("button", { name: "Save hook" }));
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole("row", { name: /Missed.*Tell the CRM/ })).toBeVisible();
    // The row is new, but Tab goes on in the page, not at its top.
    await expect(page.locator("main:focus, main :focus")).toHaveCount(1);
  });

  await test.step("a test event is sent", async () => {
    await press(page, page.getByRole("link", { name: /^Send a test event/ }));
    const send = page.getByRole("dialog", { name: "Send a test event" });
    await press(page, send.getByRole("button", { name: "Send test event" }));
    await expect(page).toHaveURL(/\/deliveries\/[0-9a-f-]{36}/);
    await expect.poll(() => receiver.received.length).toBe(1);
    await expect(page.getByRole("main")).toBeFocused();
  });

  await test.step("its delivery is read, down to the request", async () => {
    const delivery = theDelivery(page);
    await expect(delivery.getByText("Delivered", { exact: true })).toBeVisible();
    const request = delivery.locator("details[open] pre", { hasText: "/calls/" });
    await expect(request).toHaveCount(0);
    await press(page, delivery.locator("summary", { hasText: "Request and answer" }));
    await expect(request.first()).toBeVisible();
  });
});
