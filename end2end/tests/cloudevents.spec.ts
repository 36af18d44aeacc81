// The CloudEvents SDK as a sender: what it posts in each mode reaches the receiver.

import { CloudEvent, HTTP, Mode, emitterFor, httpTransport } from "cloudevents";
import type { Offhook } from "../support/offhook.ts";
import { hooked } from "../support/panel.ts";
import type { Receiver } from "../support/receiver.ts";
import { expect, test } from "../support/fixtures.ts";

const BATCHED = "application/cloudevents-batch+json";

/** A caller who joined, as the SDK has it. */
function joined(queue: number, attempt: number, more: object = {}): CloudEvent<object> {
  return new CloudEvent({
    id: `dialler-${attempt}`,
    source: "https://dialler.example/lines/1",
    type: "offhook.queue.joined",
    subject: String(queue),
    time: "2026-11-24T09:30:00.120Z",
    data: {
      data: { channel: "call", attempt_id: attempt, destination: "+380441234567" },
      variables: { crm_id: "A-17" },
    },
    ...more,
  });
}

/** A function that posts an event by the SDK's own transport; what was answered. */
function sender(offhook: Offhook, token: string, mode: Mode) {
  const transport = httpTransport(`${offhook.url}/api/v1/events`);
  const emit = emitterFor(transport, { binding: HTTP, mode });
  return async (event: CloudEvent<object>): Promise<any> => {
    const answer = await emit(event, { headers: { authorization: `Bearer ${token}` } });
    return JSON.parse((answer as { body: string }).body);
  };
}

/** Waits for the call of this attempt and checks what the flow made of the event. */
async function reaches(receiver: Receiver, attempt: number): Promise<void> {
  const calls = () => receiver.received.filter(({ path }) => path === `/calls/${attempt}`);
  await expect.poll(() => calls().length).toBe(1);
  const [request] = calls();
  expect(JSON.parse(request?.body ?? "")).toEqual({
    caller: "+380441234567",
    crm: "A-17",
    event: "joined",
  });
}

test("the CloudEvents SDK posts in all three modes", async ({ page, offhook, receiver }) => {
  const { queue, token } = await hooked(page, offhook, receiver.url);
  const binary = sender(offhook, token, Mode.BINARY);
  const structured = sender(offhook, token, Mode.STRUCTURED);

  await test.step("binary", async () => {
    const answer = await binary(joined(queue, 1));
    expect(answer).toMatchObject({ deliveries: 1, skipped: 0, duplicate: false });
    await reaches(receiver, 1);
  });

  await test.step("structured", async () => {
    const answer = await structured(joined(queue, 2));
    expect(answer).toMatchObject({ deliveries: 1, skipped: 0, duplicate: false });
    await reaches(receiver, 2);
  });

  await test.step("batched", async () => {
    const answer = await fetch(`${offhook.url}/api/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": BATCHED },
      body: JSON.stringify([joined(queue, 3), joined(queue, 4)]),
    });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ accepted: 2, duplicates: 0, rejected: 0 });
    await reaches(receiver, 3);
    await reaches(receiver, 4);
  });

  await test.step("data as bytes", async () => {
    const { data } = joined(queue, 5);
    const bytes = new TextEncoder().encode(JSON.stringify(data));
    const json = { data: bytes, datacontenttype: "application/json" };
    expect(await structured(joined(queue, 5, json))).toMatchObject({ duplicate: false });
    await reaches(receiver, 5);
    expect(await binary(joined(queue, 5, json))).toMatchObject({ duplicate: true });
  });

  await test.step("the same event again in another mode makes nothing new", async () => {
    expect(await structured(joined(queue, 1))).toMatchObject({ duplicate: true });
    expect(await binary(joined(queue, 2))).toMatchObject({ duplicate: true });
    const other = await structured(joined(queue, 1, { source: "https://other.example" }));
    expect(other).toMatchObject({ status: 409, errors: [{ pointer: "/id" }] });
    expect(receiver.received.length).toBe(5);
  });

  await test.step("what is wrong is named in the SDK's terms", async () => {
    const unknown = { type: "com.example.joined", subject: "999" };
    const told = await binary(joined(queue, 6, unknown));
    expect(told).toMatchObject({ status: 422, errors: [{ pointer: "ce-type" }] });
    const nowhere = await structured(joined(queue, 6, { subject: "999" }));
    expect(nowhere).toMatchObject({ status: 422, errors: [{ pointer: "/subject" }] });
  });
});
