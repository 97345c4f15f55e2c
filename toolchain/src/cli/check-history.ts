import { join } from "node:path";
import * as v from "valibot";
import { check } from "../base/json.ts";
import { readIfThere, replaceFile } from "../base/replace-file.ts";
import { output } from "../plan/inputs.ts";
import type { CheckedKernel, CheckedProgram } from "../report/check.ts";
import type { ProgramResult } from "../verdict/protocol.ts";
import type { Found } from "./check-runner.ts";

const FILE = output("check.json");

const schema = v.object({
  version: v.literal(1),
  /** By kernel release and by SKELETON/PROGRAM: how many instructions the verifier took when it last accepted it. */
  kernels: v.record(v.string(), v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0)))),
});

/** The instruction counts of earlier checks. */
export type History = v.InferOutput<typeof schema>["kernels"];

/** Reads the counts of earlier checks. A file that is not there, or not as it was written, is none. */
export function readHistory(root: string): History {
  const text = readIfThere(join(root, FILE));
  if (text === undefined) return {};
  try {
    const checked = check(schema, JSON.parse(text));
    return "value" in checked ? checked.value.kernels : {};
  } catch {
    return {};
  }
}

/** Writes the counts for the next check, at once. */
export function writeHistory(root: string, kernels: History): void {
  replaceFile(join(root, FILE), `${JSON.stringify({ version: 1, kernels }, undefined, 1)}\n`);
}

/** Adds to each result by how much its count has changed. */
export function compare({ release, results }: Found, history: History): CheckedKernel {
  const before = own(history, release);
  return {
    release,
    programs: results.map((result): CheckedProgram => {
      const now = insnsOf(result);
      const then = before?.[keyOf(result)];
      return now === undefined || then === undefined ? result : { ...result, change: now - then };
    }),
  };
}

/**
 * The history with these results in it. Of the skeletons that were checked, programs that are gone are left out; one that
 * was refused keeps its count, so that the next accepted version is compared with the last one.
 */
export function recorded(history: History, { release, results }: Found): History {
  const skeletons = new Set(results.map(({ skeleton }) => skeleton));
  const keys = new Set(results.map(keyOf));
  const kept = Object.entries(own(history, release) ?? {}).filter(
    ([key]) => keys.has(key) || !skeletons.has(key.slice(0, key.indexOf("/"))),
  );
  const counted = results.flatMap((result): [string, number][] => {
    const insns = insnsOf(result);
    return insns === undefined ? [] : [[keyOf(result), insns]];
  });
  return { ...history, [release]: Object.fromEntries([...kept, ...counted]) };
}

function insnsOf(result: ProgramResult): number | undefined {
  return result.verdict === "accepted" ? result.stats?.insns : undefined;
}

function keyOf({ skeleton, name }: ProgramResult): string {
  return `${skeleton}/${name}`;
}

function own(history: History, release: string): Readonly<Record<string, number>> | undefined {
  return Object.hasOwn(history, release) ? history[release] : undefined;
}
