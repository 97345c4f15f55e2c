import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import { wording } from "../../toolchain/src/cli/errors.ts";
import { findIcuData, icuLocales, subsetIcu } from "../../toolchain/src/icu/index.ts";
import { localesNamed } from "../../toolchain/src/icu/named.ts";
import { readPackage, writePackage } from "../../toolchain/src/icu/package.ts";
import { samplePackage } from "../icu/packages.ts";
import { type Below, random } from "./random.ts";

export interface Summary {
  readonly inputs: number;
  /** How many inputs still were packages, that could be made smaller. */
  readonly made: number;
  /** How many inputs ended in each kind of failure. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest time that any input took, in milliseconds of processor time. */
  readonly slowest: number;
}

const SLOWEST = 1000;

/** A made package, and one of real items: bundles with pools, tables and strings of sixteen bits, aliases. */
function seeds(): Buffer[] {
  const file = readFileSync(process.execPath);
  const found = findIcuData(file);
  assert.ok(found, "this Node has no package of ICU's data");
  const whole = readPackage(file.subarray(found.offset, found.offset + found.size));
  const real = [...whole.items].filter(([name]) =>
    /^((coll|region|brkitr|rbnf)\/)?(res_index|zh_TW|zh_Hant|zh_Hant_TW|en_150|numberingSystems|de_AT|zu_ZA)\.res$|^region\/pool\.res$|^brkitr\/root\.res$/.test(
      name,
    ),
  );
  const top = whole.items.get("pool.res");
  assert.ok(top && real.length > 10);
  const data = writePackage(whole.head, whole.prefix, new Map([...real, ["pool.res", top]]));
  return [Buffer.from(samplePackage()), Buffer.from(data)];
}

const EDGES = [
  0, 1, 0xff, 0x7fff, 0xffff, 0x10000, 0x0fffffff, 0x20000000, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** Changes a few bytes: half of the changes are at the beginnings of the whole or of an item, where the sizes stand. */
function mutate(bytes: Buffer, starts: readonly number[], below: Below): Buffer {
  const copy = Buffer.from(bytes);
  for (let change = below(4); change >= 0; change--) {
    const start = starts[below(starts.length)] as number;
    const at = Math.min(below(2) === 0 ? start + below(120) : below(copy.length), copy.length - 4);
    const kind = below(4);
    if (kind === 0) copy[at] = below(256);
    else if (kind === 1) copy[at] = (copy[at] as number) ^ (1 << below(8));
    else if (kind === 2) copy.writeUInt32LE(EDGES[below(EDGES.length)] as number, at);
    else copy.writeUInt32LE(below(0x400), at);
  }
  return below(10) === 0 ? copy.subarray(0, below(copy.length)) : copy;
}

function startsOf(bytes: Buffer): number[] {
  const starts = [0];
  for (let at = bytes.indexOf("ResB"); at >= 0; at = bytes.indexOf("ResB", at + 1)) starts.push(at - 12);
  return starts;
}

const SCRIPT = Buffer.from(
  "import { TextDecoder as T } from 'node:util'; new Intl.NumberFormat(['de', `fr`]).format(1); a?.toLocaleString?.(void 0);" +
    " typeof Intl && [Intl]; b.localeCompare(c, ...d); for await (const { x: [y = new T('gbk')] } of z) x['toLocale' + y]();",
);

/**
 * Finds and makes smaller what mutated bytes say is ICU's data, and reads mutated scripts. Each must end, within a second,
 * in a package that can be read again and is no larger than what it was made of, or in a failure with words.
 */
export async function fuzzIcu({ inputs, seed = 1 }: { inputs: number; seed?: number }): Promise<Summary> {
  const below = random(seed);
  const all = seeds().map((bytes) => ({ bytes, starts: startsOf(bytes) }));
  const failures: Record<string, number> = {};
  let made = 0;
  let slowest = 0;
  for (let index = 0; index < inputs; index++) {
    const { bytes, starts } = all[below(all.length)] as (typeof all)[number];
    const input = mutate(bytes, starts, below);
    const { user, system } = process.cpuUsage();
    try {
      if (index % 4 === 0) localesNamed(mutate(SCRIPT, [0], below).toString("latin1"));
      findIcuData(input);
      const kept = subsetIcu(input, { locales: ["zh-TW"], converters: false });
      assert.ok(kept.data.length < input.length + 4096, `${kept.data.length} bytes of ${input.length}`);
      assert.deepEqual(icuLocales(kept.data), kept.locales);
      made++;
    } catch (error) {
      if (!isFailure(error, "icu") || !wording(error)?.what)
        throw new Error(`seed ${seed}, input ${index}`, { cause: error });
      failures[error.failure.kind] = (failures[error.failure.kind] ?? 0) + 1;
    }
    const took = process.cpuUsage();
    slowest = Math.max(slowest, (took.user + took.system - user - system) / 1000);
    if (slowest > SLOWEST) throw new Error(`seed ${seed}, input ${index} took ${slowest} ms`);
  }
  if (inputs >= 2500) {
    assert.ok(made > inputs / 20, `only ${made} of ${inputs} inputs could be made smaller`);
    for (const kind of ["icu-damaged", "icu-unsupported"])
      assert.ok((failures[kind] ?? 0) > 0, `${kind} never happened`);
  }
  return { inputs, made, failures, slowest };
}
