import { createInterface } from "node:readline";

/** What one answer holds: seconds of processor time, counts and sums. */
export type Answer = Record<string, number | readonly number[]>;

/** Prints a line of JSON whenever it is asked by a line. */
export async function answer(body: () => Answer | Promise<Answer>): Promise<void> {
  for await (const _ of createInterface({ input: process.stdin })) say(await body());
}

/** Prints a value as a line of JSON. */
export function say(value: object): void {
  console.log(JSON.stringify(value));
}

/** Seconds of processor time of this process so far, V8's own threads included. */
export function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
