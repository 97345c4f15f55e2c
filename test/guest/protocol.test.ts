import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReader } from "../../toolchain/src/guest/protocol.ts";

function frame(kind: string, body: string): string {
  return `@frame ${kind} ${Buffer.byteLength(body)}\n${body}\n`;
}

const STREAM = [
  "noise of a boot loader\n",
  frame("begin", "xdp"),
  frame("stdout", "@frame end 3\nthis is the program's own text, ünïcode\n"),
  frame("stderr", ""),
  frame("left", "prog 7 type 6 xdp_pass\n"),
  frame("log", "[ 1.0] x\n"),
  "[    9.1] the kernel cuts in\n",
  frame("end", "outcome=ok\nexit=0\nsignal=0\nms=1234\ntaint=512\n"),
  frame("begin", "tc"),
  frame("stdout", "half"),
].join("");

test("frames are put together from pieces of any size", () => {
  const bytes = Buffer.from(STREAM);
  for (const size of [1, 2, 7, 100, bytes.length]) {
    const reader = new FrameReader();
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    assert.equal(reader.cells.length, 1, `in pieces of ${size}`);
    const [cell] = reader.cells;
    assert.equal(cell?.name, "xdp");
    assert.equal(cell?.stdout, "@frame end 3\nthis is the program's own text, ünïcode\n");
    assert.equal(cell?.left, "prog 7 type 6 xdp_pass\n");
    assert.deepEqual(
      [cell?.outcome, cell?.exit, cell?.signal, cell?.ms, cell?.taint],
      ["ok", 0, undefined, 1234, 512],
    );
  }
});

test("a guest that dies leaves its cell as lost, with what had come of it", () => {
  const reader = new FrameReader();
  reader.push(Buffer.from(STREAM));
  assert.equal(reader.finished, false);
  assert.deepEqual(
    [reader.lost()?.name, reader.lost()?.outcome, reader.lost()?.stdout],
    ["tc", "guest-lost", "half"],
  );
  reader.push(
    Buffer.from(frame("end", "outcome=exited\nexit=-1\nsignal=11\nms=5\ntaint=0\n") + frame("bye", "")),
  );
  assert.equal(reader.finished, true);
  assert.equal(reader.lost(), undefined);
  assert.deepEqual([reader.cells[1]?.exit, reader.cells[1]?.signal], [undefined, 11]);
});

test("a line that only looks like a frame is passed over", () => {
  const reader = new FrameReader();
  reader.push(Buffer.from(`@frame of mind\n${frame("begin", "a")}${frame("end", "outcome=ok\nexit=0\n")}`));
  assert.equal(reader.cells[0]?.name, "a");
});
