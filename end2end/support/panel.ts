// What a person does in the panel, by the words that stand there.

import { expect, type Page } from "@playwright/test";
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

/** Makes a user on the command line and signs in: the short way in where the way is not the test. */
export async function enter(
  page: Page,
  offhook: Offhook,
  role: "admin" | "editor" | "viewer" = "admin",
): Promise<void> {
  await offhook.command(["user", "add", role, "--role", role, "--password-stdin"], ADMIN.password);
  await signIn(page, role, ADMIN.password);
}

/** Waits until the page's own code runs: from then on it answers to clicks by itself. */
export async function alive(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
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
