// What stands on the screen, over time. Lines are counted from the first one of the session, so that one that scrolls up
// stays the same line.
import xterm from "@xterm/headless";
import type { Chunk } from "./session.ts";

/** Letters of one look. */
export interface Run {
  /** The column of the first letter, counted from 0. */
  readonly column: number;
  readonly text: string;
  /** 0 to 15, as terminals number their colours; undefined for the usual one. */
  readonly colour: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** A line as it stood for some time. */
export interface Version {
  readonly line: number;
  readonly runs: readonly Run[];
  readonly from: number;
  /** Undefined if it stands there at the end. */
  to: number | undefined;
}

export interface Film {
  readonly versions: readonly Version[];
  /** When the screen's first line became another one. */
  readonly scrolls: readonly { readonly at: number; readonly line: number }[];
  /** Seconds. */
  readonly length: number;
}

/** Two pictures are at least this many seconds apart. */
const APART = 0.1;

/** Draws all that was written on a terminal, and notes what could be seen when. */
export async function film(
  chunks: readonly Chunk[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Promise<Film> {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const versions: Version[] = [];
  const current = new Map<number, { readonly key: string; readonly version: Version }>();
  const scrolls: { at: number; line: number }[] = [{ at: 0, line: 0 }];
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, { at, text }] of chunks.entries()) {
    await new Promise<void>((drawn) => terminal.write(text, drawn));
    const next = chunks[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    // What is replaced at once is not shown, unless nothing follows.
    if (next - last < APART && next !== Number.POSITIVE_INFINITY) continue;
    last = at;
    const { active } = terminal.buffer;
    if (scrolls.at(-1)!.line !== active.baseY) scrolls.push({ at, line: active.baseY });
    for (let line = 0; line < active.length; line++) {
      const runs = runsOf(active.getLine(line)!);
      const key = JSON.stringify(runs);
      const before = current.get(line);
      if ((before?.key ?? "[]") === key) continue;
      if (before) before.version.to = at;
      const version: Version = { line, runs, from: at, to: undefined };
      current.set(line, { key, version });
      if (runs.length > 0) versions.push(version);
    }
  }
  terminal.dispose();
  return { versions, scrolls, length: chunks.at(-1)?.at ?? 0 };
}

type BufferLine = NonNullable<ReturnType<xterm.Terminal["buffer"]["active"]["getLine"]>>;

function runsOf(line: BufferLine): Run[] {
  const runs: Run[] = [];
  let look = "";
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column)!;
    const colour = cell.isFgPalette() && cell.getFgColor() < 16 ? cell.getFgColor() : undefined;
    const [bold, dim] = [cell.isBold() !== 0, cell.isDim() !== 0];
    const now = `${colour} ${bold} ${dim}`;
    const text = cell.getChars() || " ";
    const before = runs.at(-1);
    if (before && now === look) runs[runs.length - 1] = { ...before, text: before.text + text };
    else runs.push({ column, text, colour, bold, dim });
    look = now;
  }
  return runs
    .map((run) => ({ ...run, text: run.text.trimEnd() }))
    .filter(({ text }) => text !== "")
    .map((run) => {
      const blanks = run.text.length - run.text.trimStart().length;
      return { ...run, column: run.column + blanks, text: run.text.trimStart() };
    });
}
