import type { RateRow } from "./rates.ts";
import { RATE_TITLES } from "./rates.ts";

/** Colours that are told apart on white and on black, also by those who see red and green alike (Okabe and Ito's). */
const COLOURS: Readonly<Record<string, string>> = {
  c: "#0072b2",
  go: "#e69f00",
  rust: "#cc79a7",
  consume: "#009e73",
  iterate: "#d55e00",
};
const WIDTH = 720;
const HEIGHT = 400;
const PLOT = { left: 64, right: 580, top: 44, bottom: 344 } as const;
/** The axis of percentages, at most from one to the other. */
const LEAST = 0.1;
const MOST = 100;
/** Labels at the ends of lines stay as far apart, in pixels. */
const APART = 17;

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .grid { stroke: #3d444d; } }`;

/** Draws the processor time of the ring buffer's consumers against the rate, both on scales of powers of ten. */
export function rateChart(rates: readonly RateRow[]): string {
  const rows = rates.filter(({ kind }) => kind === "ring");
  const names = Object.keys(RATE_TITLES).filter((name) => rows.every(({ cells }) => cells[name]));
  const values = rows.flatMap(({ cells }) => names.map((name) => percentOf(cells[name]!.cpu)));
  const [left, right] = [rows[0]!.asked, rows.at(-1)!.asked];
  const lowest = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const x = scale(left, right, PLOT.left, PLOT.right);
  const y = scale(lowest, MOST, PLOT.bottom, PLOT.top);
  const ends = labelled(names.map((name) => ({ name, at: y(percentOf(rows.at(-1)!.cells[name]!.cpu)) })));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">`,
    `  <title id="title">Processor time of a consumer against events a second, by rival</title>`,
    `  <style>\n  ${STYLE}\n  </style>`,
    text(PLOT.left, 22, "Processor time of the consumer of a ring buffer", 'class="title"'),
    ...powers(lowest, MOST).flatMap((value) => [
      line(PLOT.left, y(value), PLOT.right, y(value)),
      text(PLOT.left - 8, y(value) + 4, `${value} %`, 'text-anchor="end"'),
    ]),
    ...powers(left, right).flatMap((value) => [
      line(x(value), PLOT.top, x(value), PLOT.bottom),
      text(x(value), PLOT.bottom + 20, value.toLocaleString("en-US"), 'text-anchor="middle"'),
    ]),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 44, "events a second", 'text-anchor="middle"'),
    ...names.map((name) =>
      polyline(
        COLOURS[name]!,
        rows.map(({ asked, cells }) => [x(asked), y(percentOf(cells[name]!.cpu))]),
      ),
    ),
    ...ends.map(({ name, at }) =>
      text(PLOT.right + 10, at + 4, RATE_TITLES[name]!, `style="fill: ${COLOURS[name]}"`),
    ),
    "</svg>",
    "",
  ].join("\n");
}

function percentOf(cpu: number): number {
  return Math.min(MOST, Math.max(LEAST, cpu * 100));
}

function scale(least: number, most: number, from: number, to: number): (value: number) => number {
  const span = Math.log10(most) - Math.log10(least);
  return (value) => from + ((Math.log10(value) - Math.log10(least)) / span) * (to - from);
}

/** The powers of ten between two of them. */
function powers(least: number, most: number): number[] {
  const first = Math.round(Math.log10(least));
  return Array.from({ length: Math.round(Math.log10(most)) - first + 1 }, (_, i) =>
    Number((10 ** (first + i)).toPrecision(1)),
  );
}

/** Moves labels down that are too close to the one above. */
function labelled<T extends { readonly at: number }>(labels: readonly T[]): T[] {
  let above = Number.NEGATIVE_INFINITY;
  return labels
    .toSorted((a, b) => a.at - b.at)
    .map((label) => {
      above = Math.max(label.at, above + APART);
      return { ...label, at: above };
    });
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `  <line class="grid" x1="${pixel(x1)}" y1="${pixel(y1)}" x2="${pixel(x2)}" y2="${pixel(y2)}"/>`;
}

function polyline(colour: string, points: readonly (readonly [number, number])[]): string {
  const all = points.map(([x, y]) => `${pixel(x)},${pixel(y)}`).join(" ");
  const dots = points.map(([x, y]) => `<circle cx="${pixel(x)}" cy="${pixel(y)}" r="3.5" fill="${colour}"/>`);
  return `  <polyline class="line" stroke="${colour}" points="${all}"/>${dots.join("")}`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `  <text x="${pixel(x)}" y="${pixel(y)}" ${attributes}>${words}</text>`;
}

function pixel(value: number): string {
  return value.toFixed(1);
}
