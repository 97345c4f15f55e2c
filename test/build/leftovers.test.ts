import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Program, Skeleton, SkeletonClass } from "../../toolchain/src/runtime/index.ts";
import { leftovers } from "../leftovers/compare.ts";
import { objects } from "../leftovers/objects.ts";
import { skeleton } from "./runtime/make.ts";

interface Brief extends Skeleton {
  readonly progs: Readonly<Record<string, Program>>;
}

test("a program that the kernel keeps though no process holds it is found, and one that is held is not", async () => {
  const { brief } = await skeleton<{ brief: SkeletonClass<Brief> }>("brief");
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  const before = objects();
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  try {
    const skel = brief.open();
    skel.load();
    const [name, program] = Object.entries(skel.progs)[0]!;
    program.pin(join(folder, "program"));
    const ours = () =>
      leftovers(before, objects())
        .map(({ title }) => title)
        .filter((title) => title.includes(`(${name.slice(0, 15)})`));
    assert.deepEqual(ours(), []);
    skel.destroy();
    assert.match(ours().join("\n"), /^BPF program \d+ \(\w+\), held by no process$/);
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
});
