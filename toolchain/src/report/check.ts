import { styleText } from "node:util";
import type { ProgramResult } from "../verdict/protocol.ts";
import { terminal } from "./terminal.ts";

/** A program with its verdict, and by how many instructions it has changed since it was last accepted. */
export type CheckedProgram = ProgramResult & { readonly change?: number };

/** What was found on one kernel. */
export interface CheckedKernel {
  /** As `uname -r` prints it. */
  readonly release: string;
  readonly programs: readonly CheckedProgram[];
}

/** What `check` has found. */
export interface CheckReport {
  readonly kernels: readonly CheckedKernel[];
  /** Sentences about kernels that could not be had. */
  readonly notes: readonly string[];
  /** Whether a program was refused on some kernel. One that was skipped was not. */
  readonly refused: boolean;
  readonly json: boolean;
}

/** What `check` is about to do, where that takes a while: versions of kernels. */
type Progress = { readonly fetching: readonly string[] } | { readonly booting: readonly string[] };

/** Says on standard error what is about to be done. */
export function sayChecking(progress: Progress): void {
  const text =
    "fetching" in progress
      ? `Fetching Linux ${progress.fetching.join(", ")} from Debian's archive. It is kept for the next time.`
      : `Booting Linux ${progress.booting.join(", ")} in ${progress.booting.length === 1 ? "a guest" : "guests"}.`;
  terminal.error(`${text}\n`);
}

const NAMES = {
  accepted: "accepted",
  rejected: "rejected",
  failed: "not loaded",
  skipped: "skipped",
} as const;
type Name = keyof typeof NAMES;
const COLOURS = { accepted: "green", rejected: "red", failed: "red", skipped: "yellow" } as const;

/** The text of `bpf-app check`: a table, the reasons below it, and a line that sums it up. */
export function checkText(report: CheckReport, colours = wantsColours()): string {
  if (report.json)
    return `${JSON.stringify({ refused: report.refused, kernels: report.kernels, notes: report.notes })}\n`;
  const paint = (verdict: Name, text: string) => (colours ? styleText(COLOURS[verdict], text) : text);
  const [only, ...others] = report.kernels;
  const table = only && others.length === 0 ? detailed(only) : compared(report.kernels);
  const reasons = report.kernels.flatMap((kernel) => reasonsOf(kernel, paint));
  const notes = report.notes.map((note) => `${note}\n`);
  return `${[layOut(table, paint), ...reasons, ...notes, summary(report)].join("\n")}`;
}

function wantsColours(): boolean {
  return terminal.interactive() && !process.env.NO_COLOR;
}

/** A cell of the table; one with a verdict is painted. */
interface Cell {
  readonly text: string;
  readonly verdict?: Name;
  readonly right?: boolean;
}

interface Table {
  readonly title?: string;
  readonly head: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
}

/** One kernel: what the verifier has counted. */
function detailed({ release, programs }: CheckedKernel): Table {
  return {
    title: `Linux ${release}`,
    head: [
      ...["SKELETON", "PROGRAM", "SECTION", "VERDICT"].map((text) => ({ text })),
      ...["INSTRUCTIONS", "STATES", "STACK"].map((text) => ({ text, right: true })),
    ],
    rows: programs.map((program) => {
      const stats = "stats" in program ? program.stats : undefined;
      return [
        ...namesOf(program),
        { text: NAMES[program.verdict], verdict: program.verdict },
        { text: instructions(program), right: true },
        { text: grouped(stats?.peakStates), right: true },
        { text: stats?.stack?.join("+") ?? "", right: true },
      ];
    }),
  };
}

/** Several kernels: a column for each. */
function compared(kernels: readonly CheckedKernel[]): Table {
  const [first] = kernels;
  return {
    head: [
      ...["SKELETON", "PROGRAM", "SECTION"].map((text) => ({ text })),
      ...kernels.map(({ release }) => ({ text: release.replace(/-cloud-amd64$/, ""), right: true })),
    ],
    rows: (first?.programs ?? []).map((program, row) => [
      ...namesOf(program),
      ...kernels.map(({ programs }) => {
        const one = programs[row];
        if (one === undefined) return { text: "" };
        const text = one.verdict === "accepted" ? instructions(one) || "accepted" : NAMES[one.verdict];
        return { text, verdict: one.verdict, right: true };
      }),
    ]),
  };
}

function namesOf({ skeleton, name, section }: CheckedProgram): Cell[] {
  return [skeleton, name, section].map((text) => ({ text }));
}

/** How many instructions the verifier has processed, and the change since last time: `1,234 (+56)`. */
function instructions(program: CheckedProgram): string {
  const stats = "stats" in program ? program.stats : undefined;
  const { change } = program;
  const changed = change ? ` (${change > 0 ? "+" : "-"}${grouped(Math.abs(change))})` : "";
  return `${grouped(stats?.insns)}${changed}`;
}

function grouped(number: number | undefined): string {
  return number === undefined ? "" : number.toLocaleString("en-US");
}

function layOut({ title, head, rows }: Table, paint: (verdict: Name, text: string) => string): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.text.length ?? 0)));
  const lines = all.map((row) => {
    const cells = row.map(({ text, verdict, right }, at) => {
      const width = widths[at] ?? 0;
      const last = at === row.length - 1 && !right;
      const padded = right ? text.padStart(width) : last ? text : text.padEnd(width);
      return verdict ? padded.replace(text, () => paint(verdict, text)) : padded;
    });
    return `  ${cells.join("  ")}`.trimEnd();
  });
  return `${title ? `${title}\n` : ""}${lines.join("\n")}\n`;
}

/** Why programs were not accepted. What holds for several programs of a skeleton is said once. */
function reasonsOf(
  { release, programs }: CheckedKernel,
  paint: (verdict: Name, text: string) => string,
): string[] {
  const groups = new Map<string, { readonly one: CheckedProgram; readonly names: string[] }>();
  for (const one of programs) {
    if (one.verdict === "accepted") continue;
    const key = JSON.stringify([
      one.skeleton,
      one.verdict,
      withoutName(one),
      "frame" in one ? one.frame : "",
    ]);
    const group = groups.get(key) ?? { one, names: [] };
    group.names.push(one.name);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ one, names }) => {
    const head = `${paint(one.verdict, NAMES[one.verdict])} on Linux ${release}: ${one.skeleton}, ${names.join(", ")}`;
    return `${head}\n${indented(detailsOf(one))}\n`;
  });
}

/** The reason as it reads for every program that has it. */
function withoutName(one: CheckedProgram): string {
  return "reason" in one ? one.reason.replaceAll(one.name, "…") : "";
}

function detailsOf(one: CheckedProgram): string {
  if (one.verdict === "accepted") return "";
  const frame = one.verdict === "rejected" ? one.frame : undefined;
  const hint = one.verdict === "skipped" ? undefined : one.hint;
  return [one.reason.trimEnd(), frame, hint].filter(Boolean).join("\n\n");
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => (line ? `  ${line}` : ""))
    .join("\n");
}

function summary({ kernels }: CheckReport): string {
  const all = kernels.flatMap(({ programs }) => programs);
  const programs = kernels[0]?.programs.length ?? 0;
  const counts = (Object.keys(NAMES) as Name[]).flatMap((name) => {
    const count = all.filter(({ verdict }) => verdict === name).length;
    return count > 0 || name === "accepted" ? [`${count} ${NAMES[name]}`] : [];
  });
  const on = kernels.length > 1 ? ` on ${kernels.length} kernels` : "";
  return `${programs} ${programs === 1 ? "program" : "programs"}${on}: ${counts.join(", ")}\n`;
}
