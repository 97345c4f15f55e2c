import { readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { isAssignment } from "../config/assignments.ts";
import { findApp, kernelSides } from "../config/find-app.ts";
import { SETTINGS, type Setting } from "../config/settings.ts";
import type { BoundVerb, Words } from "./verb.ts";
import { optionsOf, type VerbOptions } from "./verb-options.ts";
import { VERBS } from "./verbs.ts";

/** A word that may stand at the cursor, and what it means. */
type Candidate = readonly [word: string, describe: string];

/**
 * What may stand at the cursor: one candidate a line, with its description behind a tab. Nothing is printed where the
 * name of a file belongs, which a shell completes by itself.
 * @param typed the words behind `bpf-app` up to the cursor; the last one is to be completed, and may be empty
 * @param folder where it is typed
 */
export async function complete(typed: readonly string[], folder: string): Promise<string> {
  const current = typed.at(-1) ?? "";
  const found = await candidates(typed.slice(0, -1), current, folder);
  return found
    .filter(([word]) => word.startsWith(current))
    .map(([word, describe]) => `${word}\t${describe}\n`)
    .join("");
}

async function candidates(
  before: readonly string[],
  current: string,
  folder: string,
): Promise<readonly Candidate[]> {
  const words = before.filter((word) => !isAssignment(word));
  const [first] = words;
  if (isAssignment(current)) return settingValues(current);
  if (first === undefined) return current.startsWith("-") ? OUTSIDE : [...verbs(), HELP_VERB];
  if (first === "help") return words.length === 1 ? verbs() : [];
  const verb = VERBS.find(({ name }) => name === first);
  if (!verb) return [];
  const known = optionsOf(verb);
  if (words.slice(1).includes("--")) return [];
  const value = choicesOf(known, words.at(-1) as string, current);
  if (value) return value;
  if (current.startsWith("-")) return flags(known);
  return names(verb, known, words.slice(1), folder);
}

const OUTSIDE: readonly Candidate[] = [
  ["--help", "show the help"],
  ["--version", "print the version"],
];
const HELP_VERB: Candidate = ["help", "show the help of a verb"];

function verbs(): Candidate[] {
  return VERBS.map(({ name, describe }) => [name, describe]);
}

function flags({ options }: VerbOptions): Candidate[] {
  return options.flatMap(({ name, short, describe }): Candidate[] => [
    [`--${name}`, describe],
    ...(short ? ([[`-${short}`, describe]] as const) : []),
  ]);
}

/** The values of an option that wants one: in the word before the cursor, or behind its `=`. */
function choicesOf({ options }: VerbOptions, before: string, current: string): Candidate[] | undefined {
  const attached = /^--([^=]+)=/.exec(current)?.[1];
  const option = options.find(({ name, short }) =>
    attached === undefined ? before === `--${name}` || before === `-${short}` : name === attached,
  );
  if (!option || option.type === "boolean" || (attached === undefined && current.startsWith("-")))
    return undefined;
  const prefix = attached === undefined ? "" : `--${attached}=`;
  return option.choices.map((choice) => [`${prefix}${choice}`, ""]);
}

/** The names and settings that may stand at the cursor. */
async function names(
  verb: BoundVerb,
  known: VerbOptions,
  words: readonly string[],
  folder: string,
): Promise<readonly Candidate[]> {
  const given = words.filter((word) => !word.startsWith("-"));
  const place = known.words[given.length] ?? known.words.filter(({ many }) => many).at(-1);
  const found: Candidate[] = (place?.choices ?? []).map((choice) => [choice, ""]);
  for (const kind of verb.completes ?? []) {
    // What follows the name of a program that is run is the app's.
    if (verb.runsApp && given.length > 0) continue;
    if (kind === "settings" || place)
      found.push(...(await NAMES[kind](folder)).filter(([word]) => !given.includes(word)));
  }
  return found;
}

const NAMES: Readonly<Record<Words, (folder: string) => Promise<readonly Candidate[]>>> = {
  targets: async (folder) => kernelSides(findApp(folder) ?? folder).map((name) => [name, "program"]),
  templates: async () => {
    const { templateList } = await import("./add.ts");
    return (await templateList()).map(({ name, title }) => [name, title]);
  },
  settings: async () => SETTINGS.map(({ word, doc }) => [`${word}=`, doc]),
};

/** The values of a setting. Nothing for a path, which the shell completes. */
function settingValues(current: string): Candidate[] {
  const [name = "", value = ""] = current.split("=", 2);
  const setting: Setting | undefined = SETTINGS.find(({ word }) => word === name);
  if (setting?.type === "switch")
    return [
      [`${name}=0`, "off"],
      [`${name}=1`, "on"],
    ];
  if (setting?.type !== "command" || value.includes("/")) return [];
  const stems = PROGRAMS[name] ?? [];
  const numbered = (file: string) => stems.some((stem) => new RegExp(`^${stem}(-[\\d.]+)?$`).test(file));
  const files = (process.env.PATH ?? "").split(delimiter).flatMap(filesIn).filter(numbered);
  return [...new Set(files)].sort().map((file) => [`${name}=${file}`, "program"]);
}

/** The compilers that a setting is usually given, without the number of a version. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  CLANG: ["clang"],
  CC: ["cc", "gcc", "clang"],
  CXX: ["c\\+\\+", "g\\+\\+", "clang\\+\\+"],
  MAKE: ["make", "gmake"],
};

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
