// The pictures in README and docs, taken from the running program, so that they stay true:
// `make pictures` writes them to docs/images; as a test they are taken into end2end/out.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { addHook, alive, createFlow, enter, joined, postTo, theDelivery } from "../support/panel.ts";
import type { Offhook } from "../support/offhook.ts";
import { expect, test } from "../support/fixtures.ts";

const root = join(import.meta.dirname, "../..");
const folder = process.env.OFFHOOK_PICTURES ?? join(root, "end2end/out/pictures");
/** A call of the sample's support line, in which much happens. */
const CALL = 80217;

test.use({ sample: true, viewport: { width: 1440, height: 900 } });

/** What each picture shows: where, and what is done there first. */
const PICTURES: Record<string, (page: Page) => Promise<void>> = {
  hooks: async (page) => {
    await page.goto("/queues/1/hooks");
    await alive(page);
  },
  "add-hook": async (page) => {
    await page.goto("/queues/1/hooks/new?for=bridged");
    await alive(page);
  },
  delivery: async (page) => {
    await page.goto("/deliveries?state=retrying,dead");
    await alive(page);
    await page.getByRole("link", { name: /Tell the supervisor/ }).first().click();
    await expect(theDelivery(page)).toBeVisible();
  },
  call: async (page) => {
    await page.goto(`/calls/${CALL}`);
    await alive(page);
  },
  jump: async (page) => {
    await page.goto("/queues");
    await alive(page);
    await page.keyboard.press("Control+K");
    await page.keyboard.type("supp", { delay: 20 });
    await expect(page.getByRole("option", { name: /Support line/ }).first()).toBeVisible();
    await expect(page.getByText("Searching…")).toHaveCount(0);
  },
};

test("the pictures of README and docs can be taken, and are those that they show", async ({
  page,
  offhook,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await enter(page, offhook);
  await happenings(page, offhook);
  for (const [name, prepare] of Object.entries(PICTURES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await prepare(page);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
  }
  expect([...shown()].sort()).toEqual(Object.keys(PICTURES).sort());
});

/** Traffic on all queues, one call to tell of, and a supervisor who cannot be reached. */
async function happenings(page: Page, offhook: Offhook): Promise<void> {
  const token = await offhook.token("pictures", "ingest", "read");
  const { url } = offhook;
  await offhook.command(
    ["simulate", "--rate", "60", "--seconds", "6", "--speed", "60", "--target", url, "--token", token],
  );
  // An address that no flow may call.
  await createFlow(page, "Tell the supervisor", postTo("http://127.0.0.1:9"));
  await addHook(page, 1, "Missed", "Tell the supervisor");
  for (const [at, event] of ["joined", "offering", "missed", "offering", "bridged", "leaving"].entries()) {
    const id = `${CALL}-${at}`;
    await offhook.api(token, "/api/v1/events", joined(1, CALL, { id, event, queue_id: 1 }));
    // As in life: time passes between what happens to a call.
    await page.waitForTimeout(400);
  }
}

/** The names of the pictures that README and docs show. */
function shown(): Set<string> {
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const files = ["README.md", ...docs.map((name) => join("docs", name))];
  const text = files.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  return new Set([...text.matchAll(/images\/([a-z-]+)-(?:light|dark)\.png/g)].map(([, name]) => name ?? ""));
}
