// What a browser must load before the first page is alive.

import { statSync } from "node:fs";
import { join } from "node:path";
import { alive, enter } from "../support/panel.ts";
import { site } from "../support/offhook.ts";
import { expect, test } from "../support/fixtures.ts";

// WASM and JavaScript together, as brotli, in bytes. The design's budget is AIM = 300_000, and it is
// NOT REACHED YET: the first page takes more than twice that. Until it is, LIMIT holds what there is:
// following the log by a stream and checking the whole language of flows among it. Whoever adds to the
// panel makes room for it here, or moves work to the server, as the pages in `drawn` do; at AIM this
// comment goes.
const LIMIT = 750_000;

test("the first page loads little WASM and JavaScript", async ({ page, offhook }) => {
  await enter(page, offhook);
  const loaded = new Set<string>();
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/\.(js|wasm)$/.test(pathname)) loaded.add(pathname);
  });
  await page.goto("/queues");
  await alive(page);
  // The files as the release compressed them: what a browser gets that takes brotli.
  const sizes = [...loaded].map((path) => [path, statSync(join(site, `${path}.br`)).size] as const);
  expect(sizes.length).toBeGreaterThan(1);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(`${total} bytes: ${sizes.map(([path, size]) => `${path} ${size}`).join(", ")}`);
  expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(LIMIT);
});
