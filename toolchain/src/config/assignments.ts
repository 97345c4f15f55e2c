import { Failure } from "../base/failure.ts";
import { SETTINGS, type Word } from "./settings.ts";

/** The `NAME=value` words of the command line: for each setting that was given, its value as it was typed. */
export type Assignments = Readonly<Partial<Record<Word, string>>>;

/** Verbs that hand arguments to an app. */
const RUNS_APP: ReadonlySet<string | undefined> = new Set(["start", "dev"]);

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/**
 * Separates `NAME=value` words, which make has as well, from the rest of the command line. This happens before options
 * are parsed: `npm run build -- V=1` delivers `V=1` as a positional argument, which a strict option parser refuses.
 * pnpm delivers `build -- V=1`, so a `--` right after the verb is dropped,
 * unless the verb runs an app and an option follows, as in `start -- --pid 1`. Words after a later `--` are arguments of
 * the app (`start minimal -- --pid 1`) and stay as they are.
 * @throws Failure unknown-setting
 */
export function takeAssignments(argv: readonly string[]): {
  readonly assignments: Assignments;
  readonly rest: readonly string[];
} {
  const assignments: Partial<Record<Word, string>> = {};
  const rest: string[] = [];
  for (const [i, arg] of argv.entries()) {
    if (arg === "--" && rest.length <= 1 && !(RUNS_APP.has(rest[0]) && /^-(?!-$)/.test(argv[i + 1] ?? "")))
      continue;
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
  throw new Failure("config", { kind: "unknown-setting", name, known: SETTINGS.map((s) => s.word) });
}
