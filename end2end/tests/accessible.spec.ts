// axe finds nothing serious on any page, in either theme and on a narrow screen.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { alive, enter } from "../support/panel.ts";
import { OUTSIDE, pages, traffic } from "../support/pages.ts";
import { expect, test } from "../support/fixtures.ts";

/** What is serious on this page, one line each. */
async function faults(page: Page): Promise<string[]> {
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

    test("no page has a serious fault", async ({ page, offhook }) => {
      test.setTimeout(300_000);
      const found: string[] = [];
      const look = async (at: string, path: string) => {
        await page.goto(path);
        await alive(page);
        await expect(page.getByRole("main")).toBeVisible();
        found.push(...(await faults(page)).map((fault) => `${at}: ${fault}`));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > viewport.width) found.push(`${at}: ${wide} px wide, the screen ${viewport.width}`);
      };
      await look("setup", offhook.setupLink());
      await enter(page, offhook);
      const delivery = await traffic(page, offhook);
      for (const [at, path] of pages(delivery)) await look(at, path);
      await page.context().clearCookies();
      for (const [at, path] of OUTSIDE) await look(at, path);
      expect(found).toEqual([]);
    });
  });
}
