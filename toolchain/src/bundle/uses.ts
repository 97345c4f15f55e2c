import { localesNamed, type Named } from "../icu/named.ts";

/** What of Node a bundled script uses that could be left out of an executable. */
export interface Uses extends Named {
  /** Whether it names the function by which Node compiles TypeScript. */
  readonly typescript: boolean;
  /** Whether it names anything that writes or compares by a language: without that nobody can miss one. */
  readonly formats: boolean;
}

/** Without any of these words a script asks for no locale, and need not be parsed, which takes longer than to bundle it. */
const MAY_ASK =
  /Intl|toLocale|localeCompare|TextDecoder|Temporal|\beval\b|\bFunction\b|Worker|\bvm\b|\bimport\s*\(/;

/** A Date writes the name of its time zone in the machine's language. */
const FORMATS = /Intl|toLocale|localeCompare|Temporal|\bDate\b/;

const NOTHING: Named = { literals: [], dynamic: false, doubts: [], converters: false, temporal: false };

/** Reads off the text of a bundled script what it may use. What is not named there is not used. */
export function usesOf(source: string): Uses {
  const typescript = source.includes("stripTypeScriptTypes");
  const named = MAY_ASK.test(source) ? localesNamed(source) : NOTHING;
  return { ...named, typescript, formats: named.dynamic || FORMATS.test(source) };
}
