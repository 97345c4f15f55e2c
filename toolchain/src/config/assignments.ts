import { isAbsolute, relative, resolve } from "node:path";
import { join as shellWords } from "shlex";
import { Failure } from "../base/failure.ts";
import { splitWords } from "./parse.ts";
import { SETTINGS, type Setting, type Word } from "./settings.ts";

/** The `NAME=value` words of the command line: for each setting that was given, its value as it was typed. */
export type Assignments = Readonly<Partial<Record<Word, string>>>;

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** Whether a word gives a value to a setting, or to something that is none: `V=1`. */
export function isAssignment(word: string): boolean {
  return ASSIGNMENT.test(word);
}

/**
 * Separates `NAME=value` words, which make has as well, from the rest of the command line. This happens before options
 * are parsed: `npm run build -- V=1` delivers `V=1` as a positional argument, which a strict option parser refuses.
 * @throws Failure unknown-setting
 */
export function takeAssignments(words: readonly string[]): {
  readonly assignments: Assignments;
  readonly rest: readonly string[];
} {
  const assignments: Partial<Record<Word, string>> = {};
  const rest: string[] = [];
  for (const word of words) {
    const match = ASSIGNMENT.exec(word);
    if (match) assignments[settingWord(match[1] as string)] = match[2] as string;
    else rest.push(word);
  }
  return { assignments, rest };
}

function settingWord(name: string): Word {
  const setting = SETTINGS.find((s) => s.word === name);
  if (setting) return setting.word;
  throw new Failure("config", { kind: "unknown-setting", name, known: SETTINGS.map((s) => s.word) });
}

/**
 * Values that were typed in a folder below the app, as they would be typed in the app's own folder: paths that are
 * relative are made relative to the app. Those of files (VMLINUX, NODE, BTF) are paths in any case, and a program is one if
 * it has a slash (`CLANG=./clang`).
 */
export function fromFolder(assignments: Assignments, folder: string, root: string): Assignments {
  if (folder === root) return assignments;
  const moved = (path: string) => (isAbsolute(path) ? path : relative(root, resolve(folder, path)));
  // A program's name without a slash would be looked for in PATH.
  const movedProgram = (path: string) => (isAbsolute(path) ? path : `./${moved(path)}`);
  const found: Partial<Record<Word, string>> = { ...assignments };
  for (const { word, type, path, paths } of SETTINGS as readonly (Setting & { readonly word: Word })[]) {
    const text = assignments[word];
    if (!text) continue;
    if (path) found[word] = moved(text);
    if (paths)
      found[word] = shellWords((splitWords(text) ?? []).map((at) => (at === "auto" ? at : moved(at))));
    const [program, ...args] = type === "command" ? (splitWords(text) ?? []) : [];
    if (program?.includes("/")) found[word] = shellWords([movedProgram(program), ...args]);
  }
  return found;
}
