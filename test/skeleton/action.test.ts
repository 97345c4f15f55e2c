import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { skeletonAction } from "../../toolchain/src/skeleton/index.ts";

const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));
const run = (...args: string[]) =>
  skeletonAction(args, { root: FIXTURES, signal: new AbortController().signal, note: () => {} });

test("the action writes the text a reader of the project can look at", async () => {
  const text = await run("events", "events.bpf.o", "--source", "events.h", "--source", "events.bpf.c");
  // To renew it: bpf-app skeleton events events.bpf.o --source events.h --source events.bpf.c
  assert.equal(text, readFileSync(new URL("fixtures/events.skel.txt", import.meta.url), "utf8"));
});

test("types that the configuration names, and notes on maps that stay without one, go through the action", async () => {
  const notes: string[] = [];
  const call = (...args: string[]) =>
    skeletonAction(["sends", "sends.bpf.o", "--compiled", "sends.bpf.o", ...args], {
      root: FIXTURES,
      signal: new AbortController().signal,
      note: (line) => notes.push(line),
    });
  const text = await call("--event", "nowhere=struct scratch", "--event", "either=struct one");
  assert.match(text ?? "", /readonly nowhere: RingBuffer<scratch, scratch_view>;/);
  assert.match(text ?? "", /readonly either: RingBuffer<one, one_view>;/);
  assert.deepEqual(notes.map((line) => / of (\w+) are/.exec(line)?.[1]).sort(), [
    "commands",
    "context",
    "descriptors",
    "mistaken",
    "nameless",
    "several_places",
    "slice",
  ]);
});

test("arguments it does not know are refused", async () => {
  for (const args of [
    [],
    ["events"],
    ["events", "events.bpf.o", "--source"],
    ["events", "events.bpf.o", "--other", "x"],
    ["events", "events.bpf.o", "--event", "rb"],
    ["events", "events.bpf.o", "--event", "=struct event"],
    ["events", "events.bpf.o", "another"],
  ])
    await assert.rejects(
      run(...args),
      (error) => error instanceof Failure && error.failure.kind === "skeleton-usage",
    );
});

test("a file that is not there is named", async () => {
  await assert.rejects(run("events", "nothing.bpf.o"), (error) => {
    assert.ok(error instanceof Failure);
    assert.deepEqual(error.failure, { kind: "skeleton-unreadable", path: "nothing.bpf.o", code: "ENOENT" });
    return true;
  });
});
