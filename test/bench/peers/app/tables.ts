// Writes, reads and empties whole maps.
import { tables } from "../.output/tables.skel.ts";
import { answer, used } from "./case.ts";

const ENTRIES = 1_000_000;
const PER_CPU_ENTRIES = 100_000;
const HOT_TIMES = 20;
const HOT_ENTRIES = 10_000;

using skel = tables.openAndLoad();
const { hash, hot, per_cpu } = skel.maps;
const cpus = per_cpu.get(0)!.length;
for (let i = 0; i < PER_CPU_ENTRIES; i++)
  per_cpu.set(
    i,
    Array.from({ length: cpus }, (_, cpu) => BigInt(i + cpu)),
  );

/** What is written, as an app has it. The making of the bigints is no part of the writing. */
const entries = Array.from({ length: ENTRIES }, (_, i) => [i, 2n * BigInt(i)] as const);
const keys = entries.map(([key]) => key);

hot.updateBatch(entries.slice(0, HOT_ENTRIES));

function timed(body: () => void): number {
  const begun = used();
  body();
  return used() - begun;
}

/** Keeps what was read, so that V8 does not leave the reading out. */
const kept: { value: unknown } = { value: undefined };
const sums = { read: 0, cpu: 0, hot: 0 };

function readHash(): void {
  let sum = 0;
  for (const [key, value] of hash.entries()) sum += key + Number(value);
  sums.read = sum;
}

function readHot(): void {
  for (let i = 0; i < HOT_TIMES; i++) {
    let sum = 0;
    for (const [key, value] of hot.entries()) sum += key + Number(value);
    sums.hot = sum;
  }
}

function readPerCpu(): void {
  let sum = 0;
  for (const [index, values] of per_cpu.entries()) {
    sum += index;
    for (const value of values) sum += Number(value);
  }
  sums.cpu = sum;
}

await answer(() => {
  const update = timed(() => hash.updateBatch(entries));
  const read = timed(readHash);
  const deleted = timed(() => {
    kept.value = hash.deleteBatch(keys);
  });
  const cpuRead = timed(readPerCpu);
  const often = timed(readHot);
  return {
    update,
    read,
    delete: deleted,
    cpu_read: cpuRead,
    hot: often,
    sums: [sums.read, sums.cpu, sums.hot],
  };
});
