// `bpf-app dev` on apps that load real programs, under load.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { App } from "../app.ts";

const HERE = import.meta.dirname;

/** An app with the programs of this folder, whose user sides are texts here because they import what is not built. */
export function makeApp(): App {
  const app = App.make("minimal");
  for (const name of ["tally", "traced", "places"]) {
    cpSync(join(HERE, `${name}.bpf.c`), app.path(`src/${name}.bpf.c`));
    cpSync(join(HERE, `${name}.ts.txt`), app.path(`src/${name}.ts`));
  }
  return app;
}

/** A copy of an app, with all that was built of it. */
export function copyOf(app: App): App & Disposable {
  const parent = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  cpSync(app.dir, join(parent, "app"), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return Object.assign(new App(join(parent, "app")), {
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  });
}

/** A run of dev, and what it and the app have printed. */
export class DevRun implements AsyncDisposable {
  readonly #app: App;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #printed = "";
  #seen = 0;
  #over = false;

  constructor(app: App, target: string, args: readonly string[]) {
    this.#app = app;
    const cli = app.path("node_modules/bpf-app/dist/cli.js");
    // Both streams go through one pipe, so that what was printed first is read first.
    const command = ["-c", 'exec "$@" 2>&1', "sh", process.execPath, cli, "dev", target, "--", ...args];
    this.#child = spawn("sh", command, {
      cwd: app.dir,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      stdio: ["ignore", "pipe", "pipe"],
      // With a group of its own, nothing that it started outlives a test that fails.
      detached: true,
    });
    this.#ended = once(this.#child, "close").then((how) => {
      this.#over = true;
      this.#child.emit("printed");
      return how;
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#printed += text;
        this.#child.emit("printed");
      });
  }

  /** Waits until something appears after what was waited for last. */
  async prints(wanted: RegExp): Promise<RegExpExecArray> {
    const late = AbortSignal.timeout(120_000);
    for (;;) {
      const found = wanted.exec(this.#printed.slice(this.#seen));
      if (found) {
        this.#seen += found.index + found[0].length;
        return found;
      }
      const failed = () => assert.fail(`${wanted} does not come after:\n${this.#printed.slice(this.#seen)}`);
      // What has ended prints nothing more.
      if (this.#over) failed();
      await once(this.#child, "printed", { signal: late }).catch(failed);
    }
  }

  /** Changes a source file, at once, as an editor does that puts a new file in the place of the old one. */
  edit(file: string, ...changes: readonly (readonly [string | RegExp, string])[]): void {
    const path = this.#app.path(`src/${file}`);
    let text = readFileSync(path, "utf8");
    for (const [from, to] of changes) {
      const changed = text.replace(from, to);
      assert.notEqual(changed, text, `${file} has no ${from}`);
      text = changed;
    }
    writeFileSync(path, text);
  }

  /** Ends dev as ^C does. */
  async end(): Promise<void> {
    this.#child.kill("SIGINT");
    assert.deepEqual(await this.#ended, [0, null], this.#printed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // It has ended, and so has all that it started.
    }
    await this.#ended;
  }
}

/** Sends UDP packets to a port of this machine that nobody else uses. */
export class Packets implements AsyncDisposable {
  readonly #socket = createSocket("udp4");
  sent = 0;
  #going = false;
  #load: Promise<void> = Promise.resolve();

  /** @param address - where they are accepted: on this machine only if not given */
  static async open(address = "127.0.0.1"): Promise<Packets> {
    const packets = new Packets();
    packets.#socket.bind(0, address);
    await once(packets.#socket, "listening");
    return packets;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async send(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await new Promise<void>((done, failed) =>
        this.#socket.send("x", this.port, "127.0.0.1", (error) => (error ? failed(error) : done())),
      );
      this.sent++;
    }
  }

  /** Sends without end. */
  start(): void {
    this.#going = true;
    const send = async () => {
      while (this.#going) {
        await this.send(20);
        await sleep(1);
      }
    };
    this.#load = send();
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#load;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#socket.close();
  }
}

/** A process that calls getpgid() without end, with the numbers from 1 on. */
export class Calls implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor() {
    // A number of a process that there is none of. What it returns is of no interest.
    const script = `import os, sys, select, time
number = 0
while not select.select([sys.stdin], [], [], 0.0005)[0]:
    for _ in range(10):
        number += 1
        try: os.getpgid(number)
        except OSError: pass
print(number)
`;
    this.#child = spawn("python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it. Resolves to the last number. */
  async stop(): Promise<number> {
    let text = "";
    this.#child.stdout!.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    this.#child.stdin!.end();
    await once(this.#child, "close");
    return Number(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }
}

/** A network of two cables to somebody who sends one UDP packet after the other through each. */
export class Cables implements AsyncDisposable {
  readonly #namespace = `bpf-app-${process.pid}`;
  readonly #port: number;
  #child: ChildProcess | undefined;
  /** The near ends. */
  readonly interfaces = [`bpfa${process.pid}`, `bpfb${process.pid}`] as const;

  constructor(port: number) {
    this.#port = port;
    const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
    ip("netns", "add", this.#namespace);
    this.interfaces.forEach((near, i) => {
      ip("link", "add", near, "type", "veth", "peer", "name", `far${i}`, "netns", this.#namespace);
      ip("addr", "add", `198.18.7.${1 + 4 * i}/30`, "dev", near);
      ip("link", "set", near, "up");
      ip("-n", this.#namespace, "addr", "add", `198.18.7.${2 + 4 * i}/30`, "dev", `far${i}`);
      ip("-n", this.#namespace, "link", "set", `far${i}`, "up");
    });
  }

  start(): void {
    const script = `import select, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sent = 0
while not select.select([sys.stdin], [], [], 0.001 if sent > 0 else 0.5)[0]:
    for _ in range(5 if sent > 0 else 1):
        for address in ("198.18.7.1", "198.18.7.5"): s.sendto(b"x", (address, ${this.#port}))
        sent += 1
print(sent)
`;
    this.#child = spawn("ip", ["netns", "exec", this.#namespace, "python3", "-c", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
  }

  /** Ends sending. Resolves to how many packets went through each cable. */
  async stop(): Promise<number> {
    const child = this.#child!;
    let text = "";
    child.stdout!.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.stdin!.end();
    await once(child, "close");
    return Number(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child && this.#child.exitCode === null) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "close");
    }
    execFileSync("ip", ["netns", "del", this.#namespace]);
  }
}

/** The numbers in a file that runs of an app have written, one after the other. */
function numbers(file: string): number[] {
  return readFileSync(file, "utf8").trim().split("\n").map(Number);
}

/** Edits the kernel side and the user side by turns, while packets come all the time. Not one may be lost. */
export async function loseNoPacket(app: App, reloads: number): Promise<void> {
  await using packets = await Packets.open();
  const file = app.path("packets.txt");
  await using dev = new DevRun(app, "tally", [file, String(packets.port)]);
  await dev.prints(/version 0 runs/);
  packets.start();
  for (let i = 1; i <= reloads; i++) {
    if (i % 2 === 0) dev.edit("tally.bpf.c", [/int version = \d+/, `int version = ${i}`]);
    dev.edit("tally.ts", [/VERSION = \d+/, `VERSION = ${i}`]);
    await dev.prints(new RegExp(`version ${i} runs`));
    await dev.prints(/rebuilt in [\d.]+ s: kept counts, rb, \.bss, \.data\n/);
  }
  await packets.stop();
  dev.edit("tally.ts", [/VERSION = \d+/, `VERSION = ${reloads + 1}`]);
  await dev.prints(new RegExp(`version ${reloads + 1} runs`));
  await dev.prints(/rebuilt/);
  await dev.end();
  const [, total, counts] = await dev.prints(/ends, total=(\d+) counts=(\d+)/);
  assert.deepEqual([Number(total), Number(counts)], [packets.sent, packets.sent]);
  const seen = numbers(file);
  assert.equal(seen.length, packets.sent, "each packet was read once");
  assert.equal(new Set(seen).size, packets.sent);
}

/** The same at a tracepoint, whose program cannot be exchanged: no call may be lost; some are seen twice. */
export async function loseNoCall(app: App, reloads: number): Promise<void> {
  await using calls = new Calls();
  const file = app.path("calls.txt");
  await using dev = new DevRun(app, "traced", [file, String(calls.pid)]);
  await dev.prints(/version 0 runs/);
  for (let i = 1; i <= reloads; i++) {
    dev.edit("traced.ts", [/VERSION = \d+/, `VERSION = ${i}`]);
    await dev.prints(/rebuilt in [\d.]+ s: kept calls, \.bss\n/);
  }
  const last = await calls.stop();
  // A call that was made is in the ring by now; one more run reads what the one before has not.
  dev.edit("traced.ts", [/VERSION = \d+/, `VERSION = ${reloads + 1}`]);
  await dev.prints(/rebuilt/);
  await dev.end();
  const seen = new Set(numbers(file));
  const first = Math.min(...[...seen].slice(0, 1));
  const missing = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((n) => !seen.has(n));
  assert.deepEqual(missing, []);
  assert.ok(last - first > 100, `${last - first} calls are no load`);
}
