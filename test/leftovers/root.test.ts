import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Watch } from "./watch.ts";

// What only root can leave. Run with the faults, which are root's too.

test("a mount, and a loop device, are named; the mount is taken away", async () => {
  const watch = new Watch("mount", { own: 200, others: 200 });
  const folder = watch.environment.TMPDIR as string;
  const place = join(folder, "a place");
  mkdirSync(place);
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", place]);
  const image = join(folder, "image");
  writeFileSync(image, new Uint8Array(1 << 20));
  const loop = execFileSync("losetup", ["--find", "--show", image], { encoding: "utf8" }).trim();
  try {
    const left = await watch.end();
    assert.deepEqual(left.slice(0, 2), [
      `mount of tmpfs on ${place}`,
      `loop device ${loop.slice("/dev/".length)} of ${image}`,
    ]);
    assert.doesNotMatch(execFileSync("mount", { encoding: "utf8" }), new RegExp(folder));
  } finally {
    execFileSync("losetup", ["--detach", loop]);
  }
});
