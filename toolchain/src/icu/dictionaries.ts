/** A dictionary that finds words where they are written without spaces. */
export interface Dictionary {
  /** Its item in the package. */
  readonly item: string;
  /** The languages that bring it. The first is the one to name to a person. */
  readonly languages: readonly [string, ...string[]];
  /** The scripts of such texts, as regular expressions name them. */
  readonly scripts: readonly string[];
}

export const DICTIONARIES: readonly Dictionary[] = [
  { item: "brkitr/thaidict.dict", languages: ["th"], scripts: ["Thai"] },
  { item: "brkitr/laodict.dict", languages: ["lo"], scripts: ["Laoo"] },
  { item: "brkitr/khmerdict.dict", languages: ["km"], scripts: ["Khmr"] },
  { item: "brkitr/burmesedict.dict", languages: ["my"], scripts: ["Mymr"] },
  { item: "brkitr/cjdict.dict", languages: ["ja", "yue", "zh"], scripts: ["Hani", "Hira", "Kana"] },
];

/** Those that none of these locales brings. Locales are tags or names of ICU's files. */
export function dictionariesWithout(locales: Iterable<string>): readonly Dictionary[] {
  const languages = new Set([...locales].map((locale) => locale.split(/[-_]/)[0] as string));
  return DICTIONARIES.filter((one) => !one.languages.some((language) => languages.has(language)));
}
