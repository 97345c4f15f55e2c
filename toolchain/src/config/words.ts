import { Failure } from "../failure.ts";
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
 * positional, pnpm delivers `-- V=1`, and a strict option parser refuses both.
 * @throws Failure unknown-setting
 */
export function takeWords(argv: readonly string[]): Words {
  const assignments: Partial<Record<Word, string>> = {};
  const rest: string[] = [];
  for (const arg of argv) {
    const match = ASSIGNMENT.exec(arg);
    if (match) assignments[settingWord(match[1] as string)] = match[2] as string;
    else if (arg !== "--") rest.push(arg);
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
