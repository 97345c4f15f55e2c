import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  firstOf,
  type Link,
  type Program,
  probe,
  type Skeleton,
  type SkeletonClass,
  StateError,
  tracePipe,
  VerifierError,
} from "../../toolchain/src/runtime/index.ts";
import { Subject, skeleton } from "./runtime/make.ts";

interface Refused extends Skeleton {
  readonly progs: { readonly unchecked: Program; readonly nowhere: Program; readonly no_function: Program };
}
interface Lifecycle extends Skeleton {
  readonly links: { on_getpgid: Link | undefined };
  readonly bss: { subject: number; calls: number };
}

let refused: SkeletonClass<Refused>;
let lifecycle: SkeletonClass<Lifecycle>;
let subject: Subject;
before(async () => {
  ({ refused } = await skeleton<{ refused: SkeletonClass<Refused> }>("refused"));
  ({ lifecycle } = await skeleton<{ lifecycle: SkeletonClass<Lifecycle> }>("lifecycle"));
  subject = await Subject.start();
});
after(() => subject?.[Symbol.asyncDispose]());

test("a program the verifier refuses: the reason, the line, the whole log", () => {
  using skel = refused.open();
  skel.progs.no_function.setAutoload(false);
  assert.throws(
    () => skel.load(),
    (error: unknown) => {
      assert.ok(error instanceof VerifierError);
      assert.equal(error.program, "unchecked");
      assert.equal(error.code, "EACCES");
      assert.match(error.reason, /map_value_or_null/);
      assert.match(error.message, /return \*value/);
      assert.match(error.verifierLog, /processed \d+ insns/);
      assert.equal(error.file, "src/refused.bpf.c");
      assert.match(error.next ?? "", /^BPF_APP_LOG=verifier /);
      return true;
    },
  );
});

test("what could not be loaded is opened again, not loaded again", () => {
  using skel = refused.open();
  assert.throws(() => skel.load());
  assert.throws(() => skel.load(), /open it again/);
  assert.throws(() => skel.attach(), /before load/);
});

test("a tracepoint that does not exist", () => {
  using skel = refused.open();
  skel.progs.unchecked.setAutoload(false);
  skel.progs.no_function.setAutoload(false);
  skel.load();
  assert.throws(() => skel.attach(), {
    name: "BpfError",
    code: "ENOENT",
    call: "bpf_program__attach",
    message: /nowhere.*nothing of that name to attach to.*available_events/s,
  });
});

test("a kernel function that does not exist", () => {
  using skel = refused.open();
  skel.progs.unchecked.setAutoload(false);
  assert.throws(() => skel.load(), { call: "bpf_object__load", message: /no_such_function.*kallsyms/s });
});

test("libbpf's log goes to whom it is about, at the level wanted", () => {
  const heard: Record<string, string[]> = { one: [], two: [] };
  const open = (name: string, logLevel: "warn" | "debug") =>
    refused.open({ logLevel, onLog: (level, message) => heard[name]!.push(`${level} ${message}`) });
  using one = open("one", "warn");
  using _two = open("two", "debug");
  one.progs.no_function.setAutoload(false);
  assert.throws(() => one.load());
  assert.ok(heard.one!.length > 0);
  assert.ok(heard.one!.every((line) => line.startsWith("warn ")));
  assert.ok(heard.two!.some((line) => line.startsWith("debug libbpf: ")));
  assert.ok(!heard.two!.some((line) => line.includes("unchecked': -- BEGIN")));
});

test("without the right to load programs the error says which capability is missing", async () => {
  const script = `
    const { skeleton } = await import(${JSON.stringify(new URL("./runtime/make.ts", import.meta.url).href)});
    const { lifecycle } = await skeleton("lifecycle");
    const skel = lifecycle.open();
    process.setgid(65534);
    process.setuid(65534);
    try { skel.load(); } catch (error) { console.log(error.code + "|" + error.message); }`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.match(output, /^EPERM\|/);
  assert.match(output, /CAP_BPF/);
  assert.match(output, /sudo/);
});

test("the kernel is asked what it has", () => {
  assert.equal(probe.mapType("hash"), true);
  assert.equal(probe.progType("tracepoint"), true);
  assert.equal(probe.helper(1, "tracepoint"), true);
  assert.equal(probe.helper(130, "kprobe"), probe.mapType("ringbuf"));
  assert.equal(probe.kernelBtf(), existsSync("/sys/kernel/btf/vmlinux"));
  assert.throws(() => probe.mapType("no_such_type"), RangeError);
  assert.equal(firstOf(["fentry", false], ["kprobe", () => false], ["tracepoint", true]), "tracepoint");
});

test("trace pipe: lines as they come, until the signal", async () => {
  using skel = lifecycle.open();
  skel.bss.subject = subject.pid;
  skel.load();
  skel.attach();
  const controller = new AbortController();
  const lines: string[] = [];
  const reading = (async () => {
    for await (const line of tracePipe({ signal: controller.signal })) {
      if (line.includes("runtime test")) lines.push(line);
      if (lines.length === 3) break;
    }
  })();
  await subject.call("getpgid", 3);
  await reading;
  assert.deepEqual(
    lines.map((line) => line.replace(/^.*: /, "")),
    ["runtime test 1", "runtime test 2", "runtime test 3"],
  );
  const waiting = (async () => {
    for await (const line of tracePipe({ signal: controller.signal })) lines.push(line);
  })();
  setTimeout(() => controller.abort(), 30);
  await waiting;
});

test("trace pipe: the command to mount tracefs, where it is not mounted", async () => {
  const empty = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  await assert.rejects(tracePipe({ tracefs: empty }).next(), (error: unknown) => {
    assert.ok(error instanceof StateError);
    assert.match(error.message, new RegExp(`mount -t tracefs tracefs ${empty}`));
    return true;
  });
  rmSync(empty, { recursive: true });
});

/** Runs an app's module, which may import the runtime and the programs of these tests. */
function app(
  body: string,
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  const make = new URL("./runtime/make.ts", import.meta.url).href;
  const runtime = new URL("../../toolchain/src/runtime/index.ts", import.meta.url).href;
  const file = join(folder, "app.mjs");
  writeFileSync(
    file,
    `import { main, tracePipe } from ${JSON.stringify(runtime)};
import { skeleton } from ${JSON.stringify(make)};
const { lifecycle } = await skeleton("lifecycle");
const { refused } = await skeleton("refused");
${body}`,
  );
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  child.stderr.on("data", (chunk) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => rmSync(folder, { recursive: true }));
  return { child, output: () => text, ended };
}

async function says(output: () => string, what: string): Promise<void> {
  while (!output().includes(what)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The kernel's log of one program, as libbpf frames it. */
const verifierLogs = (text: string) =>
  [
    ...text.matchAll(
      /prog '(\w+)': -- BEGIN PROG LOAD LOG --\n[\s\S]*?processed \d+ insns[\s\S]*?-- END PROG LOAD LOG --/g,
    ),
  ].map(([, program]) => program);

test("BPF_APP_LOG=verifier: any app prints the whole log, of what is refused and of what is accepted", async () => {
  const load = `await main(() => {
      lifecycle.openAndLoad({ onLog: (level, text) => console.log("told", level, text.slice(0, 20)) });
      console.log("accepted");
      const skel = refused.open();
      skel.progs.no_function.setAutoload(false);
      skel.load();
    });`;
  const without = app(load);
  assert.equal(await without.ended, 1);
  assert.deepEqual(verifierLogs(without.output()), []);
  assert.match(without.output(), /BPF_APP_LOG=verifier in the environment shows the whole log/);
  const asked = app(load, { BPF_APP_LOG: "verifier" });
  assert.equal(await asked.ended, 1);
  const [accepted = "", rejected = ""] = asked.output().split("accepted\n");
  assert.ok(verifierLogs(accepted).includes("on_getpgid"), asked.output());
  assert.deepEqual(verifierLogs(rejected), ["unchecked"]);
  assert.match(rejected, /the kernel's verifier rejected unchecked/);
  assert.match(rejected, /^ {2}src\/refused\.bpf\.c:\d+$/m);
  assert.doesNotMatch(asked.output(), /told debug/, "the app hears what it asked for, and no more");
});

test("BPF_APP_LOG=debug: libbpf's log; a misspelt word is answered once", async () => {
  const { ended, output } = app("lifecycle.openAndLoad().destroy(); lifecycle.openAndLoad().destroy();", {
    BPF_APP_LOG: "debug,verifer",
  });
  assert.equal(await ended, 0);
  assert.match(output(), /^libbpf: loading object 'lifecycle_bpf' from buffer$/m);
  assert.equal(output().match(/Did you mean verifier\?/g)?.length, 1);
  assert.deepEqual(verifierLogs(output()), []);
});

test("main: ^C ends the app at once, while it waits for events", async () => {
  const { child, output, ended } = app(`
    await main(async ({ signal }) => {
      const skel = lifecycle.openAndLoad();
      skel.attach();
      console.log("running");
      for await (const line of tracePipe({ signal }));
      console.log("over");
    });`);
  await says(output, "running");
  const begun = performance.now();
  child.kill("SIGINT");
  assert.equal(await ended, 0);
  assert.ok(performance.now() - begun < 5000);
  assert.match(output(), /over/);
});

test("an app ends by itself where a promise that its callback resolves ends the reading", async () => {
  const { child, ended } = app(`
    const { events } = await skeleton("events");
    const skel = events.openAndLoad();
    const first = Promise.withResolvers();
    const stop = new AbortController();
    const reading = skel.maps.rb.consume(first.resolve, { signal: stop.signal });
    setTimeout(() => skel.progs.produce.testRun({ ctxIn: new Uint8Array(Uint32Array.of(1, 0).buffer) }), 100);
    await first.promise;
    stop.abort();
    await reading;`);
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  assert.equal(await ended, 0);
  clearTimeout(timer);
});

test("main: an error is a sentence, the exit status 1", async () => {
  const { output, ended } = app("await main(() => { refused.openAndLoad(); });");
  assert.equal(await ended, 1);
  assert.match(output(), /^cannot load refused|^the kernel's verifier rejected/);
  assert.doesNotMatch(output(), /\n {4}at /);
});

test("main: a fault of the app itself keeps its stack", async () => {
  const { output, ended } = app("await main(() => { undefined.length; });");
  assert.equal(await ended, 1);
  assert.match(output(), /TypeError.*\n {4}at /s);
});

test("a program that forgets its skeleton stays attached; its end detaches", async () => {
  const { child, output, ended } = app(`
    let skel = lifecycle.openAndLoad();
    skel.attach();
    skel = undefined;
    for (let i = 0; i < 20; i++) { globalThis.gc?.(); new ArrayBuffer(1 << 24); await new Promise(setImmediate); }
    console.log("forgotten");
    setInterval(() => {}, 1000);`);
  await says(output, "forgotten");
  const attached = () =>
    execFileSync("ls", ["-l", `/proc/${child.pid}/fd`], { encoding: "utf8" }).includes("perf_event");
  assert.equal(attached(), true);
  child.kill("SIGKILL");
  await ended;
});
