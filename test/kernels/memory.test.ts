import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Kernel } from "../../toolchain/src/guest/kernels.ts";
import { folderWith } from "../app.ts";
import { Memory } from "./memory.ts";
import type { Subject } from "./subjects.ts";

const before = process.env.XDG_CACHE_HOME;
process.env.XDG_CACHE_HOME = folderWith({ "create-bpf-app/test-kernels/x": "" });
after(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

const subject = (hash: string) => ({ hash }) as Subject;
const kernel = { packages: [{ name: "linux", version: "1" }], libraries: "/libraries" } as unknown as Kernel;
const pass = { template: "minimal", kernel: "6.1", result: "pass" } as const;

test("a cell that passed with the same content is recalled, if that was not too long ago", async () => {
  const began = Date.now();
  await (await Memory.open(0)).keep(subject("a"), kernel, pass);
  assert.deepEqual((await Memory.open(0)).recall(subject("a"), kernel), pass);
  assert.deepEqual((await Memory.open(began)).recall(subject("a"), kernel), pass);
  assert.equal((await Memory.open(Date.now() + 1)).recall(subject("a"), kernel), undefined);
  assert.equal((await Memory.open(Number.POSITIVE_INFINITY)).recall(subject("a"), kernel), undefined);
  assert.equal((await Memory.open(0)).recall(subject("b"), kernel), undefined);
});

test("a cell that failed is not kept", async () => {
  const memory = await Memory.open(0);
  await memory.keep(subject("c"), kernel, { ...pass, result: "fail", reason: "x" });
  assert.equal(memory.recall(subject("c"), kernel), undefined);
});
