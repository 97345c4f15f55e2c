import { Failure } from "../base/failure.ts";
import type { ConfigFailure } from "./failures.ts";
import { SETTINGS, type Word } from "./settings.ts";

/** Shell-like assignments taken off an argument list, and what remains of it. */
export interface Words {
  readonly assignments: Readonly<Partial<Record<Word, string>>>;
  readonly rest: readonly string[];
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/**
 * Takes `NAME=value` words off, as make does, before options are parsed: `npm run build -- V=1` delivers `V=1` as a
 * positional, and a strict option parser refuses it. pnpm delivers `build -- V=1`: a `--` right after the verb is
 * dropped. What follows a later one is the app's (`start minimal -- --pid 1`) and stays as it is.
 * @throws Failure unknown-setting
 */
export function takeWords(argv: readonly string[]): Words {
  const assignments: Partial<Record<Word, string>> = {};
  const rest: string[] = [];
  for (const [i, arg] of argv.entries()) {
    if (arg === "--" && rest.length <= 1) continue;
    if (arg === "--") return { assignments, rest: [...rest, ...argv.slice(i)] };
    const match = ASSIGNMENT.exec(arg);
    if (match) assignments[settingWord(match[1] as string)] = match[2] as string;
    else rest.push(arg);
  }
  return { assignments, rest };
}

function settingWord(name: string): Word {
  const setting = SETTINGS.find((s) => s.word === name);
  if (setting) return setting.word;
  throw new Failure<ConfigFailure>({ kind: "unknown-setting", name, known: SETTINGS.map((s) => s.word) });
}

/** Splits flags as a shell splits words: blanks, single and double quotes, backslash. */
export function splitFlags(text: string): string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)) {
    words.push(
      match[0].replace(
        /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_, esc, dq, sq) => esc ?? dq?.replace(/\\(["\\])/g, "$1") ?? sq,
      ),
    );
  }
  return words;
}
