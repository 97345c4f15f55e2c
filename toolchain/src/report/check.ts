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
  /** Sentences about what was not checked, and about kernels that could not be had. */
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
  const paint = (verdict: Name, text: string) =>
    colours ? styleText(COLOURS[verdict], text, { validateStream: false }) : text;
  const [only, ...others] = report.kernels;
  const table = only && others.length === 0 ? detailed(only) : compared(report.kernels);
  const notes = report.notes.map((note) => `${note}\n`);
  return `${[layOut(table, paint), ...reasonTexts(report, paint), ...notes, summary(report)].join("\n")}`;
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
      ...kernels.map(({ release }) => ({ text: shortName(release), right: true })),
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

/** Why a program, or several of a skeleton, were not accepted on these kernels. */
interface Reason {
  readonly one: CheckedProgram;
  readonly names: readonly string[];
  readonly kernels: readonly string[];
}

/** What holds for several kernels, or for several programs of a skeleton, is said once. */
function reasonsOf(kernels: readonly CheckedKernel[]): Reason[] {
  const all = kernels.flatMap(({ release, programs }) =>
    programs
      .filter(({ verdict }) => verdict !== "accepted")
      .map((one) => ({ one, names: [one.name], kernels: [shortName(release)] })),
  );
  const overKernels = merged(all, ({ one, names }) => [one.skeleton, names, one.verdict, detailsOf(one)]);
  return merged(overKernels, ({ one, kernels }) => [
    one.skeleton,
    kernels,
    one.verdict,
    detailsOf(one).replaceAll(one.name, "…"),
  ]);
}

function merged(reasons: readonly Reason[], key: (reason: Reason) => unknown): Reason[] {
  const groups = new Map<string, Reason>();
  for (const reason of reasons) {
    const text = JSON.stringify(key(reason));
    const before = groups.get(text) ?? { one: reason.one, names: [], kernels: [] };
    groups.set(text, {
      one: before.one,
      names: [...new Set([...before.names, ...reason.names])],
      kernels: [...new Set([...before.kernels, ...reason.kernels])],
    });
  }
  return [...groups.values()];
}

function reasonTexts({ kernels }: CheckReport, paint: (verdict: Name, text: string) => string): string[] {
  const where = (reason: Reason) => (kernels.length > 1 ? ` on ${reason.kernels.join(", ")}` : "");
  const reasons = reasonsOf(kernels);
  const head = (reason: Reason) =>
    `${paint(reason.one.verdict, NAMES[reason.one.verdict])}${where(reason)}: ${reason.one.skeleton}, ${reason.names.join(", ")}`;
  const [skipped, refused] = [true, false].map((wanted) =>
    reasons.filter(({ one }) => (one.verdict === "skipped") === wanted),
  ) as [Reason[], Reason[]];
  const lines = skipped.map((reason) => `${head(reason)}: ${detailsOf(reason.one)}\n`);
  return [
    ...refused.map((reason) => `${head(reason)}\n${indented(detailsOf(reason.one))}\n`),
    ...(lines.length > 0 ? [lines.join("")] : []),
  ];
}

/** Debian's kernels for guests are all of one flavour, which is not said each time. */
function shortName(release: string): string {
  return release.replace(/-cloud-amd64$/, "");
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
