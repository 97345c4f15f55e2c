import { readFile } from "node:fs/promises";
import { Failure } from "../base/failure.ts";
import type { Keep } from "../icu/index.ts";
import type { Named } from "../icu/named.ts";
import { attempt } from "./files.ts";

/** What a program uses of Node's parts that can be left out, as the step `bundle` has written it down. */
export interface Uses extends Named {
  /** Whether it compiles TypeScript. */
  readonly typescript: boolean;
  /** Whether it names anything that writes or compares by a language. */
  readonly formats: boolean;
}

/** Of a program that nothing is known of. */
export const ALL_USED: Uses = {
  literals: [],
  dynamic: true,
  doubts: [],
  converters: true,
  temporal: true,
  typescript: true,
  formats: true,
};

/** @throws Failure sea-file, sea-arguments */
export async function readUses(path: string): Promise<Uses> {
  const text = await attempt("read", path, readFile(path, "utf8"));
  try {
    const { literals, dynamic, doubts, converters, temporal, typescript, formats } = JSON.parse(text);
    const flags = [dynamic, converters, temporal, typescript, formats];
    if (!Array.isArray(literals) || !Array.isArray(doubts)) throw new Error();
    if (!flags.every((flag) => typeof flag === "boolean")) throw new Error();
    const texts = { literals: literals.map(String), doubts: doubts.map(String) };
    return { ...texts, dynamic, converters, temporal, typescript, formats };
  } catch {
    const problem = `${path} does not say what a program uses`;
    throw new Failure("sea", { kind: "sea-arguments", action: "trim", problem });
  }
}

/**
 * Chooses what is kept of ICU's data, of which `all` are the locales: what the setting LOCALES says, or else what the
 * program uses. Undefined stands for all of it.
 */
export function keptOf(
  uses: Uses,
  asked: string | undefined,
): (all: () => readonly string[]) => Keep | undefined {
  return (all) => {
    if (asked === "all" || (asked === undefined && uses.dynamic)) return undefined;
    const locales = asked === undefined ? knownOf(uses.literals, all()) : askedOf(asked);
    return { locales, converters: uses.converters };
  };
}

/** The tags that LOCALES names. */
export function askedOf(asked: string): string[] {
  return asked.split(",").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()]));
}

/**
 * The locales in which the named ones are answered: de-CH-1996 has no data of its own and gets that of de-CH. One of which
 * there is not even the language is left to Intl, which takes the default.
 */
function knownOf(named: readonly string[], all: readonly string[]): string[] {
  const known = new Set(all);
  const found = named.flatMap((tag) => {
    const parts = tag.split(/-[a-z0-9]-/i)[0]?.split("-") ?? [];
    const tries = parts.map((_, left) => parts.slice(0, parts.length - left).join("-"));
    return tries.find((one) => known.has(one)) ?? [];
  });
  return [...new Set(found)];
}

/** What the build says of the languages, where nobody has said which to keep. */
export function localesNote(uses: Uses): string {
  if (uses.dynamic) {
    const where = uses.doubts[0] === undefined ? "" : `, as in \`${uses.doubts[0]}\``;
    return `note: The program takes locales that it does not name${where}, so the file holds all of them. LOCALES=en makes it 30 MB smaller.`;
  }
  const languages = [...new Set(["en", ...uses.literals])].join(", ");
  return `note: The file holds the data of these languages: ${languages}. LOCALES=de,fr or LOCALES=all keeps more.`;
}
