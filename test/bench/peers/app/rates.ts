// Reads events as they come: rates ring|perf consume|iterate TARGET BURST SKIP LATENCIES. It ends by SIGTERM.
import { rates } from "../.output/rates.skel.ts";
import { say } from "./case.ts";

const [kind, way, ...numbers] = process.argv.slice(2);
const [target = 0, burst = 1, skip = 0, room = 0] = numbers.map(Number);

using skel = rates.open();
skel.rodata.settings.target = target;
skel.rodata.settings.burst = burst;
skel.load();
using _link = (kind === "ring" ? skel.progs.to_ring : skel.progs.to_perf).attach();
if (kind === "perf") {
  skel.maps.pb.setPages(256);
  skel.maps.pb.open();
}
const events = kind === "ring" ? skel.maps.rb : skel.maps.pb;

const state = { received: 0, sum: 0 };
/** In nanoseconds; `kept` of them were written. */
const latencies = new Float64Array(room);
let kept = 0;

/** The clock is read from the beginning: what begins only when it counts, V8 has not compiled by then. */
function late(timestamp: number): void {
  const passed = Number(process.hrtime.bigint()) - timestamp;
  if (state.received > skip && kept < room) latencies[kept++] = passed;
}

const controller = new AbortController();
process.once("SIGTERM", () => controller.abort());
say({ ready: true });
const { signal } = controller;
if (way === "consume") {
  await events.consume(
    (event) => {
      state.received++;
      state.sum += event.pid + event.duration$number;
      if (room > 0) late(event.timestamp$number);
    },
    { signal },
  );
} else {
  for await (const event of events.events({ signal })) {
    state.received++;
    state.sum += event.pid + Number(event.duration);
    if (room > 0) late(Number(event.timestamp));
  }
}
events.drain((event) => {
  state.received++;
  state.sum += event.pid + event.duration$number;
});

const sorted = latencies.subarray(0, kept).sort();
const percentile = (part: number) => (sorted[Math.floor((kept - 1) * part)] ?? 0) / 1e3;
const { produced$number: produced, dropped$number: dropped } = skel.bss.counters;
say({ ...state, produced, dropped, p50: percentile(0.5), p99: percentile(0.99) });
