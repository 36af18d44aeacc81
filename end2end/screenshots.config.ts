import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

export default defineConfig(base, {
  testDir: "screenshots",
  outputDir: "out/screenshots-results",
  timeout: 300_000,
});
