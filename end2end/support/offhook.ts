// The release binary, with a database and a port of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const binary = process.env.OFFHOOK_BINARY ?? join(target, "release/offhook");
/** The folder of the files that the server serves. */
export const site = process.env.OFFHOOK_SITE ?? join(target, "site");

/** How long the server may take to start, and at the end to stop, in milliseconds. */
const PATIENCE = 20_000;

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export interface Options {
  /** Names, CIDRs and host:port that flows may call. */
  allowTargets?: string[];
  /** Whether to load the sample contact centre. */
  sample?: boolean;
}

/** A running Offhook. */
export class Offhook {
  /** Everything that it wrote so far. */
  log = "";
  private server: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Starts one on an empty database. */
  static async start(options: Options = {}): Promise<Offhook> {
    const folder = await mkdtemp(join(tmpdir(), "offhook-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const offhook = new Offhook(url, folder, {
      PATH: process.env.PATH,
      OFFHOOK_LISTEN: `127.0.0.1:${port}`,
      OFFHOOK_PUBLIC_URL: url,
      OFFHOOK_DATABASE_URL: `sqlite:${join(folder, "offhook.db")}`,
      OFFHOOK_SITE_ROOT: site,
      OFFHOOK_ALLOW_TARGETS: (options.allowTargets ?? []).join(","),
    });
    if (options.sample) {
      await offhook.command(["migrate"]);
      await offhook.command(["sample", "--receiver", `127.0.0.1:${await freePort()}`]);
    }
    await offhook.serve();
    return offhook;
  }

  /** Runs `offhook` with these arguments on the same database; what it printed. */
  async command(args: string[], input = ""): Promise<string> {
    const child = spawn(binary, args, { env: this.environment, cwd: this.folder });
    // A command that reads nothing may have ended before it is written to, which is no fault: how
    // it ended tells.
    child.stdin.on("error", () => {});
    let out = "";
    let err = "";
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    child.stdin.end(input);
    const code = await new Promise((exited, failed) => {
      child.on("error", failed);
      child.on("close", exited);
    });
    if (code !== 0) throw new Error(`offhook ${args.join(" ")} ended with ${code}\n${err}${out}`);
    return out.trim();
  }

  /** The one-time link at which the first administrator is made, as the server printed it. */
  setupLink(): string {
    const link = /\S*\/setup\?link=\S+/.exec(this.log)?.[0];
    if (!link) throw new Error(`the server printed no one-time link:\n${this.log}`);
    return link;
  }

  /** A new API token. */
  token(name: string, ...scopes: ("ingest" | "manage" | "read")[]): Promise<string> {
    return this.command(["token", "add", name, "--scope", scopes.join(",")]);
  }

  /** Asks the API; fails unless it answers with success. */
  async api(token: string, path: string, body?: unknown, method = "POST"): Promise<any> {
    const answer = await fetch(this.url + path, {
      method: body === undefined ? "GET" : method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  private async serve(): Promise<void> {
    const server = spawn(binary, ["serve"], { env: this.environment, cwd: this.folder });
    this.server = server;
    server.stdout.on("data", (text) => (this.log += text));
    server.stderr.on("data", (text) => (this.log += text));
    let ended: string | undefined;
    server.on("error", (error) => (ended = `${error}`));
    server.on("exit", (code, signal) => (ended = `it ended with ${code ?? signal}`));
    const until = Date.now() + PATIENCE;
    while (Date.now() < until && ended === undefined) {
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await new Promise((later) => setTimeout(later, 50));
    }
    throw new Error(`the server does not start: ${ended ?? "no answer"}\n${this.log}`);
  }

  /** Ends it as an operator would, and starts it again. */
  async restart(): Promise<void> {
    await this.end();
    await this.serve();
  }

  private async end(): Promise<void> {
    const server = this.server;
    if (server && server.exitCode === null && server.signalCode === null) {
      const exited = new Promise<void>((exited) => server.once("exit", () => exited()));
      const impatient = setTimeout(() => {
        this.log += "\npanicked: the server did not stop when asked to\n";
        server.kill("SIGKILL");
      }, PATIENCE);
      server.kill("SIGTERM");
      await exited;
      clearTimeout(impatient);
    }
  }

  /** Ends it as an operator would, and throws its database away. */
  async stop(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
