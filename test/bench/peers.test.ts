import assert from "node:assert/strict";
import { test } from "node:test";
import { goals } from "./peers/goals.ts";
import { page } from "./peers/page.ts";
import type { RateCell, RateRow } from "./peers/rates.ts";
import { rateChart } from "./peers/svg.ts";
import { peersText } from "./peers/text.ts";
import type { PeerFigures } from "./peers.ts";

const cell = (cpu: number, more: Partial<RateCell> = {}): RateCell => ({
  cpu,
  reached: 1000,
  produced: 4500,
  received: 4500,
  dropped: 0,
  p50: 0,
  p99: 0,
  ...more,
});

const RATES: RateRow[] = [
  {
    kind: "ring",
    asked: 1000,
    burst: 1,
    cells: {
      c: cell(0.0123, { p50: 26.4, p99: 1234.5 }),
      go: cell(0.0345),
      consume: cell(0.0246),
      iterate: cell(0.031),
    },
  },
  {
    kind: "ring",
    asked: 1_000_000,
    burst: 10,
    cells: {
      c: cell(0.25, { reached: 1e6 }),
      go: cell(0.3, { reached: 818_378 }),
      consume: cell(0.2, { reached: 1e6, received: 4400, dropped: 100 }),
      iterate: cell(0.4, { reached: 1e6 }),
    },
  },
];

const FIGURES: PeerFigures = {
  seconds: 3,
  rounds: 3,
  versions: { c: "libbpf 1.7", go: "cilium/ebpf 0.22.0", us: "bpf-app on Node 24" },
  absent: ["Rust is not here: its columns are left out."],
  rates: RATES,
  drain: {
    events: 1_198_372,
    speeds: { c: 411e6, go_unsafe: 44.35e6, drain: 212e6, batches: 21e6, iterate: 11e6 },
    threads: { "1": 100e6, "2": 190e6 },
  },
  tables: { read: { c: 4.11e6, go: 4.05e6, us: 3.6e6 } },
};
const MACHINE = { cpu: "Some Processor", cpus: 2, kernel: "6.18.44", date: "2026-11-24" };

test("the page says who, on what, and every figure", () => {
  const text = page(FIGURES, MACHINE);
  for (const wanted of [
    "Some Processor, 2 processors, Linux 6.18.44",
    "- cilium/ebpf 0.22.0\n",
    "- Rust is not here: its columns are left out.\n",
    "| events/s | C | Go | bpf-app, consume | bpf-app, for await | consume ÷ C | consume ÷ Go |",
    "| 1,000 | 1.2 % | 3.5 % | 2.5 % | 3.1 % | 2.00 | 0.71 |",
    "| 1,000,000 (bursts of 10) | 25.0 % | 30.0 % at 818,378 | 20.0 % |",
    "| 26, 1,235 |",
    "4,400 + 100 = 4,500",
    "| bpf-app, drain: in place | 212 | 0.52 | 4.78 | – |",
    "| 2 | 190 | 1.90 |",
    "| read a hash of 1,000,000 entries, by batches | 4.11 | 4.05 | 3.60 | 0.88 | 0.89 |",
  ])
    assert.ok(text.includes(wanted), `${wanted}\nis not in\n${text}`);
});

test("a table of the page has as many cells in each row as in its head", () => {
  const tables = page(FIGURES, MACHINE)
    .split("\n\n")
    .filter((part) => part.startsWith("|"));
  // The ring buffer, latency, accounts, a full ring, workers, maps. There are no rows of the perf buffer.
  assert.equal(tables.length, 6);
  for (const table of tables) {
    const widths = table.split("\n").map((line) => line.split("|").length);
    assert.ok(new Set(widths).size === 1 && widths.length > 2, table);
  }
});

test("goals hold or are missed by the figures, and are judged only against who was there", () => {
  const found = new Map(goals(FIGURES).map(({ goal, holds }) => [goal, holds]));
  assert.deepEqual(Object.fromEntries(found), {
    "at 1,000 events/s by a ring buffer, consume costs at most 2 × C": true,
    "at 1,000 events/s by a ring buffer, consume drops nothing where C drops nothing": true,
    "at 1,000,000 events/s by a ring buffer, consume costs at most 0.5 × C": false,
    "at 1,000,000 events/s by a ring buffer, consume drops nothing where C drops nothing": false,
    "a full ring in place: at least 0.5 × C": true,
    "a full ring in place: at least 2 × Go unsafe": true,
    "whole objects: at least 20 M/s": true,
    "for await: at least 12 M/s": false,
    "read a hash of 1,000,000 entries, by batches: at least 0.5 × C": true,
    "read a hash of 1,000,000 entries, by batches: at least 1.5 × Go": false,
  });
});

test("the terminal gets the same tables, and what was missed", () => {
  const text = peersText(FIGURES);
  assert.match(text, /^ {2}1,000,000 \(bursts of 10\) +25\.0 % +30\.0 % at 818,378 /m);
  assert.match(text, /^ {2}for await: at least 12 M\/s: 11\.00$/m);
});

test("the picture is well-formed, and has a line and a label for each consumer", () => {
  const svg = rateChart(RATES);
  const open: string[] = [];
  for (const [, close, name, empty] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<&]*")*\s*(\/?)>/g)) {
    if (close) assert.equal(open.pop(), name);
    else if (!empty) open.push(name!);
  }
  assert.deepEqual(open, []);
  assert.equal(svg.replaceAll(/<\/?[a-z][^<>]*>/g, "").search(/[<>&]/), -1, "text holds markup");
  assert.equal([...svg.matchAll(/<polyline /g)].length, 4);
  for (const label of [">C<", ">Go<", ">bpf-app, consume<", ">100 %<", ">1,000,000<"])
    assert.ok(svg.includes(label), label);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});

test("a point lies as high as its figure, on a scale of powers of ten", () => {
  // From 1 % at the bottom to 100 % at the top, 10 % is in the middle.
  const rows = RATES.map((row) => ({ ...row, cells: { c: cell(row.asked === 1000 ? 0.01 : 0.1) } }));
  const heights = [...rateChart(rows).matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) =>
    Number(y),
  );
  const lines = [...rateChart(rows).matchAll(/y1="([\d.]+)" x2="580.0"/g)].map(([, y]) => Number(y));
  assert.deepEqual(heights, [lines[0], lines[1]]);
});
