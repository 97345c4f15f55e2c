import { join } from "node:path";
import { median, rounds } from "../turns.ts";
import { columns } from "./columns.ts";
import type { Peers } from "./rivals.ts";

/** How fast a full ring is read; medians over the rounds. */
export interface DrainFigures {
  readonly events: number;
  /** Events in a second of processor time, by the names of DRAIN_TITLES. */
  readonly speeds: Readonly<Record<string, number>>;
  /** Events in a second by the clock, by the number of threads, each of which reads a ring of its own. */
  readonly threads: Readonly<Record<string, number>>;
}

/** In the order of the table. */
export const DRAIN_TITLES: Readonly<Record<string, string>> = {
  c: "C, ring_buffer__consume",
  rust: "Rust, RingBuffer::consume",
  go_unsafe: "Go, ReadInto and an unsafe cast",
  go_decode: "Go, ReadInto and binary.Decode",
  drain: "bpf-app, drain: in place",
  consume: "bpf-app, consume: in place",
  batches: "bpf-app, batches: whole objects",
  iterate: "bpf-app, for await: whole objects",
};

type Answer = Readonly<Record<string, number>>;

export async function benchDrain(peers: Peers, count: number, warmUp: number): Promise<DrainFigures> {
  const ways = ["drain", "consume", "batches", "iterate"];
  const list = columns(peers, "drain", ["drain"], Object.fromEntries(ways.map((way) => [way, [way]])));
  const answers = await rounds<Answer>(
    list.map(({ command }) => command),
    count,
  );
  const times: Record<string, number[]> = {};
  for (const answer of answers.slice(warmUp).flat()) {
    checkSum(answer);
    for (const name of Object.keys(DRAIN_TITLES)) {
      const seconds = answer[name];
      if (seconds !== undefined) times[name] = [...(times[name] ?? []), seconds];
    }
  }
  const events = answers[0]![0]!.count!;
  return {
    events,
    speeds: Object.fromEntries(Object.entries(times).map(([name, all]) => [name, events / median(all)])),
    threads: await benchThreads(peers, count, warmUp),
  };
}

async function benchThreads(peers: Peers, count: number, warmUp: number): Promise<Answer> {
  const node = join(peers.app, "node_modules/.bin/node");
  const counts = [1, 2];
  const answers = await rounds<Answer>(
    counts.map((threads) => [node, join(peers.app, "src/scaling.ts"), String(threads)]),
    count,
  );
  return Object.fromEntries(
    counts.map((threads, at) => {
      const speeds = answers.slice(warmUp).map((round) => round[at]!.count! / round[at]!.seconds!);
      return [String(threads), median(speeds)];
    }),
  );
}

/** The n-th event carries n and 2 n. */
function checkSum({ count = 0, sum = 0, decoded_sum = sum }: Answer): void {
  const wanted = (3 * count * (count - 1)) / 2;
  if (sum !== wanted || decoded_sum !== wanted)
    throw new Error(`the events of a full ring add up to ${sum} instead of ${wanted}`);
}
