import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { wording } from "../../toolchain/src/cli/errors.ts";
import { readElf } from "../../toolchain/src/elf/read.ts";
import { generateSkeleton } from "../../toolchain/src/skeleton/index.ts";
import { fixture, mapDefinition, objectOfEveryKind, objectWithMaps } from "../skeleton/objects.ts";
import { type Below, random } from "./random.ts";

export interface Summary {
  readonly inputs: number;
  /** How many inputs still were objects of which a skeleton could be made. */
  readonly made: number;
  /** How many inputs ended in each kind of failure. */
  readonly failures: Readonly<Record<string, number>>;
  /**
   * The longest time that any input took, in milliseconds of this thread's own processor time, because other programs
   * may want the machine as well.
   */
  readonly slowest: number;
  /** The number of the input that took so long. */
  readonly slowestInput: number;
  /** The length of the longest text that any input gave, in characters. */
  readonly longest: number;
}

/**
 * The milliseconds that an input may take, and the number of characters that its text may have beyond its own bytes.
 */
const SLOWEST = 1000;
const LONGEST = 64 * 1024 * 1024;
/** The size up to which the process may grow, in KiB. It begins with about 100 MiB. */
const LARGEST = 1024 * 1024;

/** The milliseconds of processor time that this thread has used. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** An object, and the parts of it where a change says most. */
interface Seed {
  readonly bytes: Uint8Array;
  readonly parts: readonly { readonly from: number; readonly to: number }[];
}

/** What is read of an object to infer types: DWARF, CO-RE relocations, and a program with the relocations of its maps. */
const DEBUGGING = [
  ".debug_info",
  ".debug_abbrev",
  ".debug_str_offsets",
  ".BTF.ext",
  "tp/stack",
  ".reltp/stack",
  "tp/ring",
  "tp/part",
];

function seed(bytes: Uint8Array): Seed {
  const { sections } = readElf(bytes);
  const wanted = [".BTF", ".symtab", ".rel.BTF", ".shstrtab", ".strtab", ...DEBUGGING];
  const parts = sections
    .filter(({ name }) => wanted.includes(name))
    .map(({ data }) => ({
      from: data.byteOffset - bytes.byteOffset,
      to: data.byteOffset - bytes.byteOffset + data.length,
    }));
  // The types, which lie before their strings, get half of all changes.
  const btf = parts.find(
    (_, index) => sections.filter(({ name }) => wanted.includes(name))[index]?.name === ".BTF",
  )!;
  const types = new DataView(bytes.buffer, bytes.byteOffset + btf.from).getUint32(12, true);
  const headers = { from: Math.max(0, bytes.length - sections.length * 64), to: bytes.length };
  return {
    bytes,
    parts: [{ from: btf.from, to: btf.from + 24 + types }, ...parts, headers, { from: 0, to: 64 }],
  };
}

function seeds(): Seed[] {
  const maps = objectWithMaps((btf) => {
    const u64 = btf.int("unsigned long long", 8);
    const inner = mapDefinition(btf, { type: 2, max_entries: 1 }, { key: u64, value: u64 });
    const outer = btf.struct("", 16, [
      { name: "type", type: btf.ptr(btf.array(u64, 13)) },
      { name: "values", type: btf.array(btf.ptr(inner), 0), at: 64 },
    ]);
    return { hash: mapDefinition(btf, { type: 1, max_entries: 9 }, { key: u64, value: u64 }), outer };
  });
  return [fixture("events"), fixture("shapes"), fixture("sends"), objectOfEveryKind(), maps].map(seed);
}

/** Values at the edges of what fields can hold. */
const EDGES = [
  0, 1, 2, 7, 0x7f, 0xff, 0xffff, 0x10000, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** One to six changes, half of them among the types, and now and then another length. */
function mutate({ bytes, parts }: Seed, below: Below): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let change = below(2) === 0 ? 0 : below(6); change >= 0; change--) {
    const { from, to } = below(2) === 0 ? parts[0]! : parts[below(parts.length)]!;
    const at = from + below(Math.max(1, to - from));
    const word = Math.min(from + ((at - from) & ~3), copy.length - 4);
    const kind = below(6);
    if (kind === 0) copy[at] = below(256);
    else if (kind === 1) copy[at] = copy[at]! ^ (1 << below(8));
    else if (kind === 2) copy.writeUInt32LE(EDGES[below(EDGES.length)]!, word);
    else if (kind === 3) copy.writeUInt32LE(below(256), word);
    else if (kind === 4) copy.writeUInt32LE((copy.readUInt32LE(word) + below(16) - 8) >>> 0, word);
    else copy.copy(copy, word, from + below(Math.max(1, to - from)), Math.min(to, copy.length));
  }
  return below(32) === 0 ? copy.subarray(0, below(copy.length)) : copy;
}

/** The kinds of failures that a long run has to meet. If it does not, it has tested less than it seems. */
const REACHED = [
  "elf-not-elf",
  "elf-unsupported",
  "elf-corrupt",
  "btf-missing",
  "btf-corrupt",
  "btf-unsupported",
  "type-unrepresentable",
  "map-malformed",
];

/**
 * Gives mutated objects to the readers and the generator. Each must end, within a second, in a text of sane length or
 * in a failure that has words; anything else is thrown, with the seed and the number of the input.
 */
export async function fuzzBtf({
  inputs,
  seed: first = 1,
}: {
  inputs: number;
  seed?: number;
}): Promise<Summary> {
  const below = random(first);
  const bases = seeds();
  const failures: Record<string, number> = {};
  let [made, slowest, slowestInput, longest] = [0, 0, 0, 0];
  for (let index = 0; index < inputs; index++) {
    const base = bases[below(bases.length)]!;
    const bytes = mutate(base, below);
    // In half of them only what types are inferred from is damaged, so that the readers of that are reached.
    const object = below(2) === 0 ? bytes : base.bytes;
    const start = cpu();
    try {
      longest = Math.max(longest, generateSkeleton({ name: "fuzzed", object, compiled: bytes }).length);
      made++;
    } catch (error) {
      const kind = failureKind(error);
      if (kind === undefined) throw new Error(`seed ${first}, input ${index}`, { cause: error });
      failures[kind] = (failures[kind] ?? 0) + 1;
    }
    const took = cpu() - start;
    if (took > slowest) [slowest, slowestInput] = [took, index];
    if (took > SLOWEST || longest > LONGEST)
      throw new Error(
        `seed ${first}, input ${index} took ${took} ms, the longest text has ${longest} characters`,
      );
  }
  const { maxRSS } = process.resourceUsage();
  if (maxRSS > LARGEST) throw new Error(`seed ${first}: the process has had ${maxRSS} KiB`);
  if (inputs >= 20_000) {
    assert.ok(made > inputs / 20, `only ${made} of ${inputs} inputs were objects`);
    for (const kind of REACHED) assert.ok((failures[kind] ?? 0) > 0, `${kind} never happened`);
  }
  return { inputs, made, failures, slowest, slowestInput, longest };
}

/** The kind of a failure that can be told to a person. */
function failureKind(error: unknown): string | undefined {
  if (!(error instanceof Failure)) return undefined;
  const said = wording(error);
  return said === undefined || said.what === "" ? undefined : error.failure.kind;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { count: { type: "string" }, seed: { type: "string" } } });
  const summary = await fuzzBtf({ inputs: Number(values.count ?? 100_000), seed: Number(values.seed ?? 1) });
  console.log(JSON.stringify(summary, null, 2));
}
