// Pictures of every page, light and dark, at three widths.

import { join } from "node:path";
import { alive, enter } from "../support/panel.ts";
import { OUTSIDE, pages, traffic } from "../support/pages.ts";
import { test } from "../support/fixtures.ts";

const FOLDER = join(import.meta.dirname, "../out/screenshots");
const WIDTHS = { 1440: 900, 768: 1024, 390: 844 };

test.use({ sample: true });

test("every page", async ({ page, offhook }) => {
  test.setTimeout(1_800_000);
  const take = async (name: string, path: string) => {
    await page.goto(path);
    await alive(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [width, height] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width: Number(width), height });
        await page.screenshot({ path: join(FOLDER, `${name}-${width}-${colorScheme}.png`) });
      }
    }
  };
  await take("setup", offhook.setupLink());
  for (const [name, path] of OUTSIDE) await take(name, path);
  await enter(page, offhook);
  const delivery = await traffic(page, offhook);
  for (const [name, path] of pages(delivery)) await take(name, path);
});
