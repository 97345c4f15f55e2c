import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { hostArch, makeApp, makeParts, VERSIONS, workFolder } from "./sea/make.ts";

/**
 * Executables for arm64 made on x86-64, run by QEMU's user emulation.
 * Debian: qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libatomic1-arm64-cross binutils-aarch64-linux-gnu
 */
const QEMU = "qemu-aarch64-static";
const SYSROOT = "/usr/aarch64-linux-gnu";
const ADDONS = ["one", "two"];

const elsewhere = hostArch() === "x64" ? false : "sea.test.ts runs the same natively";
const folder = workFolder();
const apps: Record<string, string> = {};

before(async () => {
  if (elsewhere) return;
  assert.ok(existsSync(`${SYSROOT}/lib/libstdc++.so.6`), "libstdc++6-arm64-cross is not installed");
  await makeParts(folder, "arm64", ADDONS);
  for (const version of VERSIONS) apps[version] = (await makeApp(folder, "arm64", version, ADDONS)).path;
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(path: string, mode: string, args: readonly string[] = [], stderr = /^$/) {
  const options = { encoding: "utf8", env: { PATH: process.env.PATH, SEA_TEST: mode } } as const;
  const result = spawnSync(QEMU, ["-L", SYSROOT, path, ...args], options);
  assert.equal(result.error, undefined);
  assert.match(result.stderr, stderr);
  return JSON.parse(result.stdout);
}

for (const version of VERSIONS) {
  test(`Node ${version} for arm64 starts its program`, { skip: elsewhere }, () => {
    const json = run(apps[version]!, "arguments", ["--help"]);
    const execArgv = ["--disable-sigusr1"];
    assert.deepEqual(json, { args: ["--help"], execArgv, version: `v${version}`, arch: "arm64" });
  });

  test(`Node ${version} for arm64 misses what was left out, and no more than that`, {
    skip: elsewhere,
  }, () => {
    // Compiling TypeScript is said to be experimental, before it is found to be missing.
    const json = run(apps[version]!, "parts", [], /ExperimentalWarning: stripTypeScriptTypes/);
    assert.deepEqual(json.months, ["Januar", "January", "January"]);
    assert.deepEqual(json.locales, ["de", "en-GB"]);
    assert.equal(json.host, "xn--bcher-kva.example");
    assert.match(json.compiler, /^Cannot read properties of null .*stripTypeScriptTypes of node:module/);
  });

  test(`Node ${version} for arm64 loads addons from files without a name`, { skip: elsewhere }, () => {
    const json = run(apps[version]!, "load");
    assert.deepEqual(
      { ...json, unnamed: json.unnamed.length },
      { one: "one", two: "two", again: 1, unnamed: 2 },
    );
  });
}
