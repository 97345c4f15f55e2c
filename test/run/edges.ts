import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { explainPlan, type RunOptions } from "../../toolchain/src/run/index.ts";

/** Whether a step reads `path`: by name, as part of a folder, or through what its command was seen to read. */
function reads(step: Step, path: string, discovered: readonly string[]): boolean {
  return (
    discovered.includes(path) ||
    step.inputs.some((input) => input === path || overlaps(input, path) || overlaps(path, input))
  );
}

function overlaps(folder: string, path: string): boolean {
  return folder.endsWith("/") && path.startsWith(folder);
}

/** Ids of the steps that depend on `path`, directly or through others. */
export function dependents(
  steps: readonly Step[],
  path: string,
  discovered: (id: string) => readonly string[] = () => [],
): Set<string> {
  const found = new Set<string>();
  const visit = (changed: string) => {
    for (const step of steps) {
      if (found.has(step.id) || !reads(step, changed, discovered(step.id))) continue;
      found.add(step.id);
      step.outputs.forEach(visit);
    }
  };
  visit(path);
  return found;
}

/** Files that a plan reads and does not make. */
export function sources(steps: readonly Step[]): string[] {
  const made = new Set(steps.flatMap(({ outputs }) => outputs));
  return [...new Set(steps.flatMap(({ inputs }) => inputs))].filter((path) => !made.has(path));
}

/**
 * A file of a plan for which the engine is wrong: after an edit of it, other steps would run than those that depend
 * on it.
 */
export interface Misjudged {
  readonly path: string;
  readonly wouldRun: readonly string[];
  readonly depend: readonly string[];
}

/**
 * Edits every file that a plan reads and does not make, one after the other, asks what would run, and puts the file
 * back. Runs nothing, so that the plan of a real app, built before, can be walked: `extra` are files that only its
 * commands know of, and `discovered` who reads them.
 */
export function misjudgedEdits(
  steps: readonly Step[],
  options: RunOptions,
  extra: readonly string[] = [],
  discovered: (id: string) => readonly string[] = () => [],
): Misjudged[] {
  const files = sources(steps).flatMap((path) =>
    path.endsWith("/") ? filesBelow(options.root, path) : [path],
  );
  return [...new Set([...files, ...extra])].flatMap((path) => {
    const file = join(options.root, path);
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, Buffer.from("\n")]));
    const told = explainPlan(steps, options).filter(
      ({ reason, after }) => reason.kind !== "fresh" || after.length > 0,
    );
    writeFileSync(file, bytes);
    const wouldRun = told.map(({ step }) => step.id).sort();
    const depend = [...dependents(steps, path, discovered)].sort();
    return wouldRun.join() === depend.join() ? [] : [{ path, wouldRun, depend }];
  });
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".git")
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
