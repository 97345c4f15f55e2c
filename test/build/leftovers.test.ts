import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program, Skeleton, SkeletonClass } from "../../toolchain/src/runtime/index.ts";
import { leftovers } from "../leftovers/compare.ts";
import { objects } from "../leftovers/objects.ts";
import { Watch } from "../leftovers/watch.ts";
import { skeleton } from "./runtime/make.ts";

interface Brief extends Skeleton {
  readonly progs: Readonly<Record<string, Program>>;
}

/** A folder for pinned objects, which is removed with them afterwards. */
function pinFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  execFileSync("mount", ["-t", "bpf", "bpf", path]);
  return {
    path,
    [Symbol.dispose]() {
      execFileSync("umount", [path]);
      rmdirSync(path);
    },
  };
}

const { brief } = await skeleton<{ brief: SkeletonClass<Brief> }>("brief");

/** Loads a program and pins it; returns the skeleton that holds it and the line that names it. */
function loadAndPin(folder: string): { skel: Brief; line: RegExp } {
  const skel = brief.open();
  skel.load();
  const [name, program] = Object.entries(skel.progs)[0] as [string, Program];
  program.pin(join(folder, "program"));
  return { skel, line: new RegExp(`^BPF program \\d+ \\(${name.slice(0, 15)}\\), held by no process$`) };
}

test("a program that the kernel keeps though no process holds it is found, and one that is held is not", () => {
  const before = objects();
  using folder = pinFolder();
  const { skel, line } = loadAndPin(folder.path);
  const found = () => leftovers(before, objects()).filter(({ title }) => line.test(title)).length;
  assert.equal(found(), 0);
  skel.destroy();
  assert.equal(found(), 1);
});

test("a stage answers for it, unless a process of another session was seen to hold it", async () => {
  for (const [every, expected] of [
    [20, 0],
    [60_000, 1],
  ] as const) {
    const watch = new Watch("bpf", { own: 100, others: 100, every });
    using folder = pinFolder();
    // This process does not carry the mark.
    const { skel, line } = loadAndPin(folder.path);
    await sleep(500);
    skel.destroy();
    assert.equal((await watch.end()).filter((title) => line.test(title)).length, expected, `${every}`);
  }
});
