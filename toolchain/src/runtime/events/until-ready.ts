import type { EventSource } from "./source.ts";

/**
 * Waits until there may be something to read, the skeleton is destroyed, or the signal is aborted.
 *
 * @param latency - how long an event may wait, in milliseconds
 * @param pending - is given a function that ends the wait, for as long as it lasts
 */
export function untilReady(
  source: EventSource<unknown, unknown>,
  signal: AbortSignal | undefined,
  latency: number | undefined,
  pending?: Set<() => void>,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => source.endWait(done);
    const done = () => {
      signal?.removeEventListener("abort", end);
      pending?.delete(end);
      resolve();
    };
    // What is no signal throws here, to whoever gave it, and not when the wait ends.
    signal?.addEventListener("abort", end, { once: true });
    pending?.add(end);
    if (signal?.aborted || !source.ready(done, latency)) done();
  });
}
