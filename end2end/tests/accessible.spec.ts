// axe finds nothing serious on any page, in either theme and on a narrow screen.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ADMIN, addHook, addUser, alive, createFlow, enter, signIn } from "../support/panel.ts";
import { BEFORE, DENIED, MISSING, OUTSIDE, pages, type Place, traffic } from "../support/pages.ts";
import { expect, test } from "../support/fixtures.ts";

/** What is serious on this page, one line each. */
async function faults(page: Page): Promise<string[]> {
  // What fades in has its colours only at the end.
  await page.evaluate(() => {
    const passing = document.getAnimations().filter(
      (one) => Number.isFinite(Number(one.effect?.getComputedTiming().endTime)),
    );
    return Promise.allSettled(passing.map((one) => one.finished)).then(() => undefined);
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
    );
}

const LOOKS = [
  { name: "light", colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  { name: "narrow", colorScheme: "light", viewport: { width: 390, height: 844 } },
] as const;

for (const { name, colorScheme, viewport } of LOOKS) {
  test.describe(name, () => {
    test.use({ sample: true, colorScheme, viewport });

    test("no page has a serious fault", async ({ page, offhook, quiet }) => {
      test.setTimeout(1_200_000);
      const found: string[] = [];
      /** Holds what is shown now to the rules. */
      const inspect = async (at: string, heading: string | RegExp) => {
        await expect(page.getByRole("main"), at).toBeVisible();
        const named = page.getByRole("heading", { name: heading, exact: true });
        await expect(named.first(), at).toBeVisible();
        found.push(...(await faults(page)).map((fault) => `${at}: ${fault}`));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > viewport.width) found.push(`${at}: ${wide} px wide, the screen ${viewport.width}`);
      };
      const look = async (places: Place[], status = 200) => {
        for (const [at, path, heading] of places) {
          expect((await page.goto(path))?.status(), at).toBe(status);
          await alive(page);
          await inspect(at, heading);
        }
        if (status >= 400) await expectSaid(quiet, status, places.length);
      };

      await test.step("while nobody can sign in", async () => {
        await look(BEFORE);
        await look([["setup", offhook.setupLink(), "Set up Offhook"]]);
      });

      await test.step("for an administrator", async () => {
        await enter(page, offhook);
        await look(pages(await traffic(page, offhook)));
        await look(MISSING, 404);
      });

      await test.step("a form that was refused", async () => {
        await page.goto("/queues/1/hooks/1");
        await alive(page);
        const condition = page.getByRole("dialog").getByLabel("Only when");
        await condition.fill("crm_id ==");
        await page.getByRole("button", { name: "Save hook" }).click();
        await expect(condition).toHaveAttribute("aria-invalid", "true");
        await inspect("hook-refused", "Edit hook");
      });

      await test.step("the dialog to jump from, and the menus of a list", async () => {
        await page.goto("/queues");
        await alive(page);
        await page.locator("summary", { hasText: "Views" }).click();
        await inspect("views-menu", "Queues");
        await page.keyboard.press("Escape");
        await page.locator("summary", { hasText: "Columns" }).click();
        await inspect("columns-menu", "Queues");
        await page.keyboard.press("Control+k");
        const dialog = page.getByRole("dialog", { name: "Jump to…" });
        await expect(dialog).toBeVisible();
        found.push(...(await faults(page)).map((fault) => `jump, empty: ${fault}`));
        await page.keyboard.type("support");
        await expect(dialog.getByRole("listbox")).toHaveAttribute("aria-busy", "false");
        await expect(dialog.getByRole("option").first()).toContainText("Support line");
        found.push(...(await faults(page)).map((fault) => `jump, found: ${fault}`));
      });

      await test.step("a token that was made", async () => {
        await page.goto("/tokens/new");
        await alive(page);
        await page.getByLabel("Name").fill("dialler");
        await page.getByRole("button", { name: "Make token" }).click();
        await expect(page).toHaveURL(/\/tokens\/made$/);
        await inspect("token-made", "Copy the token now");
      });

      await test.step("a note of a flow", async () => {
        const note = { userIds: [1], message: `Olena waits ${"and ".repeat(20)}`, type: "warning" };
        await createFlow(page, "Leave a note", JSON.stringify([{ notification: note }]));
        await addHook(page, 1, "Bridged", "Leave a note");
        await page.goto("/queues");
        await alive(page);
        const token = await offhook.token("notes", "ingest");
        const event = { event: "bridged", id: "note", queue_id: 1, data: { attempt_id: 9 } };
        await offhook.api(token, "/api/v1/events", event);
        await expect(page.getByText("Olena waits")).toBeVisible({ timeout: 30_000 });
        await inspect("note", "Queues");
      });

      await test.step("for a viewer", async () => {
        await page.context().clearCookies();
        await addUser(offhook, "viewer", "viewer");
        await signIn(page, "viewer", ADMIN.password);
        await look(DENIED, 403);
      });

      await test.step("for those who are not signed in", async () => {
        await page.context().clearCookies();
        await look(OUTSIDE);
        await look([["setup-used", offhook.setupLink(), "Offhook is set up"]]);
        await look(MISSING.slice(0, 1), 404);
        await page.goto("/sign-in");
        await alive(page);
        await page.getByLabel("Login").fill("nobody");
        await page.getByLabel("Password").fill("not this one at all");
        await page.getByRole("button", { name: "Sign in" }).click();
        await expect(page.getByText("The login or the password is wrong")).toBeVisible();
        await inspect("sign-in-refused", "Sign in");
      });

      expect(found).toEqual([]);
    });
  });
}

/** Chromium itself says it of every page with such a status, once; anything else stays a fault. */
async function expectSaid(quiet: string[], status: number, times: number): Promise<void> {
  const own = new RegExp(`: error: Failed to load resource: .* a status of ${status} `);
  await expect.poll(() => quiet.filter((said) => own.test(said)).length).toBe(times);
  quiet.splice(0, quiet.length, ...quiet.filter((said) => !own.test(said)));
}
