import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readBtf } from "../../toolchain/src/btf/read.ts";
import type { Btf } from "../../toolchain/src/btf/types.ts";
import { readElf } from "../../toolchain/src/elf/read.ts";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import type { StructCodec, View } from "../../toolchain/src/runtime/spec.ts";
import type { Member } from "../../toolchain/src/skeleton/shape.ts";
import { Shapes } from "../../toolchain/src/skeleton/shapes.ts";
import { load } from "../skeleton/load.ts";
import { type Expected, Random, type RandomStruct, randomStructs } from "./random-structs.ts";

/** How many structs are compared. The seed is printed with a failure. */
const COUNT = Number(process.env.STRUCTS ?? 10_000);
const SEED = Number(process.env.SEED ?? 1);
const BATCH = 500;

/** What clang says of each struct: its sizeof, and then the offsetof of each member. */
function truths(structs: readonly RandomStruct[]): string {
  const numbers = structs.flatMap(({ tag, members }) => [
    `sizeof(struct ${tag})`,
    ...members.map((member) => `__builtin_offsetof(struct ${tag}, ${member})`),
  ]);
  return `const volatile unsigned truth[] = {\n${numbers.join(",\n")}\n};\n`;
}

function compile(directory: string, structs: readonly RandomStruct[]): Uint8Array {
  const source = join(directory, "batch.bpf.c");
  const object = join(directory, "batch.bpf.o");
  writeFileSync(source, `${structs.map(({ code }) => code).join("\n")}\n${truths(structs)}`);
  execFileSync("clang", ["-g", "-O2", "-w", "-target", "bpf", "-c", source, "-o", object], {
    stdio: "inherit",
  });
  return readFileSync(object);
}

/** A section's bytes, with room for the last of them. */
function sectionMemory(object: Uint8Array, name: string): Memory {
  const { data } = readElf(object).section(name)!;
  const memory = Memory.alloc(data.length);
  memory.u8.set(data);
  return memory;
}

/** Checks that every expected value is where it should be, in a plain value and in a view alike. */
function compare(actual: unknown, expected: Expected, path: string): void {
  if (Array.isArray(expected)) {
    assert.equal((actual as ArrayLike<unknown>).length, expected.length, path);
    for (const [index, value] of expected.entries())
      compare((actual as ArrayLike<unknown>)[index], value, `${path}[${index}]`);
  } else if (typeof expected === "object") {
    for (const [field, value] of Object.entries(expected))
      compare((actual as Record<string, unknown>)[field], value, `${path}.${field}`);
  } else assert.equal(actual, expected, path);
}

function structId(btf: Btf, tag: string): number {
  return btf.types.findIndex((type) => type.kind === "struct" && type.name === tag);
}

function checkLayout(btf: Btf, truth: Memory, structs: readonly RandomStruct[]): void {
  let next = 0;
  const shapes = new Shapes(btf);
  for (const { tag, members } of structs) {
    const shape = shapes.shape(structId(btf, tag), { of: tag }, tag);
    assert.ok(shape.kind === "struct");
    assert.equal(shape.decl.size, truth.u32[next++], `sizeof ${tag}`);
    for (const name of members) {
      const member: Member | undefined = shape.decl.members.find((one) => one.name === name);
      assert.equal(member?.offset, truth.u32[next++], `offsetof ${tag}.${name}`);
    }
  }
}

async function checkBatch(directory: string, structs: readonly RandomStruct[], first: number): Promise<void> {
  const object = compile(directory, structs);
  const elf = readElf(object);
  checkLayout(readBtf(elf.section(".BTF")!.data), sectionMemory(object, ".rodata"), structs);

  const made = await load({ name: "batch", object });
  const { sections } = made.spec;
  const memory = elf.section(".data") ? sectionMemory(object, ".data") : Memory.alloc(0);
  const data = new sections.data!.View(memory, 0) as View & Record<string, View>;
  // Structs whose initialiser is all zeros end up in .bss.
  const bss = sections.bss;
  const zeros = bss ? (new bss.View(Memory.alloc(bss.size), 0) as typeof data) : data;

  structs.forEach(({ tag, expected }, index) => {
    const name = `v${first + index}`;
    const view = data[name] ?? zeros[name]!;
    const codec = made.codec(tag);
    compare(view, expected, `view of ${tag}`);
    compare(codec.read(view.$m, view.$at), expected, `struct ${tag}`);
    checkWrite(codec, view, expected);
    checkWrite(codec, view, codec.read(view.$m, view.$at) as Expected);
  });
}

/**
 * Checks that a struct that is written over garbage, from the initialiser's values or from all that was read, has the
 * bytes that clang gave it, padding included.
 */
function checkWrite(codec: StructCodec<unknown, View, unknown>, view: View, expected: Expected): void {
  const copy = Memory.alloc(codec.size + 16);
  copy.u8.fill(0xa5);
  const place = new codec.View(copy, 8);
  codec.write(copy, 8, expected);
  assert.deepEqual(
    Buffer.from(copy.u8.subarray(8, 8 + codec.size)),
    Buffer.from(view.$m.u8.subarray(view.$at, view.$at + codec.size)),
    `${codec.ctype} written`,
  );
  compare(place, expected, `${codec.ctype} written`);
  const around = [...copy.u8.subarray(0, 8), ...copy.u8.subarray(8 + codec.size)];
  assert.ok(
    around.every((byte) => byte === 0xa5),
    `${codec.ctype} wrote past its end`,
  );
}

test(`${COUNT} random structs have clang's layout and values (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  const directory = mkdtempSync(join(tmpdir(), "structs-"));
  try {
    for (let first = 0; first < COUNT; first += BATCH)
      await checkBatch(directory, randomStructs(random, first, Math.min(BATCH, COUNT - first)), first);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
