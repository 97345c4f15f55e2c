import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import { wording } from "../../toolchain/src/cli/errors.ts";
import { encodePack } from "../../toolchain/src/facts/btf-pack.ts";
import { memoryBytes } from "../../toolchain/src/inspect/bytes.ts";
import { inspectBytes } from "../../toolchain/src/inspect/inspect.ts";
import { inspectText } from "../../toolchain/src/report/inspect.ts";
import { plain } from "../../toolchain/src/report/paint.ts";
import { ASSETS, executable } from "../inspect/files.ts";
import { type Below, random } from "./random.ts";

/** Licences as a build writes them, of two parts. */
const NOTICES = {
  format: 1,
  notices: [
    { kind: "app", name: "app", missing: "The app has no licence text.", texts: [] },
    {
      kind: "package",
      name: "one",
      version: "1.0.0",
      licence: "MIT",
      texts: [{ file: "LICENSE", text: "MIT" }],
    },
  ],
};

export interface Summary {
  readonly inputs: number;
  /** How many inputs still were executables that could be looked into. */
  readonly made: number;
  /** How many inputs ended in each kind of failure, or for foreign files for each reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest time that any input took, in milliseconds of processor time. */
  readonly slowest: number;
}

/** BTF of two kernels. */
const PACK = encodePack({
  arch: "x64",
  kernels: ["5.4.0-42-generic", "4.19.0-27-amd64"].map((release, blob) => ({ release, from: "", blob })),
  blobs: [Buffer.alloc(300, "a"), Buffer.alloc(300, "b")],
});

/** The milliseconds that an input may take, and how many characters its text may have. */
const SLOWEST = 1000;
const LONGEST = 8 << 20;

/** Values at the edges of what fields can hold. */
const EDGES = [
  0n,
  1n,
  8n,
  0xffn,
  0x1000n,
  0x7fffffffn,
  0xffffffffn,
  2n ** 47n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** The parts of the file where a change says most: its headers, its dynamic section, its blob's head, what it says. */
function partsOf(bytes: Buffer): (readonly [from: number, to: number])[] {
  const blob = bytes.indexOf(Buffer.from("20da4301", "hex"));
  const about = bytes.indexOf("about.json");
  const key = bytes.indexOf("events.node");
  const pack = bytes.indexOf("BPFAPP BTF");
  const object = bytes.indexOf(Buffer.from("7f454c4602010100", "hex"), key);
  return [
    [0, 64],
    [64, 400],
    [0x1400, 0x1700],
    [blob - 40, blob + 60],
    [about - 24, about + 700],
    [key - 8, key + 24],
    [pack - 24, pack + 80],
    [object, object + 400],
    [object + 0x1400, object + 0x1700],
    [key, bytes.length],
  ];
}

function mutate(bytes: Buffer, parts: readonly (readonly [number, number])[], below: Below): Buffer {
  const copy = Buffer.from(bytes);
  for (let change = below(5); change >= 0; change--) {
    const [from, to] = parts[below(parts.length)] as readonly [number, number];
    const at = Math.min(from + below(Math.max(1, to - from)), copy.length - 8);
    const kind = below(5);
    if (kind === 0) copy[at] = below(256);
    else if (kind === 1) copy[at] = (copy[at] as number) ^ (1 << below(8));
    else if (kind === 2) copy.writeBigUInt64LE(EDGES[below(EDGES.length)] as bigint, at);
    else if (kind === 3) copy.writeUInt32LE(below(0x400), at);
    else copy.copy(copy, at, from, Math.min(to, from + 16));
  }
  return below(8) === 0 ? copy.subarray(0, below(copy.length)) : copy;
}

const REACHED = ["not-elf", "other-machine", "no-blob", "not-about", "built-file-damaged"];

/**
 * Looks into mutated and truncated executables. Each must end, within a second, in a description of sane length or in a
 * failure of this layer that has words; anything else is thrown, with the seed and the number of the input.
 */
export async function fuzzInspect({ inputs, seed = 1 }: { inputs: number; seed?: number }): Promise<Summary> {
  const below = random(seed);
  const whole = readFileSync(
    await executable({
      ...ASSETS,
      "events.btf": PACK,
      "licenses.json": Buffer.from(JSON.stringify(NOTICES)),
    }),
  );
  const parts = partsOf(whole);
  const failures: Record<string, number> = {};
  let made = 0;
  let slowest = 0;
  for (let index = 0; index < inputs; index++) {
    const bytes = mutate(whole, parts, below);
    const { user, system } = process.cpuUsage();
    try {
      const text = inspectText(await inspectBytes(memoryBytes("fuzzed", bytes)), plain);
      assert.ok(text.length < LONGEST, `${text.length} characters`);
      made++;
    } catch (error) {
      if (!isFailure(error, "inspect") || !wording(error)?.what)
        throw new Error(`seed ${seed}, input ${index}`, { cause: error });
      const kind = error.failure.kind === "not-built-here" ? error.failure.why : error.failure.kind;
      failures[kind] = (failures[kind] ?? 0) + 1;
    }
    const took = process.cpuUsage();
    slowest = Math.max(slowest, (took.user + took.system - user - system) / 1000);
    if (slowest > SLOWEST) throw new Error(`seed ${seed}, input ${index} took ${slowest} ms`);
  }
  if (inputs >= 10_000) {
    assert.ok(made > inputs / 50, `only ${made} of ${inputs} inputs could be looked into`);
    for (const kind of REACHED) assert.ok((failures[kind] ?? 0) > 0, `${kind} never happened`);
  }
  return { inputs, made, failures, slowest };
}
