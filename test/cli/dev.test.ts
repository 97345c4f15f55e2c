// `bpf-app dev`: an edit builds again and starts the app anew. The app loads nothing, so that neither root nor BPF is
// needed: what is of interest is when it is started and ended.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { folderWith } from "../app.ts";
import { appWithSources, bpfApp, CLI, PLAIN, programs, SCRIPTS } from "./run.ts";

/** The user side of an app that says when it begins, and when it is asked to end. */
const user = (name: string) => `process.on("SIGINT", () => {
  console.log("${name} ends");
  process.exit();
});
setInterval(() => {}, 1000);
console.log("${name} begins");
`;

/** Refuses sources with the word "flaw". Who is not root runs the app by sudo. */
const PROGRAMS = programs({
  clang: `if grep -q flaw src/minimal.bpf.c; then echo "error: a flaw" >&2; exit 1; fi\n${SCRIPTS.clang}`,
  sudo: 'exec "$@"',
});
const PATH = `${PROGRAMS}:/usr/bin:/bin`;

/** A run of dev, and what it and the app have printed so far. */
class Dev {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  #printed = "";
  #seen = 0;

  constructor(app: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [CLI, "dev", ...args], {
      cwd: app,
      env: { ...process.env, ...PLAIN, PATH },
      stdio: ["ignore", "pipe", "pipe"],
      // With a group of its own, nothing that it started outlives a test that fails.
      detached: true,
    });
    this.ended = once(this.child, "close");
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#printed += text;
        this.child.emit("printed");
      });
  }

  /** Waits until a text appears after the last one that was waited for; resolves to what stands before it. */
  async prints(text: string): Promise<string> {
    const late = AbortSignal.timeout(15_000);
    for (;;) {
      const at = this.#printed.indexOf(text, this.#seen);
      if (at >= 0) {
        const before = this.#printed.slice(this.#seen, at);
        this.#seen = at + text.length;
        return before;
      }
      await once(this.child, "printed", { signal: late }).catch(() =>
        assert.fail(`"${text}" does not come after:\n${this.#printed.slice(this.#seen)}`),
      );
    }
  }

  /** What was printed after all that was waited for. */
  get rest(): string {
    return this.#printed.slice(this.#seen);
  }
}

/** A run of dev that does not outlive its test. */
function run(context: TestContext, app: string, args: readonly string[] = []): Dev {
  const dev = new Dev(app, args);
  context.after(async () => {
    try {
      process.kill(-dev.child.pid!, "SIGKILL");
    } catch {
      // It has ended, and so has all that it started.
    }
    await dev.ended;
  });
  return dev;
}

function start(context: TestContext): { readonly app: string; readonly dev: Dev } {
  const app = appWithSources();
  writeFileSync(join(app, "src/minimal.ts"), user("one"));
  const dev = run(context, app);
  return { app, dev };
}

test("dev builds and runs the app, and an edit of it ends it and starts the new one", async (t) => {
  const { app, dev } = start(t);
  await dev.prints("one begins");
  writeFileSync(join(app, "src/minimal.ts"), user("two"));
  await dev.prints("one ends");
  assert.doesNotMatch(await dev.prints("two begins"), /one begins/);
});

test("dev keeps the old one running while the kernel side has a mistake, and says which", async (t) => {
  const { app, dev } = start(t);
  await dev.prints("one begins");
  writeFileSync(join(app, "src/minimal.bpf.c"), "flaw\n");
  assert.doesNotMatch(await dev.prints("a flaw"), /one ends/);
  await dev.prints("bpf-app: ");
  writeFileSync(join(app, "src/minimal.bpf.c"), "// repaired\n");
  assert.doesNotMatch(await dev.prints("one ends"), /fault of bpf-app itself/);
  await dev.prints("one begins");
});

test("dev builds once for the strokes of an editor, and ends with the app at SIGINT", async (t) => {
  const { app, dev } = start(t);
  await dev.prints("one begins");
  for (let stroke = 0; stroke < 5; stroke++) writeFileSync(join(app, "src/minimal.ts"), user("two"));
  await dev.prints("two begins");
  dev.child.kill("SIGINT");
  assert.deepEqual(await dev.ended, [0, null]);
  assert.match(dev.rest, /^\s*two ends\s*$/);
});

test("dev builds again after an edit of the configuration, or of a header outside of src", async (t) => {
  const app = appWithSources();
  writeFileSync(join(app, "src/minimal.ts"), user("one"));
  writeFileSync(join(app, "src/minimal.bpf.c"), '#include "../shared/common.h"\n');
  mkdirSync(join(app, "shared"));
  writeFileSync(join(app, "shared/common.h"), "");
  const dev = run(t, app);
  await dev.prints("one begins");
  writeFileSync(join(app, "bpf-app.config.ts"), "export default { CLNAG: 'clang' };\n");
  await dev.prints("CLNAG");
  writeFileSync(join(app, "bpf-app.config.ts"), "export default {};\n");
  await dev.prints("one ends");
  await dev.prints("one begins");
  writeFileSync(join(app, "shared/common.h"), "// edited\n");
  await dev.prints("one ends");
  await dev.prints("rebuilt in ");
});

test("dev says that an app has ended by itself, and waits", async (t) => {
  const app = appWithSources();
  writeFileSync(join(app, "src/minimal.ts"), "process.exitCode = 3;\n");
  const dev = run(t, app);
  await dev.prints("bpf-app: app ended with 3, waiting for a change.\n");
  writeFileSync(join(app, "src/minimal.ts"), user("two"));
  await dev.prints("two begins");
});

test("dev starts an app again that has ended by itself, once it is edited", async (t) => {
  const { app, dev } = start(t);
  await dev.prints("one begins");
  writeFileSync(join(app, "src/minimal.ts"), 'console.log("short");\n');
  await dev.prints("short");
  writeFileSync(join(app, "src/minimal.ts"), user("two"));
  await dev.prints("two begins");
});

test("dev ends at SIGTERM too", async (t) => {
  const { dev } = start(t);
  await dev.prints("one begins");
  dev.child.kill("SIGTERM");
  assert.deepEqual(await dev.ended, [0, null]);
  assert.match(dev.rest, /one ends/);
});

test("dev --once runs the app once, with the arguments after --, and ends as it does", () => {
  const single = appWithSources();
  writeFileSync(
    join(single, "src/minimal.ts"),
    "console.log(process.argv.slice(2));\nprocess.exitCode = 7;\n",
  );
  const { status, stdout } = bpfApp(single, ["dev", "--once", "--", "-x", "y"], { PATH });
  assert.equal(status, 7);
  assert.match(stdout, /\[ '-x', 'y' \]/);
});

test("dev says in a sentence that the app cannot be started", async (t) => {
  const version = ["MAJOR 24", "MINOR 21", "PATCH 0"].map(
    (part) => `#define NODE_${part.replace(" ", "_VERSION ")}\n`,
  );
  // It has no permission to be executed.
  const prefix = folderWith({ "bin/node": "", "include/node/node_version.h": version.join("") });
  const setting = `NODE=${prefix}/bin/node`;
  const once = bpfApp(appWithSources(), ["dev", "--once", setting], { PATH });
  assert.equal(once.status, 1);
  const dev = run(t, appWithSources(), [setting]);
  const said = `${once.stderr}${await dev.prints("could not be started")}`;
  assert.match(once.stderr, /node could not be started/);
  assert.doesNotMatch(said, /\n\s+at |fault of bpf-app/);
  // Started by sudo, what cannot be started is an app that has ended: an edit may mend it.
  if (process.getuid?.() !== 0) dev.child.kill("SIGINT");
  assert.deepEqual(await dev.ended, [process.getuid?.() === 0 ? 1 : 0, null]);
  assert.doesNotMatch(dev.rest, /\n\s+at |fault of bpf-app/);
});
