import { type Bundle, entry, itemAt, keyAt, readBundle, type Table, tableOf } from "./bundle.ts";
import { damaged } from "./header.ts";

/** The two lists of a folder's `res_index.res`: locales that have data, and names that stand for others. */
const LISTS = ["InstalledLocales", "AliasLocales"] as const;

/** The locales that a folder's index lists. @throws Failure icu-damaged, icu-unsupported */
export function listedIn(bytes: Uint8Array, pool: Bundle | undefined): readonly string[] {
  const bundle = readBundle(bytes, pool);
  return LISTS.flatMap((list) => {
    const table = listOf(bundle, list);
    return table ? Array.from({ length: table.count }, (_, index) => keyAt(bundle, table, index)) : [];
  });
}

function listOf(bundle: Bundle, list: string): Table | undefined {
  const resource = entry(bundle, bundle.root, list);
  return resource === undefined ? undefined : tableOf(bundle, resource);
}

/**
 * A folder's index that lists only some of its locales. Intl answers from it which locales there are: one that is
 * listed and has no data would be answered with the root's. The tables are made shorter where they are, so that
 * everything else in the bundle stays in its place.
 *
 * @throws Failure icu-damaged, icu-unsupported
 */
export function listOnly(bytes: Uint8Array, pool: Bundle | undefined, keep: ReadonlySet<string>): Uint8Array {
  // No slice(): that of a Buffer would be the caller's bytes.
  const copy = new Uint8Array(bytes);
  const bundle = readBundle(copy, pool);
  const tables = LISTS.map((list) => listOf(bundle, list));
  if (!tables[0]) throw damaged("an index of locales lists none");
  for (const table of tables) if (table) shorten(bundle, table, keep);
  return copy;
}

function shorten(bundle: Bundle, table: Table, keep: ReadonlySet<string>): void {
  const { view } = bundle;
  const all = Array.from({ length: table.count }, (_, index) => index);
  const kept = all.filter((index) => keep.has(keyAt(bundle, table, index)));
  if (kept.length === table.count) return;
  // Every item is the same empty string, which the first kept ones then are as well.
  const same = new Set(all.map((index) => itemAt(bundle, table, index)));
  if (same.size !== 1) throw damaged("an index of locales says more than their names");
  const item = bundle.body.slice(table.items, table.items + table.itemSize);
  const keys = kept.map((index) => {
    const at = table.keys + index * table.keySize;
    return bundle.body.slice(at, at + table.keySize);
  });
  bundle.body.fill(0, table.keys, table.items + table.count * table.itemSize);
  for (const [index, key] of keys.entries()) bundle.body.set(key, table.keys + index * table.keySize);
  if (table.keySize === 4) view.setUint32(table.at, kept.length, true);
  else view.setUint16(table.at, kept.length, true);
  let items = table.keys + kept.length * table.keySize;
  if (table.itemSize === 4) items += items % 4;
  for (let index = 0; index < kept.length; index++) bundle.body.set(item, items + index * table.itemSize);
}
