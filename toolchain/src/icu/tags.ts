import { Failure } from "../base/failure.ts";

// Names of locales: ICU's files are named zh_Hant_TW, en_US_POSIX; JavaScript and BCP 47 say zh-Hant-TW,
// en-US-u-va-posix.

function tagOf(id: string): string {
  const [language = "", ...rest] = id.split("_");
  const posix = rest.includes("POSIX");
  const parts = rest
    .filter((part) => part !== "POSIX")
    .map((part) => (part.length > 4 ? part.toLowerCase() : part));
  return [language, ...parts, ...(posix ? ["u-va-posix"] : [])].join("-");
}

/**
 * The name of ICU's files for a tag.
 *
 * @throws Failure icu-not-a-locale
 */
export function idOf(tag: string): string {
  const [canonical] = canonicalTags(tag);
  if (canonical === undefined) throw new Failure("icu", { kind: "icu-not-a-locale", locale: tag });
  const posix = canonical.endsWith("-u-va-posix");
  const base = canonical.split(/-[a-z0-9]-/)[0] as string;
  const parts = base.split("-").map((part, at) => (at > 0 && part.length > 4 ? part.toUpperCase() : part));
  return [...parts, ...(posix ? ["POSIX"] : [])].join("_");
}

/** The tags of these names in order, each once. Old names, as `iw` for `he`, are those of today. */
export function tagsOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.flatMap((id) => canonicalTags(tagOf(id))))].sort();
}

function canonicalTags(tag: string): readonly string[] {
  try {
    return Intl.getCanonicalLocales(tag);
  } catch {
    return [];
  }
}

/** Whether a resource bundle's name is that of a locale, and not `root`, `res_index` or another kind of data. */
export function isLocaleId(name: string): boolean {
  return /^[a-z]{2,3}(_[A-Z0-9][A-Za-z0-9]+)*$/.test(name);
}

/** The names that remain when the last parts are left out, one after the other: zh_Hant_TW → zh_Hant, zh. */
export function shorter(id: string): readonly string[] {
  const parts = id.split("_");
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join("_"));
}
