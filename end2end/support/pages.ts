// Every page of the panel, for what must hold on all of them.

import { expect, type Page } from "@playwright/test";
import { joined } from "./panel.ts";
import type { Offhook } from "./offhook.ts";

/** Plays some events of the sample and waits until they are delivered; a delivery's id. */
export async function traffic(page: Page, offhook: Offhook): Promise<string> {
  const token = await offhook.token("pages", "ingest", "read");
  const { items } = await offhook.api(token, "/api/v1/queues");
  const support = items.find((queue: { name: string }) => queue.name === "Support line");
  for (let attempt = 1; attempt <= 3; attempt++) {
    await offhook.api(token, "/api/v1/events", joined(support.id, attempt));
  }
  const leaving = { event: "leaving", id: "left", data: { attempt_id: 1, cc_result: "abandoned" } };
  await offhook.api(token, "/api/v1/events", { ...leaving, queue_id: support.id });
  await page.goto("/deliveries?state=delivered");
  await expect(async () => {
    await page.reload();
    expect(await page.getByRole("main").getByRole("listitem").count()).toBeGreaterThan(5);
  }).toPass();
  const link = page.locator('main a[href^="/deliveries/"]').first();
  const id = /[0-9a-f-]{36}/.exec((await link.getAttribute("href")) ?? "")?.[0];
  if (!id) throw new Error("the log links to no delivery");
  return id;
}

/** Name and path of every page, those with a dialog included. The sample's numbers begin with 1. */
export function pages(delivery: string): [name: string, path: string][] {
  return [
    ["queues", "/queues"],
    ["queues-none", "/queues?search=nothing-is-called-so"],
    ["queue-type", "/queues/new"],
    ["queue-new", "/queues/new?type=predictive"],
    ["queue", "/queues/1"],
    ["queue-delete", "/queues/1/delete"],
    ["hooks", "/queues/1/hooks"],
    ["hook-new", "/queues/1/hooks/new"],
    ["hook-edit", "/queues/1/hooks/1"],
    ["hook-test", "/queues/1/hooks/1/test"],
    ["hook-delete", "/queues/1/hooks/1/delete"],
    ["queue-variables", "/queues/1/variables"],
    ["queue-deliveries", "/queues/1/deliveries"],
    ["flows", "/flows"],
    ["flow-new", "/flows/new"],
    ["flow-import", "/flows/import"],
    ["flow", "/flows/1"],
    ["flow-history", "/flows/1/history"],
    ["flow-duplicate", "/flows/1/duplicate"],
    ["flow-delete", "/flows/1/delete"],
    ["deliveries", "/deliveries"],
    ["delivery", `/deliveries/${delivery}`],
    ["delivery-event", `/deliveries/${delivery}?tab=event`],
    ["delivery-variables", `/deliveries/${delivery}?tab=variables`],
    ["deliveries-none", "/deliveries?state=dead"],
    ["events", "/events"],
    ["users", "/users"],
    ["user-new", "/users/new"],
    ["user-role", "/users/1/role"],
    ["user-password", "/users/1/password"],
    ["user-delete", "/users/1/delete"],
    ["tokens", "/tokens"],
    ["token-new", "/tokens/new"],
    ["token-delete", "/tokens/1/delete"],
    ["account", "/account"],
    ["receiver", "/receiver"],
  ];
}

/** Pages for those who are not signed in. */
export const OUTSIDE: [name: string, path: string][] = [
  ["sign-in", "/sign-in"],
];
