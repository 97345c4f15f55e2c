import type { Step } from "./step.ts";

/** Pairs of step ids: the second step reads something that the first one makes, or its outputs wait for the first one. */
export function planEdges(steps: readonly Step[]): (readonly [string, string])[] {
  const maker = (input: string) =>
    steps.find((step) =>
      step.outputs.some((out) => input === out || within(input, out) || within(out, input)),
    );
  return steps.flatMap((step) => {
    const makers = step.inputs.map(maker).filter((from): from is Step => from !== undefined && from !== step);
    const before = [...makers.map((from) => from.id), ...(step.publishAfter ?? [])];
    return [...new Set(before)].map((from) => [from, step.id] as const);
  });
}

function within(path: string, folder: string): boolean {
  return folder.endsWith("/") && path.startsWith(folder);
}
