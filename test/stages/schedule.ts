import type { Stage } from "./stage.ts";

/**
 * How many stages run at a time. The tests often wait for processes and timers, and two cores are what they are made
 * for.
 */
const AT_ONCE = 2;

/**
 * The first stage that can begin, in the order given: what it needs has ended, what it uses is free.
 * @param waiting stages that have not begun
 * @param running stages that have begun and not ended
 */
export function nextStage(
  stages: Readonly<Record<string, Stage>>,
  waiting: readonly string[],
  running: readonly string[],
): string | undefined {
  if (running.length >= AT_ONCE) return undefined;
  const uses = (name: string) => stages[name]?.uses ?? [];
  const alone = (name: string) => uses(name).includes("cores");
  if (running.some(alone)) return undefined;
  const busy = running.flatMap(uses);
  const pending = [...waiting, ...running];
  for (const name of waiting) {
    const ready =
      !(stages[name]?.needs ?? []).some((other) => pending.includes(other)) &&
      !uses(name).some((used) => busy.includes(used)) &&
      !(alone(name) && running.length > 0);
    if (ready) return name;
  }
  return undefined;
}
