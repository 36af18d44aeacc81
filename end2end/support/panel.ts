// What a person does in the panel, by the words that stand there.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Offhook } from "./offhook.ts";

export const ADMIN = { login: "olena", password: "correct horse battery" };

/** Makes the first administrator at the one-time link, who is signed in then. */
export async function setUp(page: Page, offhook: Offhook): Promise<void> {
  await page.goto(offhook.setupLink());
  await page.getByLabel("Login").fill(ADMIN.login);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByLabel("Password, again").fill(ADMIN.password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page).not.toHaveURL(/setup/);
}

/** Signs in on the page for it. */
export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Makes a user on the command line. */
export async function addUser(offhook: Offhook, login: string, role: string): Promise<void> {
  await offhook.command(["user", "add", login, "--role", role, "--password-stdin"], ADMIN.password);
}

/** Makes a user on the command line and signs in: the short way in where the way is not the test. */
export async function enter(
  page: Page,
  offhook: Offhook,
  role: "admin" | "editor" | "viewer" = "admin",
): Promise<void> {
  await addUser(offhook, role, role);
  // Nobody is asked to sign in before there is an administrator.
  if (role !== "admin") await addUser(offhook, "admin", "admin");
  await signIn(page, role, ADMIN.password);
}

/** Waits until the page's own code runs: from then on it answers to clicks by itself. */
export async function alive(page: Page): Promise<void> {
  await page.locator("html[data-alive]").waitFor();
}

/** The source of a flow that posts to the address. */
export function postTo(url: string): string {
  const step = {
    httpRequest: {
      url: `${url}/calls/\${attempt_id}`,
      method: "POST",
      timeout: 5000,
      headers: { Authorization: "Bearer not-for-the-log" },
      data: { caller: "${destination}", crm: "${crm_id}", event: "${event}" },
      exportVariables: { contact: "data.id" },
    },
  };
  return JSON.stringify([step, { log: "contact ${contact}" }], null, 2);
}

/** An event as a dialler sends it. */
export function joined(queue: number, attempt: number, more: object = {}): object {
  return {
    id: `dialler-${attempt}`,
    event: "joined",
    queue_id: queue,
    data: { channel: "call", attempt_id: attempt, destination: "+380441234567" },
    variables: { crm_id: "A-17" },
    ...more,
  };
}

/** Opens whatever is folded. */
export async function unfold(within: Locator): Promise<void> {
  await within.locator("details:not([open])").evaluateAll((all) => {
    for (const one of all) (one as HTMLDetailsElement).open = true;
  });
}

/** Makes an inbound queue; its number. `scripted`: whether the page's own code may run. */
export async function createQueue(page: Page, name: string, scripted = true): Promise<number> {
  await page.goto("/queues/new?type=inbound");
  if (scripted) await alive(page);
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create queue" }).click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
  return Number(/\/queues\/(\d+)/.exec(page.url())?.[1]);
}

/** Makes a flow; its number. */
export async function createFlow(
  page: Page,
  name: string,
  source: string,
  scripted = true,
): Promise<number> {
  await page.goto("/flows/new");
  if (scripted) await alive(page);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Steps of the flow, as JSON").fill(source);
  await page.getByRole("button", { name: "Save flow" }).click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
  return Number(/\/flows\/(\d+)/.exec(page.url())?.[1]);
}

/** Hangs a hook on an event, by its name in the panel. */
export async function addHook(
  page: Page,
  queue: number,
  event: string,
  flow: string,
  scripted = true,
): Promise<void> {
  await page.goto(`/queues/${queue}/hooks/new`);
  if (scripted) await alive(page);
  const dialog = page.getByRole("dialog", { name: "Add hook" });
  await dialog.getByRole("radio", { name: new RegExp(`^${event}`) }).check();
  const choice = dialog.getByLabel("Run this flow");
  if (scripted) {
    await choice.fill(flow);
    await dialog.getByRole("option", { name: new RegExp(flow) }).click();
  } else {
    await choice.selectOption({ label: flow });
  }
  await dialog.getByRole("button", { name: "Save hook" }).click();
  await expect(page.getByRole("row", { name: new RegExp(`${event}.*${flow}`) })).toBeVisible();
}

/** A queue whose joined event runs a flow that posts to the receiver, and a token. */
export async function hooked(
  page: Page,
  offhook: Offhook,
  receiver: string,
  scripted = true,
): Promise<{ queue: number; flow: number; token: string }> {
  await setUp(page, offhook);
  const queue = await createQueue(page, "Support line", scripted);
  const flow = await createFlow(page, "Tell the CRM", postTo(receiver), scripted);
  await addHook(page, queue, "Joined", "Tell the CRM", scripted);
  return { queue, flow, token: await offhook.token("dialler", "ingest", "read") };
}

/** The delivery that is open beside the log. */
export function theDelivery(page: Page): Locator {
  return page.getByRole("article", { name: "The delivery" });
}

/** Takes away what the browser says of requests that a test lets fail. */
export async function forgive(page: Page, quiet: string[]): Promise<void> {
  await page.goto("about:blank");
  quiet.splice(0, quiet.length, ...quiet.filter((said) => !/net::ERR_|Failed to fetch/.test(said)));
}
