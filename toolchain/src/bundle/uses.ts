import { localesNamed } from "../icu/named.ts";

/** What of Node a bundled script uses that could be left out of an executable. */
export interface Uses {
  /** The locales that it names. */
  readonly locales: readonly string[];
  /** Whether it takes locales from elsewhere. */
  readonly anyLocale: boolean;
  /** The beginnings of the pieces of code that are why. */
  readonly doubts: readonly string[];
  /** Whether it decodes texts of other encodings than Unicode's and Latin 1. */
  readonly encodings: boolean;
  readonly temporal: boolean;
  /** Whether it names the function by which Node compiles TypeScript. */
  readonly typescript: boolean;
}

/** Without any of these words a script asks for no locale, and need not be parsed, which takes longer than to bundle it. */
const MAY_ASK =
  /Intl|toLocale|localeCompare|TextDecoder|Temporal|\beval\b|\bFunction\b|Worker|\bvm\b|\bimport\s*\(/;

/** Reads off the text of a bundled script what it may use. What is not named there is not used. */
export function usesOf(source: string): Uses {
  const typescript = source.includes("stripTypeScriptTypes");
  if (!MAY_ASK.test(source))
    return { locales: [], anyLocale: false, doubts: [], encodings: false, temporal: false, typescript };
  const { literals, dynamic, doubts, converters, temporal } = localesNamed(source);
  return { locales: literals, anyLocale: dynamic, doubts, encodings: converters, temporal, typescript };
}
