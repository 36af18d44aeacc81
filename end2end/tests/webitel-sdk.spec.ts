// The original's SDK drives queues, hooks and flows here as it does there.

import {
  Configuration,
  EngineRoutingSchemaType,
  QueueHookServiceApi,
  QueueServiceApi,
  RoutingSchemaServiceApi,
} from "webitel-sdk";
import { expect, test } from "../support/fixtures.ts";
import type { Offhook } from "../support/offhook.ts";

/** The SDK's services for a token, which goes where the SDK puts it. */
function sdk(offhook: Offhook, apiKey: string) {
  const configuration = new Configuration({ apiKey, basePath: offhook.url });
  return {
    queues: new QueueServiceApi(configuration),
    hooks: new QueueHookServiceApi(configuration),
    schemas: new RoutingSchemaServiceApi(configuration),
  };
}

type Sdk = ReturnType<typeof sdk>;

async function manager(offhook: Offhook): Promise<Sdk> {
  return sdk(offhook, await offhook.token("sdk", "manage"));
}

/** What a call was refused with: the status, and the error in the original's shape. */
async function refusal(call: Promise<unknown>): Promise<{ code: number; detail: string }> {
  const error: any = await call.then(
    () => Promise.reject(new Error("not refused")),
    (error: unknown) => error,
  );
  if (!error.response) throw error;
  const { id, detail, status, code } = error.response.data;
  expect(Object.keys(error.response.data)).toEqual(["id", "detail", "status", "code"]);
  expect(code).toBe(error.response.status);
  expect(id).toMatch(/^[a-z_]+\.[a-z_]+$/);
  expect(status).toBe(error.response.statusText);
  expect(detail).not.toMatch(/SQL|UNIQUE|constraint|SELECT/i);
  return { code, detail };
}

const names = (answer: { data: { items?: { name?: string }[] } }) =>
  answer.data.items?.map((item) => item.name);
const ids = (answer: { data: { items?: { id?: number }[] } }) =>
  answer.data.items?.map((item) => item.id);

async function flow({ schemas }: Sdk, name: string): Promise<string> {
  const type = EngineRoutingSchemaType.Service;
  const { data } = await schemas.createRoutingSchema({ name, type, schema: [{ log: name }] });
  return data.id!;
}

test("a queue is made, read, patched, replaced and deleted", async ({ offhook }) => {
  const { queues } = await manager(offhook);
  const given = {
    name: "Support",
    type: 8,
    enabled: true,
    description: "Second line",
    priority: 10,
    strategy: "longest-idle-time",
    calendar: { id: "3", name: "24/7" },
    team: { id: "5", name: "Night" },
    tags: [{ name: "vip" }],
    payload: { max_calls: 3, nested: { list: [1, null, "x"] } },
    variables: { zone: "4" },
  };
  const made = (await queues.createQueue(given)).data;
  expect(made).toMatchObject(given);
  expect(made.id).toBe("1");
  expect((await queues.readQueue("1")).data).toEqual(made);

  const patched = (await queues.patchQueue("1", { enabled: false, priority: 11 })).data;
  expect(patched).toMatchObject({ ...given, enabled: false, priority: 11 });
  const fields = ["name", "strategy"];
  const confined = await queues.patchQueue("1", { fields, name: "Care", enabled: true });
  expect(confined.data).toMatchObject({ name: "Care", enabled: false, priority: 11 });
  expect(confined.data.strategy).toBeUndefined();

  const put = (await queues.updateQueue("1", { name: "Help", enabled: true, timeout: 30 })).data;
  expect(put).toMatchObject({ name: "Help", type: 8, enabled: true, timeout: 30, variables: {} });
  expect(put.team).toBeUndefined();
  expect((await queues.deleteQueue("1")).data).toEqual(put);
  expect((await refusal(queues.readQueue("1"))).code).toBe(404);
});

test("queues are searched with every filter, in every order, page by page", async ({ offhook }) => {
  const { queues } = await manager(offhook);
  const three = [
    { name: "Sales", type: 1, enabled: true, team: { id: "5" }, tags: [{ name: "vip" }], priority: 3 },
    { name: "Care", type: 7, enabled: true, team: { id: "6" }, tags: [{ name: "new" }], priority: 1 },
    { name: "Mail", type: 8, enabled: false, team: { id: "6" }, tags: [{ name: "vip" }], priority: 2 },
  ];
  for (const queue of three) await queues.createQueue(queue);
  const none = undefined;
  expect(names(await queues.searchQueue())).toEqual(["Care", "Mail", "Sales"]);
  expect(names(await queues.searchQueue(1, 40, "*a*e*"))).toEqual(["Care", "Sales"]);
  expect(names(await queues.searchQueue(1, 40, "mail"))).toEqual(["Mail"]);
  expect(names(await queues.searchQueue(1, 40, none, "-priority"))).toEqual(["Sales", "Mail", "Care"]);
  expect(names(await queues.searchQueue(1, 40, none, "+id"))).toEqual(["Sales", "Care", "Mail"]);
  expect(names(await queues.searchQueue(1, 40, none, none, none, ["1", "3"]))).toEqual(["Mail", "Sales"]);
  expect(names(await queues.searchQueue(1, 40, none, none, none, none, [8, 1]))).toEqual(["Mail", "Sales"]);
  expect(names(await queues.searchQueue(1, 40, none, none, none, none, none, [6]))).toEqual(["Care", "Mail"]);
  const tagged = await queues.searchQueue(1, 40, none, none, none, none, none, none, ["new", "other"]);
  expect(names(tagged)).toEqual(["Care"]);
  const off = await queues.searchQueue(1, 40, none, none, none, none, none, none, none, false);
  expect(names(off)).toEqual(["Mail"]);
  const first = await queues.searchQueue(1, 2, none, "+name", ["id", "name"]);
  expect(first.data).toEqual({ next: true, items: [{ id: "2", name: "Care" }, { id: "3", name: "Mail" }] });
  expect((await queues.searchQueue(2, 2, none, "+name", ["type"])).data).toEqual({ next: false, items: [{ type: 1 }] });
  // Another client of theirs writes lists with brackets.
  const brackets = { query: { "id[]": ["1", "2"], "fields[]": ["name"] } };
  const answer = await queues.searchQueue(1, 40, none, none, none, none, none, none, none, none, brackets);
  expect(answer.data.items).toEqual([{ name: "Care" }, { name: "Sales" }]);
});

test("a hook is made, read, patched, replaced and deleted", async ({ offhook }) => {
  const client = await manager(offhook);
  const { hooks, queues } = client;
  const crm = await flow(client, "CRM");
  await queues.createQueue({ name: "Support", type: 1, enabled: true });
  const given = { schema: { id: crm }, event: "joined", enabled: true, properties: ["region"] };
  const made = (await hooks.createQueueHook(1, given)).data;
  expect(made).toEqual({
    ...given,
    id: 1,
    schema: { id: "1", name: "CRM" },
    condition: "",
    policy: { ordered: true, max_hold_ms: 30000 },
  });
  expect((await hooks.readQueueHook(1, 1)).data).toEqual(made);

  const ours = { condition: "call_bill_sec > 10", policy: { ordered: false, max_hold_ms: 0 } };
  expect((await hooks.patchQueueHook(1, 1, ours as object)).data).toEqual({ ...made, ...ours });
  const off = await hooks.patchQueueHook(1, 1, { enabled: false });
  expect(off.data).toEqual({ ...made, ...ours, enabled: false });
  const put = { schema: { id: crm }, event: "leaving", enabled: true, properties: [] };
  const after = await hooks.updateQueueHook(1, 1, put);
  expect(after.data).toEqual({ ...made, ...ours, event: "leaving", properties: [] });
  expect((await hooks.deleteQueueHook(1, 1)).data).toEqual(after.data);
  expect((await refusal(hooks.readQueueHook(1, 1))).code).toBe(404);
});

test("hooks are searched with every filter, in every order, page by page", async ({ offhook }) => {
  const client = await manager(offhook);
  const { hooks, queues } = client;
  const [crm, mail] = [await flow(client, "CRM"), await flow(client, "A mail")];
  await queues.createQueue({ name: "Support", type: 1, enabled: true });
  const add = (id: string, event: string) => hooks.createQueueHook(1, { schema: { id }, event, enabled: true });
  await add(crm, "joined");
  await add(crm, "bridged");
  await add(mail, "leaving");
  await add(mail, "joined");
  const none = undefined;
  expect(ids(await hooks.searchQueueHook(1))).toEqual([1, 2, 3, 4]);
  expect(ids(await hooks.searchQueueHook(1, 1, 40, "join*"))).toEqual([1, 4]);
  expect(ids(await hooks.searchQueueHook(1, 1, 40, none, "+event"))).toEqual([2, 1, 4, 3]);
  expect(ids(await hooks.searchQueueHook(1, 1, 40, none, "-id"))).toEqual([4, 3, 2, 1]);
  expect(ids(await hooks.searchQueueHook(1, 1, 40, none, "schema"))).toEqual([3, 4, 1, 2]);
  expect(ids(await hooks.searchQueueHook(1, 1, 40, none, none, none, [2, 3]))).toEqual([2, 3]);
  expect(ids(await hooks.searchQueueHook(1, 1, 40, none, none, none, none, [2]))).toEqual([3, 4]);
  const events = ["bridged", "leaving"];
  expect(ids(await hooks.searchQueueHook(1, 1, 40, none, none, none, none, none, events))).toEqual([2, 3]);
  const both = await hooks.searchQueueHook(1, 1, 40, none, none, ["id"], none, [Number(mail)], events);
  expect(both.data).toEqual({ next: false, items: [{ id: 3 }] });
  const second = await hooks.searchQueueHook(1, 2, 3, none, "+id", ["id", "event"]);
  expect(second.data).toEqual({ next: false, items: [{ id: 4, event: "joined" }] });
  expect((await hooks.searchQueueHook(1, 1, 3)).data.next).toBe(true);
});

test("a flow is made, read, patched, replaced and deleted", async ({ offhook }) => {
  const { schemas } = await manager(offhook);
  const given = {
    name: "CRM",
    type: EngineRoutingSchemaType.Service,
    schema: [{ _id: "a", log: "hello" }, { _id: "b", if: { expression: "1 == 1", then: [] } }],
    description: "Opens the card",
    tags: [{ name: "crm" }],
    editor: false,
    debug: true,
    payload: { nodes: [{ x: 1 }] },
  };
  const made = (await schemas.createRoutingSchema(given)).data;
  expect(made).toMatchObject({ ...given, id: "1", mode: "strict" });
  expect((await schemas.readRoutingSchema("1")).data).toEqual(made);
  const patched = (await schemas.patchRoutingSchema("1", { debug: false, name: "CRM 2" })).data;
  expect(patched).toMatchObject({ ...given, debug: false, name: "CRM 2" });
  const put = await schemas.updateRoutingSchema("1", { name: "CRM 3", schema: [{ _id: "a", log: "bye" }] });
  expect(put.data).toMatchObject({ name: "CRM 3", type: "service", description: "", tags: [], mode: "strict" });
  expect(put.data.schema).toEqual([{ _id: "a", log: "bye" }]);
  expect(put.data.payload).toBeUndefined();
  expect((await schemas.deleteRoutingSchema("1")).data).toEqual(put.data);
  expect((await refusal(schemas.readRoutingSchema("1"))).code).toBe(404);
});

test("flows are searched with every filter, in every order, page by page", async ({ offhook }) => {
  const { schemas } = await manager(offhook);
  const add = (name: string, type: EngineRoutingSchemaType, editor: boolean, tag: string) =>
    schemas.createRoutingSchema({ name, type, schema: [], editor, tags: [{ name: tag }] });
  await add("CRM", EngineRoutingSchemaType.Service, true, "a");
  await add("Mail", EngineRoutingSchemaType.Voice, false, "b");
  await add("SMS", EngineRoutingSchemaType.Chat, false, "a");
  const none = undefined;
  expect(names(await schemas.searchRoutingSchema())).toEqual(["CRM", "Mail", "SMS"]);
  expect(names(await schemas.searchRoutingSchema(1, 40, "*m*", "-name"))).toEqual(["SMS", "Mail", "CRM"]);
  expect(names(await schemas.searchRoutingSchema(1, 40, none, none, none, [1, 2]))).toEqual(["CRM", "Mail"]);
  expect(names(await schemas.searchRoutingSchema(1, 40, none, none, none, none, "sms"))).toEqual(["SMS"]);
  const types: ("voice" | "chat")[] = ["voice", "chat"];
  expect(names(await schemas.searchRoutingSchema(1, 40, none, none, none, none, none, types))).toEqual(["Mail", "SMS"]);
  const drawn = await schemas.searchRoutingSchema(1, 40, none, none, none, none, none, none, true);
  expect(names(drawn)).toEqual(["CRM"]);
  const tagged = await schemas.searchRoutingSchema(1, 40, none, none, none, none, none, none, none, ["a"]);
  expect(names(tagged)).toEqual(["CRM", "SMS"]);
  const page = await schemas.searchRoutingSchema(2, 2, none, "+name", ["id", "name"]);
  expect(page.data).toEqual({ next: false, items: [{ id: "3", name: "SMS" }] });
});

test("every error names what is wrong, in words", async ({ offhook }) => {
  const client = await manager(offhook);
  const { hooks, queues, schemas } = client;
  const crm = await flow(client, "CRM");
  await queues.createQueue({ name: "Support", type: 1, enabled: true });
  await hooks.createQueueHook(1, { schema: { id: crm }, event: "joined", enabled: true });
  const voice = await schemas.createRoutingSchema({
    name: "IVR",
    type: EngineRoutingSchemaType.Voice,
    schema: [],
  });
  const bad: [() => Promise<unknown>, number, string | RegExp][] = [
    [() => queues.createQueue({ type: 1 }), 400, /^name: is needed/],
    [() => queues.createQueue({ name: "a" }), 400, /^type: is needed/],
    [() => queues.createQueue({ name: "a", type: 9 }), 400, /^type: there is no type 9/],
    [() => queues.createQueue({ name: "Support", type: 1 }), 400, "name: is in use already"],
    [() => queues.patchQueue("1", { type: 5 }), 400, /^type: a queue keeps its type/],
    [() => queues.readQueue("no"), 400, /^"no" is no queue's id/],
    [() => queues.readQueue("77"), 404, "there is no queue 77"],
    [() => queues.updateQueue("77", { name: "a" }), 404, "there is no queue 77"],
    [() => queues.deleteQueue("77"), 404, "there is no queue 77"],
    [() => queues.searchQueue(1, 5000), 400, /^size: /],
    [() => queues.searchQueue(1, 40, undefined, "+color"), 400, /^sort: /],
    [() => hooks.createQueueHook(1, { event: "joined" }), 400, /^schema\.id: is needed/],
    [() => hooks.createQueueHook(1, { schema: { id: crm }, event: "rung" }), 400, /^event: unknown event "rung"/],
    [() => hooks.createQueueHook(1, { schema: { id: crm }, event: "answered" }), 400, /^event: this queue fires/],
    [() => hooks.createQueueHook(1, { schema: { id: "77" }, event: "joined" }), 400, /^schema\.id: this flow does not/],
    [() => hooks.createQueueHook(1, { schema: { id: voice.data.id }, event: "joined" }), 400, /^schema\.id: a hook runs/],
    [() => hooks.createQueueHook(1, { schema: { id: crm }, event: "joined" }), 400, /^schema\.id: .* already/],
    [() => hooks.createQueueHook(77, { schema: { id: crm }, event: "joined" }), 404, "there is no queue 77"],
    [() => hooks.patchQueueHook(1, 1, { condition: "1 +" } as object), 400, /^condition: /],
    [() => hooks.readQueueHook(1, 77), 404, "there is no hook 77 in queue 1"],
    [() => hooks.searchQueueHook(77), 404, "there is no queue 77"],
    [() => hooks.searchQueueHook(1, 1, 40, undefined, undefined, undefined, undefined, undefined, ["rung"]), 400, /^event: /],
    [() => schemas.createRoutingSchema({ name: "a" }), 400, /^schema: is needed/],
    [() => schemas.createRoutingSchema({ name: "a", schema: { log: 1 } }), 400, "schema: is an array of steps"],
    [() => schemas.createRoutingSchema({ name: "a", schema: [{ ring: {} }] }), 400, /^schema\.0/],
    [() => schemas.createRoutingSchema({ name: "CRM", schema: [] }), 400, "name: is in use already"],
    [() => schemas.patchRoutingSchema(crm, { type: EngineRoutingSchemaType.Voice }), 400, /^type: hooks run this flow/],
    [() => schemas.deleteRoutingSchema(crm), 409, /^hooks use this flow: Support \/ joined/],
    [() => schemas.readRoutingSchema("77"), 404, "there is no flow 77"],
  ];
  for (const [call, code, detail] of bad) {
    const told = await refusal(call());
    expect(told.detail).toMatch(detail);
    expect(told.code, told.detail).toBe(code);
  }
});

test("a token that may only read changes nothing, an unknown one sees nothing", async ({ offhook }) => {
  await (await manager(offhook)).queues.createQueue({ name: "Support", type: 1, enabled: true });
  const reader = sdk(offhook, await offhook.token("reader", "read"));
  expect(names(await reader.queues.searchQueue())).toEqual(["Support"]);
  expect(await refusal(reader.queues.deleteQueue("1"))).toMatchObject({
    code: 403,
    detail: expect.stringContaining("scope manage"),
  });
  const sender = sdk(offhook, await offhook.token("sender", "ingest"));
  expect((await refusal(sender.queues.searchQueue())).code).toBe(403);
  const stranger = sdk(offhook, "nobody");
  expect((await refusal(stranger.schemas.searchRoutingSchema())).code).toBe(401);
});
