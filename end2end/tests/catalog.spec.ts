import { hooked } from "../support/panel.ts";
import { expect, test } from "../support/fixtures.ts";

test("what the catalog shows as an example can be posted", async ({ page, offhook, receiver }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  await page.goto("/events");
  const code = await page.getByRole("main").locator("pre").first().textContent();
  const example = JSON.parse(code ?? "");
  const event = "event" in example ? example : { event: "joined", data: example };
  const answer = await offhook.api(token, "/api/v1/events", { ...event, queue_id: queue });
  expect(answer.duplicate).toBe(false);
});
