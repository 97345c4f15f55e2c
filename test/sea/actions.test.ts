import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { Action } from "../../toolchain/src/run/events.ts";
import { blobAction, injectAction, stripBaseAction } from "../../toolchain/src/sea/actions.ts";
import { seaConfig } from "../../toolchain/src/sea/blob.ts";
import type { SeaFailure } from "../../toolchain/src/sea/failures.ts";
import { seaWords } from "../../toolchain/src/sea/words.ts";
import { blobOf, image } from "./images.ts";

const root = mkdtempSync(join(tmpdir(), "sea-actions-"));
after(() => rmSync(root, { recursive: true }));
const io = { root, signal: new AbortController().signal, note: () => {} };

async function failure(action: Action, args: string[]): Promise<SeaFailure> {
  try {
    await action(args, io);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error.failure as SeaFailure;
  }
  assert.fail("nothing was thrown");
}

test("strip-base and inject take paths relative to the app's folder", async () => {
  mkdirSync(join(root, "dist"));
  writeFileSync(join(root, "node"), image({ tail: 500 }));
  writeFileSync(join(root, "app.blob"), blobOf("program"));
  await stripBaseAction(["node", "base"], io);
  await injectAction(["--base", "base", "--blob", "app.blob", "dist/app"], io);
  assert.ok(readFileSync(join(root, "dist/app"), "latin1").includes("program"));
});

test("wrong arguments are named, not guessed", async () => {
  const problems: string[] = [];
  for (const [action, args] of [
    [stripBaseAction, ["only-one"]],
    [injectAction, ["--blob", "b", "out"]],
    [blobAction, ["--node", "n", "--main", "m", "--asset", "keyless", "out"]],
    [blobAction, ["--what", "out"]],
  ] as const) {
    const found = await failure(action, [...args]);
    assert.equal(found.kind, "sea-arguments");
    problems.push(seaWords(found).what);
  }
  assert.match(problems[0]!, /strip-base: 2 path/);
  assert.match(problems[1]!, /--base is missing/);
  assert.match(problems[2]!, /keyless/);
  assert.match(problems[3]!, /--what/);
});

test("the blob's configuration holds no folder but where files are read and written", () => {
  const request = {
    node: "node",
    out: "/b/app.blob",
    scratch: "/b",
    assets: { "b.node": "/b/b.node", "a.node": "/a" },
  };
  const config = seaConfig({ ...request, main: "/home/someone/app/.output/app.cjs" });
  assert.equal(config.main, "app.cjs");
  assert.deepEqual(Object.keys(config.assets as object), ["a.node", "b.node"]);
  assert.equal(config.execArgvExtension, "none");
  assert.deepEqual(config.execArgv, ["--disable-sigusr1"]);
  assert.equal(config.useCodeCache, false);
  assert.equal(config.useSnapshot, false);
});

function script(name: string, text: string): string {
  writeFileSync(join(root, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return name;
}

test("a blob of which Node wrote only a part is refused, even if Node says all is well", async () => {
  const output = `$(sed -n 's/.*"output": "\\(.*\\)".*/\\1/p' "$2")`;
  const node = script(
    "short",
    `case $1 in --version) echo v24.21.0;; *) printf 'head main.cjs' > "${output}";; esac`,
  );
  writeFileSync(join(root, "main.cjs"), "console.log()");
  const failed = await failure(blobAction, ["--node", node, "--main", "main.cjs", "short.blob"]);
  assert.deepEqual(failed, { kind: "blob-incomplete", path: join(root, "short.blob"), size: 13, needs: 67 });
  assert.deepEqual(
    readdirSync(root).filter((file) => file.startsWith("short.")),
    [],
  );
});

test("a Node that lets NODE_OPTIONS in is refused; one that fails is quoted", async () => {
  writeFileSync(join(root, "main.cjs"), "");
  const make = (node: string) => failure(blobAction, ["--node", node, "--main", "main.cjs", "out.blob"]);
  for (const version of ["v20.20.2", "v22.19.9", "v23.11.0", "v24.7.0"]) {
    const old = await make(script("old", `echo ${version}`));
    assert.deepEqual(old, { kind: "blob-node-too-old", node: join(root, "old"), version });
  }
  const broken = await make(
    script("broken", 'case $1 in --version) echo v24.8.0;; *) echo "no such luck"; exit 9; esac'),
  );
  assert.deepEqual(broken, {
    kind: "blob-not-made",
    node: join(root, "broken"),
    exit: "exit 9",
    output: "no such luck",
  });
  const none = await make("nowhere");
  assert.deepEqual(none, { kind: "sea-file", operation: "run", path: join(root, "nowhere"), code: "ENOENT" });
});
