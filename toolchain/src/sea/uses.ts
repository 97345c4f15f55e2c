import { readFile } from "node:fs/promises";
import { Failure } from "../base/failure.ts";
import type { Keep } from "../icu/index.ts";
import { attempt } from "./files.ts";

/** What a program uses of Node's parts that can be left out, as the step `bundle` has written it down. */
export interface Uses {
  /** The locales that it names. */
  readonly locales: readonly string[];
  /** Whether it takes locales from elsewhere, such as its arguments. */
  readonly anyLocale: boolean;
  /** Whether it decodes texts of other encodings than Unicode's and Latin 1. */
  readonly encodings: boolean;
  /** Whether it compiles TypeScript. */
  readonly typescript: boolean;
}

/** Of a program that nothing is known of. */
export const ALL_USED: Uses = { locales: [], anyLocale: true, encodings: true, typescript: true };

/** @throws Failure sea-file, sea-arguments */
export async function readUses(path: string): Promise<Uses> {
  const text = await attempt("read", path, readFile(path, "utf8"));
  try {
    const { locales, anyLocale, encodings, typescript } = JSON.parse(text);
    const flags = [anyLocale, encodings, typescript];
    if (!Array.isArray(locales) || !flags.every((flag) => typeof flag === "boolean")) throw new Error();
    return { locales: locales.map(String), anyLocale, encodings, typescript };
  } catch {
    const problem = `${path} does not say what a program uses`;
    throw new Failure("sea", { kind: "sea-arguments", action: "trim", problem });
  }
}

/**
 * What is kept of ICU's data: what the setting LOCALES says, or else what the program uses. Undefined stands for all of it.
 */
export function keptOf(uses: Uses, asked: string | undefined): Keep | undefined {
  if (asked === "all" || (asked === undefined && uses.anyLocale)) return undefined;
  const locales =
    asked === undefined
      ? uses.locales
      : asked.split(",").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()]));
  return { locales, converters: uses.encodings };
}

/** What the build says of the languages, where nobody has said which to keep. */
export function localesNote(named: readonly string[]): string {
  const languages = [...new Set(["en", ...named])].join(", ");
  return `note: The file holds the data of these languages: ${languages}. LOCALES=de,fr or LOCALES=all keeps more.`;
}
