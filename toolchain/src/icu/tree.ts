import { type Bundle, entry, readBundle, stringOf, tableOf } from "./bundle.ts";
import { damaged } from "./header.ts";
import type { Package } from "./package.ts";
import { isLocaleId, shorter } from "./tags.ts";

/** A folder of a package, which has a bundle for each locale that it knows something of: currencies, zones, … */
export interface Tree {
  /** Empty for the topmost one, else with a slash at its end: `curr/`. */
  readonly folder: string;
  readonly locales: ReadonlyMap<string, LocaleFile>;
}

export interface LocaleFile {
  readonly bundle: Bundle;
  /** For a name that only stands for another: the locale that has the data. */
  readonly alias?: string;
  /** Where ICU looks for what is not here, if it is not the name without its last part. */
  readonly parent?: string;
}

/** The package's folders, in order of their names, and what their locales' bundles say of others. @throws Failure icu-damaged, icu-unsupported */
export function treesOf(whole: Package): readonly Tree[] {
  const folders = new Map<string, Map<string, LocaleFile>>();
  for (const [name, bytes] of whole.items) {
    const { folder, id } = placeOf(name);
    if (id === undefined) continue;
    const tree = folders.get(folder) ?? new Map<string, LocaleFile>();
    folders.set(folder, tree);
    tree.set(id, readLocale(bytes, poolOf(whole, folder)));
  }
  return [...folders].map(([folder, locales]) => ({ folder, locales }));
}

/** The folder of an item, and the locale that it belongs to if it belongs to one. */
export function placeOf(name: string): { folder: string; id: string | undefined } {
  const slash = name.lastIndexOf("/") + 1;
  const base = name.endsWith(".res") ? name.slice(slash, -4) : undefined;
  return { folder: name.slice(0, slash), id: base !== undefined && isLocaleId(base) ? base : undefined };
}

/** The bundle of keys that a folder's other bundles share, if it has one. @throws Failure icu-damaged, icu-unsupported */
export function poolOf(whole: Package, folder: string): Bundle | undefined {
  const bytes = whole.items.get(`${folder}pool.res`);
  return bytes && readBundle(bytes);
}

function readLocale(bytes: Uint8Array, pool: Bundle | undefined): LocaleFile {
  const bundle = readBundle(bytes, pool);
  const alias = idAt(bundle, "%%ALIAS");
  const parent = idAt(bundle, "%%Parent");
  return {
    bundle,
    ...(alias === undefined ? {} : { alias }),
    ...(parent === undefined ? {} : { parent }),
  };
}

function idAt(bundle: Bundle, key: string): string | undefined {
  if (tableOf(bundle, bundle.root) === undefined) throw damaged("the root of a resource bundle is no table");
  const resource = entry(bundle, bundle.root, key);
  return resource === undefined ? undefined : stringOf(bundle, resource);
}

/**
 * Adds to a set of locales those that ICU opens for them in a tree: what a name stands for, and parents. The root, which
 * is the parent of all, is not among them.
 */
export function withNeeded(tree: Tree, ids: Iterable<string>): ReadonlySet<string> {
  const all = new Set<string>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (all.has(id) || id === "root") continue;
    all.add(id);
    const file = tree.locales.get(id);
    if (file?.alias !== undefined) waiting.push(file.alias);
    else if (file?.parent !== undefined) waiting.push(file.parent);
    else waiting.push(...shorter(id).slice(0, 1));
  }
  return all;
}
