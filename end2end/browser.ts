// How Chromium is started: the machine's own, never one that Playwright downloads.

import type { LaunchOptions } from "@playwright/test";

export const launchOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Tests run as root in containers, where Chromium has no sandbox.
  args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
};
