import { quote } from "shlex";
import { Failure } from "../base/failure.ts";
import { type Assignments, isAssignment, takeAssignments } from "../config/assignments.ts";
import { kernelSides } from "../config/find-app.ts";
import { checkOnce, checkWords, type Flag, flagOf } from "./flags.ts";
import type { BoundVerb } from "./verb.ts";
import { optionsOf } from "./verb-options.ts";
import { VERBS } from "./verbs.ts";

/** A command line, taken apart. */
export interface CommandLine {
  /** Undefined if none was named, which is right with --help and --version only. */
  readonly verb: BoundVerb | undefined;
  /** What is asked for instead of the verb's work. */
  readonly asks: "help" | "version" | undefined;
  readonly assignments: Assignments;
  /** The verb's own words: options and positional arguments. */
  readonly words: readonly string[];
  /** The app's arguments, for a verb that runs the app. */
  readonly rest: readonly string[];
}

/**
 * Takes a command line apart, and checks the words that are for bpf-app.
 *
 * A verb that runs the app is followed by its own options and settings, then by the program's name, and from there on by
 * words that are the app's and stay as they are. Without a name the app's words begin at the first one that is none of
 * ours, or behind `--`: `start --duration 1`, `start V=1 -- -h`. For the other verbs options, names and settings stand
 * in any order.
 *
 * @param root the app's folder, whose programs' names are needed for that
 * @throws Failure unknown-verb, unknown-option, bad-choice, usage, unknown-setting
 */
export function readCommandLine(argv: readonly string[], root: string): CommandLine {
  const at = argv.findIndex((word) => !isAssignment(word));
  const first = argv[at];
  const before = argv.slice(0, at < 0 ? undefined : at);
  const after = at < 0 ? [] : argv.slice(at + 1);
  if (first === undefined) return { ...nothing(), ...takeAssignments(before) };
  if (first === "help" || first === "-h" || first === "--help") {
    const about = after.find((word) => !word.startsWith("-"));
    return { ...nothing(), asks: "help", verb: about === undefined ? undefined : findVerb(about) };
  }
  if (first === "-V" || first === "--version") return { ...nothing(), asks: "version" };
  if (first.startsWith("-")) throw misplaced(first, after);
  const verb = findVerb(first);
  const given = takeAssignments(before).assignments;
  const split = verb.runsApp ? appWords(verb, after, root) : ownWords(verb, after);
  const { assignments, rest: words } = takeAssignments(split.own);
  return { verb, asks: split.asks, assignments: { ...given, ...assignments }, words, rest: split.rest };
}

function nothing(): CommandLine {
  return { verb: undefined, asks: undefined, assignments: {}, words: [], rest: [] };
}

function findVerb(name: string): BoundVerb {
  const verb = VERBS.find((one) => one.name === name);
  if (verb) return verb;
  throw new Failure("cli", { kind: "unknown-verb", verb: name, known: VERBS.map((one) => one.name) });
}

function misplaced(option: string, after: readonly string[]): Failure<"cli"> {
  const verb = after.find((word) => VERBS.some((one) => one.name === word));
  const known = ["--help", "--version"];
  if (verb === undefined)
    return new Failure("cli", { kind: "unknown-option", verb: undefined, option, known });
  const rest = after.filter((word) => word !== verb);
  const message = `${option} stands before the verb. Options stand behind it: npx bpf-app ${[verb, option, ...rest].map(quote).join(" ")}`;
  return new Failure("cli", { kind: "usage", message, verb });
}

interface Split {
  readonly own: readonly string[];
  readonly rest: readonly string[];
  readonly asks: "help" | "version" | undefined;
}

/** pnpm delivers `build -- V=1`. So a `--` right behind the verb is dropped. */
function ownWords(verb: BoundVerb, typed: readonly string[]): Split {
  const words = typed[0] === "--" ? typed.slice(1) : typed;
  const known = optionsOf(verb);
  let asks: Split["asks"];
  const seen = new Set<string>();
  const names: string[] = [];
  for (let at = 0; at < words.length && words[at] !== "--"; at++) {
    const word = words[at] as string;
    const flag = flagOf(known, verb.name, word, words[at + 1]);
    asks ??= asked(flag);
    checkOnce(seen, flag, verb.name);
    if (flag === undefined) {
      if (!isAssignment(word)) names.push(word);
    } else if ("unknown" in flag) throw flag.unknown;
    else if (flag.takesNext) at++;
  }
  if (asks === undefined) checkWords(known, verb.name, names);
  return { own: words, rest: [], asks };
}

/** The same of `start -- NAME`; an option behind it is the app's. */
function appWords(verb: BoundVerb, typed: readonly string[], root: string): Split {
  const [first, second = ""] = typed;
  const words = first === "--" && !/^-(?!-$)/.test(second) ? typed.slice(1) : typed;
  const known = optionsOf(verb);
  const seen = new Set<string>();
  let at = 0;
  for (; at < words.length && words[at] !== "--"; at++) {
    const word = words[at] as string;
    if (isAssignment(word)) continue;
    const flag = flagOf(known, verb.name, word, words[at + 1]);
    if (flag === undefined || "unknown" in flag) break;
    if (asked(flag)) return { own: [], rest: [], asks: asked(flag) };
    checkOnce(seen, flag, verb.name);
    if (flag.takesNext) at++;
  }
  const own = words.slice(0, at);
  const name = words[at];
  const named = name !== undefined && !name.startsWith("-") && isName(name, root);
  const rest = words.slice(named ? at + 1 : at);
  return {
    own: named ? [...own, name] : own,
    rest: rest[0] === "--" ? rest.slice(1) : rest,
    asks: undefined,
  };
}

/**
 * Whether the first word that is not an option names a program. In an app with one program any other word is the app's
 * argument. With several, one of them has to be named, so that the word can only be a name with a mistake.
 */
function isName(word: string, root: string): boolean {
  const programs = kernelSides(root);
  return programs.includes(word) || programs.length > 1;
}

function asked(flag: Flag | undefined): Split["asks"] {
  if (flag === undefined || "unknown" in flag) return undefined;
  return flag.name === "help" || flag.name === "version" ? flag.name : undefined;
}
