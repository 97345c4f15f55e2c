import { readFileSync } from "node:fs";
import { BtfBuilder } from "../btf/builder.ts";
import { buildElf, type SectionInput, type SymbolInput } from "../elf/builder.ts";

/** An object compiled from fixtures/NAME.bpf.c; a test in test/build/ compiles it anew and compares. */
export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`fixtures/${name}.bpf.o`, import.meta.url));
}

/** The sources of a fixture, as the generator takes them. */
export function fixtureSources(...names: readonly string[]): { path: string; text: string }[] {
  return names.map((path) => ({
    path,
    text: readFileSync(new URL(`fixtures/${path}`, import.meta.url), "utf8"),
  }));
}

/** An object whose `.bss` has one global, `it`, of the type that `make` adds. */
export function objectWithGlobal(make: (btf: BtfBuilder) => number, size = 64): Uint8Array {
  const btf = new BtfBuilder();
  const variable = btf.var("it", make(btf));
  btf.datasec(".bss", size, [{ type: variable, at: 0, size }]);
  return objectOf(btf, [{ name: ".bss", type: 8, flags: 3, size }], [{ name: "it", section: 1, size }]);
}

/** An object of these sections, whose indices begin at 1, and of a `.BTF` after them. */
export function objectOf(
  btf: BtfBuilder,
  sections: readonly SectionInput[] = [],
  symbols: readonly SymbolInput[] = [],
): Uint8Array {
  return buildElf([...sections, { name: ".BTF", data: btf.bytes() }], symbols);
}

/** The members of a map definition, as the macros of bpf_helpers.h make them. */
export function mapDefinition(
  btf: BtfBuilder,
  numbers: Readonly<Record<string, number>>,
  types: Readonly<Record<string, number>> = {},
): number {
  const int = btf.int("int", 4, { signed: true });
  const members = [
    ...Object.entries(numbers).map(([name, value]) => ({ name, type: btf.ptr(btf.array(int, value)) })),
    ...Object.entries(types).map(([name, type]) => ({ name, type: btf.ptr(type) })),
  ].map((member, index) => ({ ...member, at: index * 64 }));
  return btf.struct("", members.length * 8, members);
}

/** An object with these maps, by name: each made by `mapDefinition`. */
export function objectWithMaps(make: (btf: BtfBuilder) => Readonly<Record<string, number>>): Uint8Array {
  const btf = new BtfBuilder();
  const entries = Object.entries(make(btf)).map(([name, type], index) => ({
    type: btf.var(name, type),
    at: index * 64,
    size: 64,
  }));
  btf.datasec(".maps", entries.length * 64, entries);
  return objectOf(btf, [{ name: ".maps", flags: 3, data: new Uint8Array(entries.length * 64) }]);
}

/** Types of every kind of BTF, also those clang 14 does not write. */
export function objectOfEveryKind(): Uint8Array {
  return objectWithGlobal((btf) => {
    const int = btf.int("int", 4, { signed: true });
    const char = btf.int("char", 1, { signed: true });
    const u64 = btf.int("unsigned long long", 8);
    const wide = btf.int("__int128", 16, { signed: true });
    const stage = btf.enum("stage", { MINUS: -1, ZERO: 0 }, { signed: true });
    const large = btf.enum64("large", { SMALL: -1n, BIG: 1n << 40n }, true);
    const float = btf.float("double", 8);
    const named = btf.modifier("typedef", btf.modifier("const", btf.modifier("volatile", u64)), "u64_t");
    const tagged = btf.ptr(btf.modifier("typeTag", btf.fwd("task_struct"), "kptr"));
    const either = btf.union("", 8, [
      { name: "number", type: u64 },
      { name: "text", type: btf.array(char, 8) },
    ]);
    const part = btf.struct("part", 12, [
      { name: "x", type: int, at: 0 },
      { name: "flag", type: int, at: 32, bits: 3 },
      { name: "rest", type: int, at: 35, bits: 13 },
      { name: "y", type: int, at: 64 },
    ]);
    const whole = btf.struct("whole", 200, [
      { name: "wide", type: wide, at: 0 },
      { name: "stage", type: stage, at: 128 },
      { name: "large", type: large, at: 192 },
      { name: "float", type: float, at: 256 },
      { name: "named", type: named, at: 320 },
      { name: "tagged", type: tagged, at: 384 },
      { name: "", type: either, at: 448 },
      { name: "either", type: either, at: 512 },
      { name: "parts", type: btf.array(part, 3), at: 576 },
      { name: "grid", type: btf.array(btf.array(int, 2), 2), at: 864 },
      { name: "call", type: btf.ptr(btf.funcProto(int, [{ name: "a", type: int }])), at: 1024 },
      { name: "tail", type: btf.array(part, 0), at: 1600 },
    ]);
    btf.declTag("tag", whole, 1);
    btf.func("callee", btf.funcProto(0, []));
    return whole;
  }, 200);
}
