import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { readElf, STB, STT } from "../../toolchain/src/elf/read.ts";
import { fixture } from "../skeleton/objects.ts";
import { buildElf } from "./builder.ts";

const object = () =>
  buildElf(
    [
      { name: "tp/x", flags: 6, data: new Uint8Array(16) },
      { name: ".bss", type: 8, flags: 3, size: 40 },
    ],
    [
      { name: "handle", section: 1, type: STT.FUNC },
      { name: "it", section: 2, value: 8, size: 4, bind: STB.WEAK },
    ],
  );

/** The object with one field of its tables overwritten. */
function with32(at: number, value: number, bytes = object()): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(value, at);
  return copy;
}

const fails = (bytes: Uint8Array, kind: string) =>
  assert.throws(
    () => readElf(bytes),
    (error) => error instanceof Failure && error.failure.kind === kind,
  );

test("sections and symbols are read by name", () => {
  const elf = readElf(object());
  assert.equal(elf.section("tp/x")?.data.length, 16);
  const bss = elf.section(".bss");
  assert.deepEqual([bss?.size, bss?.data.length], [40, 0]);
  const it = elf.symbols.find(({ name }) => name === "it");
  assert.deepEqual(
    { value: it?.value, size: it?.size, bind: it?.bind, type: it?.type, section: it?.section },
    { value: 8, size: 4, bind: STB.WEAK, type: STT.OBJECT, section: bss?.index },
  );
});

test("what clang wrote is read", () => {
  const elf = readElf(fixture("events"));
  const program = elf.symbols.find(({ name }) => name === "handle_exec");
  assert.equal(elf.sections[program!.section]?.name, "tp/sched/sched_process_exec");
  assert.equal(elf.section(".nothing"), undefined);
});

test("section bytes are the file's own, not copies", () => {
  const bytes = object();
  assert.equal(readElf(bytes).section("tp/x")?.data.buffer, bytes.buffer);
});

test("what is no BPF object is named", () => {
  fails(new Uint8Array(0), "elf-not-elf");
  fails(Buffer.from("#!/bin/sh\n"), "elf-not-elf");
  fails(object().subarray(0, 30), "elf-corrupt");
  const other = (at: number, value: number) => {
    const bytes = Buffer.from(object());
    bytes[at] = value;
    return bytes;
  };
  fails(other(4, 1), "elf-unsupported");
  fails(other(5, 2), "elf-unsupported");
  fails(other(16, 3), "elf-unsupported");
  fails(other(18, 62), "elf-unsupported");
});

test("tables that point outside the file are refused", () => {
  const bytes = object();
  fails(bytes.subarray(0, bytes.length - 1), "elf-corrupt");
  fails(with32(40, 0x7fffffff), "elf-corrupt");
  const headers = new DataView(bytes.buffer, bytes.byteOffset).getUint32(40, true);
  fails(with32(headers + 64 + 24, 0xffffffff), "elf-corrupt");
  fails(with32(headers + 64 + 36, 1), "elf-corrupt");
  fails(with32(headers + 64, 0xffff), "elf-corrupt");
  fails(with32(headers + 3 * 64 + 40, 99), "elf-corrupt");
});
