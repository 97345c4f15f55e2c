// Drains full rings at once, one by each of N threads: scaling.ts N. It prints, whenever it is asked by a line, how many
// events were read in a second by the clock.
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { drain } from "../.output/drain.skel.ts";
import { answer } from "./case.ts";

const EVENTS = Math.floor(((64 << 20) - 1) / 56);

interface Stretch {
  readonly begun: bigint;
  readonly ended: bigint;
  readonly sum: number;
}

if (isMainThread) await main(Number(process.argv[2]));
else read(workerData as Int32Array);

async function main(count: number): Promise<void> {
  /** How many threads have filled their rings, in this round and all before. */
  const full = new Int32Array(new SharedArrayBuffer(8));
  full[1] = count;
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL(import.meta.url), { workerData: full }),
  );
  await answer(async () => {
    const stretches = await Promise.all(workers.map(ask));
    const begun = stretches.reduce(
      (first, { begun }) => (begun < first ? begun : first),
      stretches[0]!.begun,
    );
    const ended = stretches.reduce((last, { ended }) => (ended > last ? ended : last), 0n);
    const sum = stretches.reduce((all, { sum }) => all + sum, 0);
    return { seconds: Number(ended - begun) / 1e9, count: EVENTS * count, sum };
  });
  for (const worker of workers) worker.postMessage("end");
}

async function ask(worker: Worker): Promise<Stretch> {
  const answer = once(worker, "message");
  worker.postMessage("read");
  const [stretch] = (await answer) as [Stretch];
  return stretch;
}

function read(full: Int32Array): void {
  const skel = drain.openAndLoad();
  const ctxIn = new Uint8Array(Uint32Array.of(EVENTS).buffer);
  let round = 0;
  parentPort!.on("message", (message) => {
    if (message === "end") {
      skel.destroy();
      parentPort!.close();
      return;
    }
    skel.progs.produce.testRun({ ctxIn });
    round++;
    Atomics.add(full, 0, 1);
    while (Atomics.load(full, 0) < round * full[1]!);
    const sums = { sum: 0 };
    const begun = process.hrtime.bigint();
    skel.maps.rb.drain((event) => {
      sums.sum += event.pid + event.duration$number;
    });
    parentPort!.postMessage({ begun, ended: process.hrtime.bigint(), sum: sums.sum });
  });
}
