import { dictionariesWithout } from "./dictionaries.ts";
import { LocaleGuard } from "./locale-guard.ts";

/** What is said of an app's file when a locale is asked for that is not in it. */
export interface GuardOptions {
  /** Every locale that the whole Node has: `icuLocales` of its data. */
  readonly all: readonly string[];
  /** Those that are left: `Kept.locales`. */
  readonly kept: readonly string[];
  /** What the app's author asked for, as LOCALES names it. English is in every file and need not be among them. */
  readonly asked: readonly string[];
  /** Whether the app names `Temporal`. If it does not, Node is spared the making of it at start. */
  readonly temporal: boolean;
}

/** What the guard is given, as JSON. */
export interface GuardFacts {
  /** Locales that are left out, without those that begin with another one of them. */
  readonly left: readonly string[];
  readonly asked: readonly string[];
  /** Scripts without spaces whose dictionary is left out, by the language to ask for. */
  readonly scripts: Readonly<Record<string, readonly string[]>>;
  readonly temporal: boolean;
}

/**
 * A script that goes before an app's bundled one, for a Node some of whose locales were left out. It is an expression
 * statement, declares nothing, and does nothing in a file that has all locales: then it is an empty text.
 *
 * After it, Intl's constructors and methods throw a RangeError where they are asked for a locale that was left out, and
 * nothing of what a library may look at has changed: names, lengths, descriptors, prototypes, subclasses. A list that
 * has a locale which is there as well is answered with that one, as Intl does. Where the locale of the machine was left
 * out, one line on standard error says so, when it is first used, and English takes its place. Converting case is not
 * guarded, and neither are plural rules: both know every language still.
 */
export function guardSource(options: GuardOptions): string {
  const kept = new Set(options.kept);
  const left = new Set(options.all.filter((tag) => !kept.has(tag)));
  if (left.size === 0) return "";
  const without = dictionariesWithout(options.kept);
  const facts: GuardFacts = {
    left: [...left].filter((tag) => !prefixes(tag).some((one) => left.has(one))),
    asked: options.asked,
    scripts: Object.fromEntries(without.map(({ languages, scripts }) => [languages[0], scripts])),
    temporal: options.temporal,
  };
  return `new (${LocaleGuard.toString()})(${JSON.stringify(facts)}).install();\n`;
}

/** The tags that remain when the last parts of one are left out. */
function prefixes(tag: string): readonly string[] {
  const parts = tag.split("-");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("-"));
}
