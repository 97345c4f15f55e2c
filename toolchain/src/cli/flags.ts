import { Failure } from "../base/failure.ts";
import type { VerbOption, VerbOptions } from "./verb-options.ts";

/** What a word with a dash says. */
export type Flag =
  | {
      readonly name: string;
      /** It has a value of its own, and so may be given once only. */
      readonly valued?: true;
      /** The next word is this value. */
      readonly takesNext: boolean;
    }
  | { readonly unknown: Failure<"cli"> };

/**
 * Reads a word as an option of a verb: `--jobs`, `--jobs=4`, `--no-json`, `-j`, `-j4`, `-nj4`. yargs accepts nearly
 * everything and makes false or NaN of it. So what is checked here is what a person can mistype.
 * @param next the word behind it
 * @returns undefined if the word is no option
 * @throws Failure usage, bad-choice
 */
export function flagOf(
  known: VerbOptions,
  verb: string,
  word: string,
  next: string | undefined,
): Flag | undefined {
  if (!/^-./.test(word) || /^-\d/.test(word)) return undefined;
  if (!word.startsWith("--")) return shortFlag(known, verb, word, next);
  const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === "version") return { name, takesNext: false };
  const option = known.options.find((one) => one.name === name);
  if (option) return valued(option, verb, `--${name}`, value, next);
  const negated = known.options.find((one) => `no-${one.name}` === name && one.type === "boolean");
  return negated && value === undefined
    ? { name, takesNext: false }
    : { unknown: unknown(known, verb, `--${name}`) };
}

function shortFlag(known: VerbOptions, verb: string, word: string, next: string | undefined): Flag {
  let flag: Flag = { name: "", takesNext: false };
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] as string;
    if (letter === "V") return { name: "version", takesNext: false };
    const option = known.options.find((one) => one.short === letter);
    if (!option) return { unknown: unknown(known, verb, word.length === 2 ? word : `-${letter}`) };
    const left = word.slice(at + 1);
    if (option.type !== "boolean")
      return valued(option, verb, `-${letter}`, left === "" ? undefined : left.replace(/^=/, ""), next);
    if (flag.name !== "help") flag = { name: option.name, takesNext: false };
  }
  return flag;
}

function unknown({ options }: VerbOptions, verb: string, option: string): Failure<"cli"> {
  const known = options.flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
  return new Failure("cli", { kind: "unknown-option", verb, option, known });
}

/** Checks the value of an option, which stands behind `=`, right behind the letter, or in the next word. */
function valued(
  option: VerbOption,
  verb: string,
  said: string,
  attached: string | undefined,
  next: string | undefined,
): Flag {
  const { name, type, choices, requiresValue } = option;
  if (type === "boolean") {
    if (attached === undefined || attached === "true" || attached === "false")
      return { name, takesNext: false };
    throw new Failure("cli", {
      kind: "usage",
      message: `${said} takes no value, and not "${attached}".`,
      verb,
    });
  }
  // A word with a dash is the next option, unless it is a negative number.
  const separate = next !== undefined && !/^-(?!\d)/.test(next) ? next : undefined;
  const value = attached ?? separate;
  if (type === "number" && !/^\d+$/.test(value ?? "")) {
    const instead = value === undefined ? "" : `, and not "${value}"`;
    throw new Failure("cli", { kind: "usage", message: `${said} takes a number${instead}.`, verb });
  }
  if (requiresValue && !value)
    throw new Failure("cli", { kind: "usage", message: `${said} takes a value.`, verb });
  if (choices.length > 0 && !choices.includes(value ?? ""))
    throw new Failure("cli", { kind: "bad-choice", verb, what: said, given: value, known: choices });
  return { name, valued: true, takesNext: attached === undefined && separate !== undefined };
}

/**
 * Refuses a value that is given a second time: which of the two is meant?
 * @param seen the options so far, to which this one is added
 * @throws Failure usage
 */
export function checkOnce(seen: Set<string>, flag: Flag | undefined, verb: string): void {
  if (flag === undefined || "unknown" in flag || !flag.valued) return;
  if (seen.has(flag.name))
    throw new Failure("cli", { kind: "usage", message: `--${flag.name} was given twice.`, verb });
  seen.add(flag.name);
}

/**
 * Checks the positional arguments of a verb.
 * @throws Failure usage, bad-choice
 */
export function checkWords({ words }: VerbOptions, verb: string, given: readonly string[]): void {
  const last = words.at(-1);
  for (const [index, word] of given.entries()) {
    const place = words[index] ?? (last?.many ? last : undefined);
    if (!place) throw tooMany(verb, words.length, word);
    if (place.choices.length > 0 && !place.choices.includes(word))
      throw new Failure("cli", { kind: "bad-choice", verb, what: verb, given: word, known: place.choices });
  }
  const missing = words[given.length];
  if (!missing?.required) return;
  if (missing.choices.length > 0)
    throw new Failure("cli", {
      kind: "bad-choice",
      verb,
      what: verb,
      given: undefined,
      known: missing.choices,
    });
  const message = `bpf-app ${verb} is missing its ${missing.name}.`;
  throw new Failure("cli", { kind: "usage", message, verb });
}

function tooMany(verb: string, most: number, word: string): Failure<"cli"> {
  const message =
    most === 0
      ? `bpf-app ${verb} takes options only, and not "${word}".`
      : `"${word}" is too much: bpf-app ${verb} takes ${most === 1 ? "one name" : `${most} names`}.`;
  return new Failure("cli", { kind: "usage", message, verb });
}
