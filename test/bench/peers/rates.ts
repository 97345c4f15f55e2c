import { setTimeout as sleep } from "node:timers/promises";
import { Case, median } from "../turns.ts";
import { type Column, columns } from "./columns.ts";
import { type Peers, RIVALS } from "./rivals.ts";

export type Kind = "ring" | "perf";

/** What one consumer did at one rate: medians over the rounds, but `produced`, `received` and `dropped` are sums. */
export interface RateCell {
  /** The part of one processor that the whole process used: 0.01 is one percent. */
  readonly cpu: number;
  /** Events in a second. It is less than was asked for where notifying the consumer takes the producer too long. */
  readonly reached: number;
  readonly produced: number;
  readonly received: number;
  readonly dropped: number;
  /** Microseconds from the kernel program's clock to the consumer's; 0 where it was not measured. */
  readonly p50: number;
  readonly p99: number;
}

/** A row of the table: one rate, and what each consumer did, by the names of the columns. */
export interface RateRow {
  readonly kind: Kind;
  readonly asked: number;
  /** How many events each call of the producer makes. */
  readonly burst: number;
  readonly cells: Readonly<Record<string, RateCell>>;
}

/** Up to the rate that the producer can reach, it makes an event by each call. */
const RATES = [
  { asked: 1e3, burst: 1 },
  { asked: 1e4, burst: 1 },
  { asked: 1e5, burst: 1 },
  { asked: 5e5, burst: 1 },
  { asked: 1e6, burst: 10 },
] as const;
/** Latency is measured where reading the clock for each event costs little. */
const LATENCY_UP_TO = 1e4;
/**
 * How many events come before it counts, and for how long at least and at most, in seconds. V8 compiles what has run some
 * thousand times, and a consumer runs for days.
 */
export const WARM_UP = { events: 15_000, least: 0.5, most: 15 };

export const RATE_TITLES: Readonly<Record<string, string>> = {
  ...RIVALS,
  consume: "bpf-app, consume",
  iterate: "bpf-app, for await",
};

export interface RateOptions {
  /** How long each consumer is measured at each rate, in seconds, and how many times. */
  readonly seconds: number;
  readonly rounds: number;
}

interface Produced {
  readonly calls: number;
  readonly seconds: number;
  readonly cpu: number;
}
interface Consumed {
  readonly received: number;
  readonly sum: number;
  readonly produced: number;
  readonly dropped: number;
  readonly p50: number;
  readonly p99: number;
}

/** Measures all consumers at all rates. The producer has the first processor, and each consumer in turn the second. */
export async function benchRates(peers: Peers, options: RateOptions): Promise<RateRow[]> {
  const producer = new Case([peers.producer]);
  const rows: RateRow[] = [];
  try {
    for (const kind of ["ring", "perf"] as const) {
      const list = columns(peers, "rates", ["rates", kind], {
        consume: [kind, "consume"],
        iterate: [kind, "iterate"],
      });
      for (const rate of RATES) rows.push(await measureRow(producer, kind, rate, list, options));
    }
  } finally {
    await producer.end();
  }
  return rows;
}

async function measureRow(
  producer: Case,
  kind: Kind,
  rate: (typeof RATES)[number],
  list: readonly Column[],
  { seconds, rounds }: RateOptions,
): Promise<RateRow> {
  const runs = new Map<string, RateCell[]>(list.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, command } of list)
      runs.get(name)!.push(await measure(producer, command, rate, seconds));
  }
  const cells = Object.fromEntries([...runs].map(([name, all]) => [name, together(all)]));
  return { kind, ...rate, cells };
}

async function measure(
  producer: Case,
  command: readonly string[],
  { asked, burst }: (typeof RATES)[number],
  seconds: number,
): Promise<RateCell> {
  const room = asked <= LATENCY_UP_TO ? asked * seconds : 0;
  const warmUp = Math.min(Math.max(WARM_UP.events / asked, WARM_UP.least), WARM_UP.most);
  const args = [producer.pid, burst, asked * warmUp, room].map(String);
  const consumer = new Case(["taskset", "-c", "1", ...command, ...args]);
  try {
    await consumer.answer();
    const produce = (time: number) => producer.ask<Produced>(`${asked / burst} ${time} ${consumer.pid}`);
    await produce(warmUp);
    const { calls, seconds: taken, cpu } = await produce(seconds);
    await sleep(100);
    consumer.terminate();
    const { sum, ...counts } = await consumer.answer<Consumed>();
    checkSum(command, sum, counts);
    return { cpu: cpu / taken, reached: (calls * burst) / taken, ...counts };
  } finally {
    await consumer.end();
  }
}

/** The n-th event carries n and 2 n, so that their sum over all events is known. */
function checkSum(
  command: readonly string[],
  sum: number,
  { received, produced, dropped }: Omit<Consumed, "sum">,
): void {
  if (received + dropped !== produced)
    throw new Error(
      `${received} events received and ${dropped} dropped are not the ${produced} produced: ${command.join(" ")}`,
    );
  const wanted = (3 * received * (received - 1)) / 2;
  if (dropped === 0 && sum !== wanted)
    throw new Error(`the events add up to ${sum} instead of ${wanted}: ${command.join(" ")}`);
}

function together(runs: readonly RateCell[]): RateCell {
  const middle = (name: keyof RateCell) => median(runs.map((run) => run[name]));
  const all = (name: keyof RateCell) => runs.reduce((sum, run) => sum + run[name], 0);
  return {
    cpu: middle("cpu"),
    reached: middle("reached"),
    produced: all("produced"),
    received: all("received"),
    dropped: all("dropped"),
    p50: middle("p50"),
    p99: middle("p99"),
  };
}
