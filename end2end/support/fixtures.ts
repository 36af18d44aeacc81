// What every test gets: an Offhook of its own, a receiver that it may call, and a browser in which
// no message on the console goes unnoticed.

import { test as base } from "@playwright/test";
import { Offhook, type Options } from "./offhook.ts";
import { Receiver } from "./receiver.ts";

export { expect } from "@playwright/test";

interface Fixtures {
  /** Whether the Offhook starts with the sample contact centre; `test.use({ sample: true })`. */
  sample: boolean;
  receiver: Receiver;
  offhook: Offhook;
  quiet: string[];
}

export const test = base.extend<Fixtures>({
  sample: [false, { option: true }],

  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },

  offhook: async ({ receiver, sample }, use, info) => {
    const options: Options = { allowTargets: [receiver.address], sample };
    const offhook = await Offhook.start(options);
    await use(offhook);
    await offhook.stop();
    if (info.status !== info.expectedStatus) {
      await info.attach("server.log", { body: offhook.log, contentType: "text/plain" });
    }
    if (/panicked/.test(offhook.log)) {
      throw new Error(`the server panicked:\n${offhook.log}`);
    }
  },

  baseURL: async ({ offhook }, use) => use(offhook.url),

  // Whatever is said on the console, a hydration mismatch above all, is a fault of the page.
  quiet: [
    async ({ context }, use) => {
      const said: string[] = [];
      context.on("console", (message) => {
        said.push(`on ${message.page()?.url()}: ${message.type()}: ${message.text()}`);
      });
      context.on("weberror", (error) => said.push(`on ${error.page()?.url()}: ${error.error().stack}`));
      await use(said);
      if (said.length > 0) {
        throw new Error(`the browser's console is not empty:\n${said.join("\n")}`);
      }
    },
    { auto: true },
  ],
});
