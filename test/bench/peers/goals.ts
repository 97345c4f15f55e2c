import type { PeerFigures } from "../peers.ts";
import type { RateRow } from "./rates.ts";
import { costRatio, ratio } from "./report.ts";
import { WORKS, type Work } from "./tables.ts";

/** What the project wants to reach, and whether this run did. */
export interface Goal {
  readonly goal: string;
  /** The figure of this run. */
  readonly found: string;
  readonly holds: boolean;
}

/** The goals that this run can judge: without Go, those against Go are left out. */
export function goals(figures: PeerFigures): Goal[] {
  return [...figures.rates.flatMap(rateGoals), ...drainGoals(figures), ...mapGoals(figures)];
}

function rateGoals(row: RateRow): Goal[] {
  const cost = costRatio(row, "consume", "c");
  if (cost === undefined) return [];
  const most = row.asked <= 1e3 ? 2 : 0.5;
  const at = `at ${row.asked.toLocaleString("en-US")} events/s by a ${row.kind} buffer`;
  const dropped = row.cells.consume!.dropped;
  return [
    { goal: `${at}, consume costs at most ${most} × C`, found: ratio(cost), holds: cost <= most },
    {
      goal: `${at}, consume drops nothing where C drops nothing`,
      found: dropped.toLocaleString("en-US"),
      holds: dropped === 0 || row.cells.c!.dropped > 0,
    },
  ];
}

function drainGoals({ drain: { speeds } }: PeerFigures): Goal[] {
  const { c, go_unsafe, go_decode, drain, batches, iterate } = speeds;
  return [
    ...atLeast("a full ring in place: at least 0.5 × C", 0.5, drain, c),
    ...atLeast("a full ring in place: at least 2 × Go unsafe", 2, drain, go_unsafe),
    ...atLeast("whole objects: at least 20 M/s", 20, batches, 1e6),
    ...atLeast("whole objects: at least 4 × Go's decode", 4, batches, go_decode),
    ...atLeast("for await: at least 12 M/s", 12, iterate, 1e6),
  ];
}

function mapGoals({ tables }: PeerFigures): Goal[] {
  return Object.entries(tables).flatMap(([work, { us, c, go }]) => {
    const { title } = WORKS[work as Work];
    return [
      ...atLeast(`${title}: at least 0.5 × C`, 0.5, us, c),
      ...atLeast(`${title}: at least 1.5 × Go`, 1.5, us, go),
    ];
  });
}

function atLeast(goal: string, least: number, ours = 0, theirs: number | undefined): Goal[] {
  if (theirs === undefined) return [];
  return [{ goal, found: ratio(ours / theirs), holds: ours / theirs >= least }];
}
