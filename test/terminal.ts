// What a person sees who types a command at a terminal. The terminal is a real one of the kernel's (a pty), made by
// `script` of util-linux, which every Debian has (the package bsdutils is essential); what is drawn on it is read by the
// terminal emulator of VS Code, without its window.
import { spawn } from "node:child_process";
import xterm from "@xterm/headless";
import { quote } from "shlex";
import { HUNG_AFTER_MS } from "./hung.ts";

const COLUMNS = 100;
const ROWS = 40;

export interface Seen {
  readonly status: number | null;
  /** All that was written to the terminal, with its escape codes. */
  readonly written: string;
  /** What stood on the screen after each piece of output, without repetition. Lines end where their text ends. */
  readonly screens: readonly string[];
  /** What stands there when the command has ended. */
  readonly last: string;
  /** The lines of the last screen on which something has a colour. */
  readonly coloured: readonly string[];
}

/** What is typed, once something stands on the screen. */
export interface Keys {
  readonly after: RegExp;
  readonly keys: string;
}

/**
 * Runs a command at a terminal, to its end.
 *
 * @param typed what is typed; several entries wait one after the other, each for a screen after the one before was typed
 * @param env what differs from this process's environment; undefined takes a variable out
 */
export async function atTerminal(
  cwd: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
  typed?: Keys | readonly Keys[],
): Promise<Seen> {
  // A terminal without a window has no size.
  const line = `stty columns ${COLUMNS} rows ${ROWS} && exec ${command.map(quote).join(" ")}`;
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    cwd,
    env: { ...process.env, TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: HUNG_AFTER_MS,
  });
  const closed = new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  const screen = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const screens: string[] = [];
  let written = "";
  const waiting = typed === undefined ? [] : [typed].flat();
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    written += chunk;
    await new Promise<void>((drawn) => screen.write(chunk, drawn));
    const shown = linesOf(screen).join("\n");
    if (shown === screens.at(-1)) continue;
    screens.push(shown);
    if (waiting[0]?.after.test(shown)) child.stdin.write(waiting.shift()!.keys);
  }
  const status = await closed;
  const lines = linesOf(screen);
  const coloured = lines.filter((_, row) => hasColour(screen, row));
  screen.dispose();
  return { status, written, screens, last: lines.join("\n"), coloured };
}

function linesOf({ buffer: { active } }: xterm.Terminal): string[] {
  const lines = Array.from({ length: active.length }, (_, row) =>
    active.getLine(row)!.translateToString(true),
  );
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function hasColour({ buffer: { active } }: xterm.Terminal, row: number): boolean {
  const line = active.getLine(row)!;
  return Array.from({ length: line.length }, (_, column) => line.getCell(column)!).some(
    (cell) => !(cell.isFgDefault() && cell.isBgDefault()),
  );
}
