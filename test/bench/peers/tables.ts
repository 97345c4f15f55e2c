import { readFileSync } from "node:fs";
import { median, rounds } from "../turns.ts";
import { columns } from "./columns.ts";
import type { Peers } from "./rivals.ts";

/** Elements in a second by processor time: of each work, by who did it; medians over the rounds. */
export type TableFigures = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Each work: what it is, over how many elements, and which figure of the app it is compared with. */
export const WORKS = {
  read: { title: "read a hash of 1,000,000 entries, by batches", elements: 1e6, us: "read" },
  each: { title: "read a hash of 1,000,000 entries, one by one", elements: 1e6, us: "read" },
  hot: { title: "read a hash of 10,000 entries, by batches", elements: 2e5, us: "hot" },
  cpu_read: { title: "read a per-CPU array of 100,000, by batches", elements: 1e5, us: "cpu_read" },
  cpu_each: { title: "read a per-CPU array of 100,000, one by one", elements: 1e5, us: "cpu_read" },
  update: { title: "write 1,000,000 entries in a batch", elements: 1e6, us: "update" },
  delete: { title: "delete 1,000,000 entries in a batch", elements: 1e6, us: "delete" },
} as const;
export type Work = keyof typeof WORKS;

type Answer = Readonly<Record<Work, number>> & { readonly sums: readonly number[] };

export async function benchTables(peers: Peers, count: number, warmUp: number): Promise<TableFigures> {
  const list = columns(peers, "tables", ["tables"], { us: [] });
  const answers = (
    await rounds<Answer>(
      list.map(({ command }) => command),
      count,
    )
  ).slice(warmUp);
  for (const { sums } of answers.flat()) checkSums(sums);
  const works = Object.entries(WORKS).map(([work, { elements, us }]) => {
    const cells = list.flatMap(({ name }, at) => {
      const figure = name === "us" ? us : (work as Work);
      const seconds = answers.map((round) => round[at]![figure]).filter((value) => value !== undefined);
      return seconds.length > 0 ? [[name, elements / median(seconds)] as const] : [];
    });
    return [work, Object.fromEntries(cells)] as const;
  });
  return Object.fromEntries(works);
}

/** The n-th key has the value 2 n; in a per-CPU array, n plus the processor's number. */
function checkSums(sums: readonly number[]): void {
  const triangle = (count: number) => (count * (count - 1)) / 2;
  // As "0-1": the processors that may ever be there, for each of which such a map has a value.
  const possible = readFileSync("/sys/devices/system/cpu/possible", "utf8");
  const all = Number(/\d+$/.exec(possible.trim())![0]) + 1;
  const perCpu = (1 + all) * triangle(1e5) + 1e5 * triangle(all);
  const right = new Set([3 * triangle(1e6), 3 * triangle(1e4), perCpu]);
  const wrong = sums.find((sum) => !right.has(sum));
  if (wrong !== undefined) throw new Error(`a map was read in part: its entries add up to ${wrong}`);
}
