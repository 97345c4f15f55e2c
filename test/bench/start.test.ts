import assert from "node:assert/strict";
import { test } from "node:test";
import { startPage } from "./start/page.ts";
import { type StartCost, type StartFigures, startText } from "./start.ts";

const cost = (wall: number, rss: number): StartCost => ({
  wall,
  wall_min: wall - 1,
  cpu: wall / 2,
  cpu_min: wall / 4,
  rss,
  anonymous: rss / 4,
  peak: 42.5,
});
const FIGURES: StartFigures = {
  rounds: 60,
  versions: { c: "cc 12", us: "bpf-app on Node 24" },
  absent: ["bpftrace is not here: its row is left out."],
  costs: { c: cost(4, 2), node: cost(32, 0), us_plain: cost(36, 44) },
  wall_to_node: 1.125,
  cpu_to_node: 1.2,
};
const MACHINE = { cpu: "Some Processor", cpus: 2, kernel: "6.18.44-x", date: "2026-11-30" };

test("the page says who, on what, and every figure of those who were there", () => {
  const text = startPage(FIGURES, MACHINE);
  for (const wanted of [
    "On 2026-11-30: Some Processor, 2 processors, Linux 6.18.44; cc 12; bpf-app on Node 24. bpftrace is not here",
    "There were 60 rounds",
    "| C, a skeleton of libbpf, with CO-RE | 4, 3 | 2, 1 | 2 | 0.5 | 42.5 |",
    "| bare Node: node -e 0, to its end | 32, 31 | 16, 8 | – | – | 42.5 |",
    "takes by the clock 1.13 × what `node -e 0` takes, and 1.20 × by processor time",
    "It has 44 MB.",
  ])
    assert.ok(text.includes(wanted), `${wanted}\nis not in\n${text}`);
  assert.ok(!text.includes("| bpftrace"));
});

test("the terminal gets the same figures", () => {
  const text = startText(FIGURES);
  assert.match(
    text,
    /^ {2}bpf-app, an app that only attaches, without CO-RE +36 +35 +18 +9 +44 +11 +42\.5$/m,
  );
  assert.match(text, /bpftrace is not here/);
});
