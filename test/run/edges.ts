import type { Step } from "../../toolchain/src/plan/step.ts";

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
