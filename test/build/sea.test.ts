import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { notRoot } from "../app.ts";
import { hostArch, makeApp, makeParts, VERSIONS, workFolder } from "./sea/make.ts";

const ADDONS = ["one", "two"];
const folder = workFolder();
const apps: Record<string, string> = {};
const pinned = VERSIONS[1];

before(async () => {
  await makeParts(folder, hostArch(), ADDONS);
  for (const version of VERSIONS) apps[version] = (await makeApp(folder, hostArch(), version, ADDONS)).path;
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: each mode of app.ts prints its own shape
  readonly json: any;
}

function ended(result: { status: number | null; stdout: string; stderr: string }): Ended {
  const json = result.stdout === "" ? undefined : JSON.parse(result.stdout);
  return { status: result.status, stderr: result.stderr, json };
}

function run(path: string, mode: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Ended {
  const options = { encoding: "utf8", env: { PATH: process.env.PATH, SEA_TEST: mode, ...env } } as const;
  return ended(spawnSync(path, args, options));
}

/** Runs the app in a mount namespace of its own, after the shell commands `mounts`. */
function runWithMounts(path: string, mode: string, mounts: string[], env: NodeJS.ProcessEnv): Ended {
  const space = process.geteuid?.() === 0 ? ["-m"] : ["-r", "-m"];
  const script = `set -e\n${mounts.join("\n")}\nexec "$0"`;
  const options = { encoding: "utf8", env: { PATH: process.env.PATH, SEA_TEST: mode, ...env } } as const;
  return ended(spawnSync("unshare", [...space, "sh", "-c", script, path], options));
}

for (const version of VERSIONS) {
  test(`Node ${version}: every argument is the program's, and NODE_OPTIONS is ignored`, () => {
    const args = ["--help", "--version", "-e", "1", "--inspect", "--", "--title=x"];
    const { status, stderr, json } = run(apps[version]!, "arguments", args, {
      NODE_OPTIONS: "--require /none --bad",
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.deepEqual(json, {
      args,
      execArgv: ["--disable-sigusr1"],
      version: `v${version}`,
      arch: process.arch,
    });
  });

  test(`Node ${version}: what was left out is missing, and no more than that`, () => {
    const { status, json } = run(apps[version]!, "parts");
    assert.equal(status, 0);
    assert.deepEqual(json.months, ["Januar", "January", "January"]);
    assert.deepEqual(json.locales, ["de", "en-GB"]);
    assert.equal(json.host, "xn--bcher-kva.example");
    assert.match(json.compiler, /^Cannot read properties of null .*stripTypeScriptTypes of node:module/);
  });

  test(`Node ${version}: binutils read the headers and symbols of what is left without a warning`, () => {
    const read = spawnSync("readelf", ["-lWd", "-Ds", apps[version]!], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    assert.equal(read.stderr, "");
    assert.match(read.stdout, / napi_create_function\b/);
    assert.match(read.stdout, / uv_loop_init\b/);
    assert.doesNotMatch(read.stdout, / _ZN2v87Isolate10GetCurrent| SSL_new\b/);
  });

  test(`Node ${version}: addons are loaded from files without a name, each once`, () => {
    const { json, stderr } = run(apps[version]!, "load", []);
    assert.equal(stderr, "");
    assert.deepEqual(
      { ...json, unnamed: json.unnamed.length },
      { one: "one", two: "two", again: 1, unnamed: 2 },
    );
  });

  test(`Node ${version}: workers get the addon they ask for, the main thread's if it has it`, () => {
    const { json, stderr } = run(apps[version]!, "workers");
    assert.equal(stderr, "");
    assert.deepEqual(json.first, [{ name: "one", loads: 1 }]);
    assert.deepEqual(json.second, [{ name: "two", loads: 1 }]);
    assert.deepEqual(json.main, [
      { name: "two", loads: 1 },
      { name: "one", loads: 1 },
    ]);
    assert.deepEqual(json.after, [
      { name: "one", loads: 2 },
      { name: "two", loads: 2 },
    ]);
    const together = json.together.flat();
    assert.deepEqual(
      together.map(({ name }: { name: string }) => name),
      ["two", "one", "one", "two"],
    );
    assert.deepEqual(new Set(together.map(({ loads }: { loads: number }) => loads)), new Set([3, 4]));
    assert.equal(json.unnamed.length, 2, "workers that ended left nothing open");
  });
}

test("a stack trace names the bundle without a folder", () => {
  const { json } = run(apps[pinned]!, "stack");
  assert.match(json, /[( ]app\.cjs:\d+:\d+/);
});

test("an addon that is not inside is a clear error", () => {
  const { status, json } = run(apps[pinned]!, "missing");
  assert.equal(status, 1);
  assert.equal(json.code, "ERR_BPF_APP_ADDON");
  assert.match(json.message, /no addon three\.node/);
});

test("in development the addon is the file beside the module, and its absence says to build", () => {
  const runPlain = (path: string) => {
    const options = { encoding: "utf8", env: { PATH: process.env.PATH, SEA_TEST: "load" } } as const;
    return ended(spawnSync(process.execPath, [path], options));
  };
  const built = runPlain(join(folder, "app.cjs"));
  assert.deepEqual(built.json, { one: "one", two: "two", again: 1, unnamed: [] });
  const elsewhere = join(folder, "not-built");
  mkdirSync(elsewhere);
  copyFileSync(join(folder, "app.cjs"), join(elsewhere, "app.cjs"));
  const absent = runPlain(join(elsewhere, "app.cjs"));
  assert.equal(absent.status, 1);
  assert.equal(absent.json.code, "ERR_BPF_APP_ADDON");
  assert.match(absent.json.message, /not-built\/one\.node is not there: build the app first/);
  writeFileSync(join(elsewhere, "one.node"), "no library");
  assert.match(
    runPlain(join(elsewhere, "app.cjs")).json.message,
    /one\.node cannot be loaded: .*file too short/,
  );
});

test("what is planted in the temporary directory is neither followed nor touched, and no name appears there", async () => {
  const tmp = join(folder, "planted");
  const victim = join(folder, "victim");
  mkdirSync(tmp);
  writeFileSync(victim, "precious");
  for (const name of ["one.node", "two.node", ".one.node", "bpf-app"]) symlinkSync(victim, join(tmp, name));
  const names: (string | null)[] = [];
  const done = Promise.withResolvers<void>();
  const watcher = watch(tmp, (event, name) => {
    if (event === "rename") names.push(name);
    if (name === "end") done.resolve();
  });
  const mounts = ["mount -t tmpfs -o noexec none /dev/shm"];
  const { json, stderr } = runWithMounts(apps[pinned]!, "load", mounts, { TMPDIR: tmp });
  assert.equal(stderr, "");
  writeFileSync(join(tmp, "end"), "");
  await done.promise;
  watcher.close();
  assert.deepEqual(json, { one: "one", two: "two", again: 1, unnamed: [tmp, tmp] });
  assert.deepEqual(names, ["end"]);
  assert.equal(readFileSync(victim, "utf8"), "precious");
});

test("directories that are noexec or missing are passed over", () => {
  const tmp = join(folder, "noexec");
  mkdirSync(tmp);
  const mounts = [
    "mount -t tmpfs -o noexec none /dev/shm",
    `mount -t tmpfs -o noexec none ${tmp}`,
    "mount -t tmpfs none /var/tmp",
  ];
  const { json, stderr } = runWithMounts(apps[pinned]!, "load", mounts, {
    TMPDIR: tmp,
    XDG_RUNTIME_DIR: "/none",
  });
  assert.equal(stderr, "");
  assert.deepEqual(json.unnamed, ["/var/tmp", "/var/tmp"]);
});

test("root in a container of which only /dev is neither noexec nor without unnamed files finds that", () => {
  const mounts = [
    "mount -t tmpfs none /dev",
    "mkdir /dev/shm",
    "mount -t tmpfs -o noexec none /dev/shm",
    "mount -t tmpfs -o noexec none /var/tmp",
  ];
  const { json, stderr } = runWithMounts(apps[pinned]!, "load", mounts, { TMPDIR: "/proc" });
  assert.equal(stderr, "");
  assert.deepEqual(json.unnamed, ["/dev", "/dev"]);
});

test("with nowhere to load from, the error lists each directory and its reason", async () => {
  const tmp = join(folder, "readonly");
  const own = join(folder, "own");
  for (const path of [tmp, own]) mkdirSync(path);
  await cp(apps[pinned]!, join(own, "app"));
  const mounts = [
    "mount --bind /dev /dev",
    "mount -o remount,bind,noexec /dev",
    "mount -t tmpfs -o noexec none /dev/shm",
    `mount -t tmpfs -o ro none ${tmp}`,
    "mount -t tmpfs -o size=4k none /var/tmp",
    `mount --bind ${own} ${own}`,
    `mount -o remount,bind,ro ${own}`,
  ];
  const env = { TMPDIR: tmp, XDG_RUNTIME_DIR: "/none" };
  const { status, json } = runWithMounts(join(own, "app"), "load", mounts, env);
  assert.equal(status, 1);
  assert.equal(json.code, "ERR_BPF_APP_ADDON");
  const reasons: [string, RegExp][] = [
    ["/dev/shm", /failed to map segment/],
    [tmp, /EROFS/],
    ["/none", /ENOENT/],
    ["/var/tmp", /ENOSPC/],
    ["/dev", /failed to map segment/],
    [own, /EROFS/],
  ];
  assert.deepEqual(
    json.attempts.map(({ directory }: { directory: string }) => directory),
    reasons.map(([directory]) => directory),
  );
  reasons.forEach(([directory, reason], at) => {
    assert.match(json.attempts[at].reason, reason);
    assert.ok(json.message.includes(`${directory}: `));
  });
});

test("a temporary directory that belongs to another user is not trusted", { skip: notRoot }, () => {
  const tmp = join(folder, "foreign");
  mkdirSync(tmp);
  chownSync(tmp, 12345, 12345);
  const mounts = ["mount -t tmpfs -o noexec none /dev/shm", "mount -t tmpfs none /var/tmp"];
  const { json } = runWithMounts(apps[pinned]!, "load", mounts, { TMPDIR: tmp });
  assert.deepEqual(json.unnamed, ["/var/tmp", "/var/tmp"]);
});

test("two folders give the same blob and the same executable, with no folder's name inside", async () => {
  const twin = join(folder, "a-folder-elsewhere");
  await makeParts(twin, hostArch(), ADDONS);
  const here = await makeApp(folder, hostArch(), pinned, ADDONS);
  const there = await makeApp(twin, hostArch(), pinned, ADDONS);
  const blob = readFileSync(there.blob);
  assert.deepEqual(readFileSync(here.blob), blob);
  assert.ok(readFileSync(here.path).equals(readFileSync(there.path)));
  assert.equal(blob.includes("a-folder-elsewhere"), false);
});

test("binutils' strip refuses an executable and leaves it working", () => {
  const path = apps[pinned]!;
  const size = readFileSync(path).length;
  assert.throws(() => execFileSync("strip", [path], { stdio: "pipe" }));
  assert.equal(readFileSync(path).length, size);
  assert.equal(run(path, "arguments").status, 0);
});

test("a blob of another Node version is refused", async () => {
  const { inject } = await import("../../toolchain/src/sea/index.ts");
  const base = join(folder, `base-${VERSIONS[1]}-${hostArch()}`);
  const blob = join(folder, `app-${VERSIONS[2]}.blob`);
  await assert.rejects(inject({ base, blob, out: join(folder, "mixed") }), (error: { failure?: unknown }) => {
    assert.deepEqual(error.failure, {
      kind: "blob-version-mismatch",
      path: blob,
      blob: "v26.10.0",
      base: "v24.21.0",
    });
    return true;
  });
});
