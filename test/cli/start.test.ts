// `bpf-app start` builds an app and runs its executable. The app loads nothing, so that neither root nor BPF is needed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readCommandLine } from "../../toolchain/src/cli/command-line.ts";
import { HUNG_AFTER_MS } from "../hung.ts";
import { appWithSources, bpfApp, CLI, PLAIN, programs } from "./run.ts";

/** Who is not root runs the app by sudo. */
const PATH = `${programs({ sudo: 'exec "$@"' })}:/usr/bin:/bin`;

function appWith(source: string): string {
  const app = appWithSources();
  writeFileSync(join(app, "src/minimal.ts"), source);
  return app;
}

test("start builds the app and runs it with the arguments after --; its exit code is the app's", () => {
  const app = appWith("console.log(JSON.stringify(process.argv.slice(2)));\nprocess.exitCode = 7;\n");
  const { status, stdout, stderr } = bpfApp(app, ["start", "minimal", "--", "-x", "a b"], { PATH });
  assert.equal(status, 7, stderr);
  assert.match(stdout, /SEA +dist\/minimal\n/);
  assert.match(stdout, /^\["-x","a b"\]$/m);
  assert.equal(stderr, "", "the app has said itself what is wrong");
});

test("start hands on what is not its own; a name may stand behind pnpm's --", () => {
  const app = appWith("console.log(JSON.stringify(process.argv.slice(2)));\n");
  for (const [args, given] of [
    [["--", "-x", "y"], '["-x","y"]'],
    [["--", "minimal"], "[]"],
    [["--", "--", "-x"], '["-x"]'],
    [["--duration", "1"], '["--duration","1"]'],
    // npm hands on `npm start -- --duration 1` without the --.
    [["--duration", "1", "--", "minimal", "V=1"], '["--duration","1","--","minimal","V=1"]'],
    [["minimal", "--duration", "1", "-h", "V=1"], '["--duration","1","-h","V=1"]'],
    [["minimal", "--", "--", "-h"], '["--","-h"]'],
    [["--", "-h"], '["-h"]'],
    [["a file", "minimal"], '["a file","minimal"]'],
    [["CFLAGS=", "-1"], '["-1"]'],
  ] as const) {
    assert.equal(JSON.stringify(readCommandLine(["start", ...args], app).rest), given, args.join(" "));
  }
  const { status, stdout, stderr } = bpfApp(app, ["start", "minimal", "--duration", "1", "V=1"], { PATH });
  assert.equal(status, 0, stderr);
  assert.ok(stdout.endsWith('["--duration","1","V=1"]\n'), stdout);
});

test("start shows its own help and version before the app's words begin", () => {
  const app = appWith('console.log("the app");\n');
  for (const word of ["-h", "--help"])
    assert.match(bpfApp(app, ["start", "V=1", word, "minimal"], { PATH }).stdout, /^bpf-app start \[name\]/);
  assert.match(bpfApp(app, ["start", "--version"], { PATH }).stdout, /^(?:from sources|\d+\.\d+\.\d+)\n$/);
  const setting = bpfApp(app, ["start", "CLNAG=x", "--duration", "1"], { PATH });
  assert.equal(setting.status, 1);
  assert.match(setting.stderr, /mean CLANG\?/);
});

test("start ends with 128 and the number of the signal that ended the app, as shells do", () => {
  const app = appWith('process.kill(process.pid, "SIGKILL");\n');
  assert.equal(bpfApp(app, ["start"], { PATH }).status, 137);
});

test("start passes SIGINT on, and waits until the app has ended", async () => {
  const app = appWith(`process.on("SIGINT", () => setTimeout(() => {
  console.log("ended");
  process.exit(3);
}, 200));
setInterval(() => {}, 1000);
console.log("begun");
`);
  const child = spawn(process.execPath, [CLI, "start"], {
    cwd: app,
    env: { ...process.env, ...PLAIN, PATH },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: HUNG_AFTER_MS,
  });
  let printed = "";
  for await (const text of child.stdout.setEncoding("utf8")) {
    printed += text;
    if (text.includes("begun")) child.kill("SIGINT");
  }
  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
  assert.equal(code, 3);
  assert.match(printed, /ended\n$/);
});

test("start asks which of several programs is meant, and runs the one that is named", () => {
  const app = appWith('console.log("minimal runs");\n');
  writeFileSync(join(app, "src/other.bpf.c"), "#include <linux/bpf.h>\n");
  writeFileSync(join(app, "src/other.ts"), 'console.log("other runs");\n');
  const which = bpfApp(app, ["start"], { PATH });
  assert.equal(which.status, 1);
  for (const name of ["minimal", "other"]) assert.ok(which.stderr.includes(name), which.stderr);
  assert.match(bpfApp(app, ["start", "other"], { PATH }).stdout, /other runs/);
  const mistyped = bpfApp(app, ["start", "othr"], { PATH });
  assert.equal(mistyped.status, 1);
  assert.match(mistyped.stderr, /othr/);
  assert.match(mistyped.stderr, /mean other\?/);
  assert.match(bpfApp(app, ["start", "--duration", "1"], { PATH }).stderr, /none was named/);
});

test("start says that there is nothing to run in an app without a user side", () => {
  const app = appWithSources();
  rmSync(join(app, "src/minimal.ts"));
  const { status, stderr } = bpfApp(app, ["start"], { PATH });
  assert.equal(status, 1);
  assert.match(stderr, /src\/NAME\.ts/);
  assert.doesNotMatch(stderr, /fault of bpf-app itself/);
});
