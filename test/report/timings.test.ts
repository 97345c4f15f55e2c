import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { timingsTable, timingsTrace } from "../../toolchain/src/report/timings.ts";
import type { RunEvent } from "../../toolchain/src/run/events.ts";

function step(id: string): Step {
  return { id, label: "CC", subject: `${id}.o`, argv: ["cc"], inputs: [], outputs: [`${id}.o`], tools: [] };
}

describe("timings", () => {
  it("are a table, longest first, and a trace with a lane for what ran at once", () => {
    const events: RunEvent[] = [
      { type: "done", step: step("a"), at: 0, ms: 100, changed: true },
      { type: "done", step: step("b"), at: 50, ms: 200, changed: true },
      { type: "end", ok: true, ms: 260, ran: 2, skipped: 1 },
    ];
    const table = timingsTable(events);
    assert.deepEqual(table.split("\n").slice(0, 2), [
      "     0.20 s  CC       b.o",
      "     0.10 s  CC       a.o",
    ]);
    assert.match(table, /0\.26 s {2}in all; 2 steps ran, 1 did not/);
    const { traceEvents } = JSON.parse(timingsTrace(events));
    assert.deepEqual(
      traceEvents.map((e: { name: string; tid: number; ts: number; dur: number }) => [
        e.name,
        e.tid,
        e.ts,
        e.dur,
      ]),
      [
        ["CC a.o", 0, 0, 100_000],
        ["CC b.o", 1, 50_000, 200_000],
      ],
    );
  });
});
