import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { digest, removeOutputs } from "./toy.ts";

/** What is killed, and how it is told whether that did harm. */
export interface Victim {
  /** Program and arguments of one build. */
  readonly command: readonly string[];
  readonly folder: string;
  /** The states in which the folder may be before a build; each function brings the folder into one of them. */
  readonly states: readonly (() => void)[];
  /** Everything that a build has made, in the form of one text. */
  digest(): string;
  /** Builds to the end. If it is not given, the command is run again for that. */
  finish?(): Promise<void>;
}

export interface Kills {
  readonly kills: number;
  /** Builds that were over before the signal came. */
  readonly late: number;
  /** One sentence for every kill that a later build did not make good. */
  readonly harm: readonly string[];
}

/** Kills builds at random moments, lets the next one finish, and compares with a build that was left in peace. */
export async function killBuilds(victim: Victim, count: number): Promise<Kills> {
  const wanted: string[] = [];
  const took: number[] = [];
  for (const prepare of victim.states) {
    prepare();
    const began = performance.now();
    await build(victim);
    took.push(performance.now() - began);
    wanted.push(victim.digest());
  }
  const harm: string[] = [];
  let kills = 0;
  let late = 0;
  while (kills < count) {
    const state = Math.floor(Math.random() * victim.states.length);
    const after = Math.random() * took[state]!;
    victim.states[state]!();
    if (await killOnce(victim, after, kills % 2 === 0)) kills++;
    else if (++late > 20 * count + 100) throw new Error("builds end before they can be killed");
    try {
      await (victim.finish?.() ?? build(victim));
      if (victim.digest() !== wanted[state])
        harm.push(`state ${state}, killed after ${after} ms: other bytes`);
    } catch (error) {
      harm.push(`state ${state}, killed after ${after} ms: ${error}`);
    }
  }
  return { kills, late, harm };
}

async function build({ command, folder }: Victim): Promise<void> {
  const child = spawn(command[0]!, command.slice(1), { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal] = await once(child, "exit");
  if (code !== 0) throw new Error(`the build ended with ${code ?? signal}`);
}

/** Kills the build alone, so that its children go on, or together with its process group. */
async function killOnce({ command, folder }: Victim, after: number, alone: boolean): Promise<boolean> {
  const child = spawn(command[0]!, command.slice(1), { cwd: folder, stdio: "ignore", detached: true });
  const exit = once(child, "exit");
  await Promise.race([sleep(after), exit]);
  try {
    process.kill(alone ? child.pid! : -child.pid!, "SIGKILL");
  } catch {
    // It has ended.
  }
  const [, signal] = await exit;
  return signal === "SIGKILL";
}

/*
 * The same for an app: node kill.ts [--count N] [--edit FILE]… [--outputs DIR]… FOLDER COMMAND…
 * Builds begin from nothing, or with one of the files edited. Exits with 1 when a kill did harm.
 */
if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: "string", default: "200" },
      edit: { type: "string", multiple: true, default: [] },
      outputs: { type: "string", multiple: true, default: [".output", "dist"] },
    },
  });
  const folder = resolve(positionals[0] ?? ".");
  const originals = new Map(values.edit.map((path) => [path, readFileSync(join(folder, path))]));
  const restore = () => {
    for (const [path, bytes] of originals) writeFileSync(join(folder, path), bytes);
  };
  const edits = values.edit.map((path) => () => {
    restore();
    appendFileSync(join(folder, path), "\n// edited\n");
  });
  const clean = () => {
    restore();
    removeOutputs(folder, values.outputs);
  };
  const result = await killBuilds(
    {
      command: positionals.slice(1),
      folder,
      states: [clean, restore, ...edits],
      digest: () => digest(folder, values.outputs),
    },
    Number(values.count),
  );
  restore();
  console.log(JSON.stringify(result, undefined, 2));
  process.exitCode = result.harm.length ? 1 : 0;
}
