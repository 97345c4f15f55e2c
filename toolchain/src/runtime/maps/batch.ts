import { ENOENT } from "../errno.ts";
import { failure } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Init } from "../spec.ts";
import { missing } from "./each.ts";
import type { Elements } from "./elements.ts";

/** How many elements a call writes or deletes, at most: what they are copied to stays in the processor's caches then. */
const MOST = 8192;

/**
 * Writes many elements.
 *
 * @throws {@link BpfError} with what the kernel refused; how many elements were written before is not known
 */
export function updateBatch<K, V>(
  elements: Elements<K, V>,
  name: string,
  entries: readonly (readonly [Init<K>, Init<V>])[],
  flags: number,
): void {
  const { key, value, native, fd } = elements;
  const room = Math.min(MOST, entries.length);
  const keys = Memory.alloc(room * key.size);
  const values = Memory.alloc(room * value.size);
  for (let from = 0; from < entries.length; from += room) {
    const wanted = Math.min(room, entries.length - from);
    for (let i = 0; i < wanted; i++) {
      const [k, v] = entries[from + i]!;
      key.write(keys, i * key.size, k);
      value.write(values, i * value.size, v);
    }
    const options = { keys: keys.buffer, values: values.buffer, count: wanted, flags };
    const { error, count } = native.batch("update", fd, options);
    if (error === 0) continue;
    // The kernel writes the number back only if it got as far as trying.
    if (from > 0 || !missing(error) || (count > 0 && count < wanted))
      throw failure("bpf_map_update_batch", error, name);
    for (const [k, v] of entries) elements.set(k, v, flags);
    return;
  }
}

/**
 * Deletes many elements. Keys that are not there are passed over.
 *
 * @returns how many elements were deleted
 * @throws {@link BpfError} with what the kernel refused
 */
export function deleteBatch<K, V>(elements: Elements<K, V>, name: string, keys: readonly Init<K>[]): number {
  const { key, native, fd } = elements;
  const room = Math.min(MOST, keys.length);
  const memory = Memory.alloc(room * key.size);
  let deleted = 0;
  for (let from = 0; from < keys.length; from += room) {
    let wanted = Math.min(room, keys.length - from);
    for (let i = 0; i < wanted; i++) key.write(memory, i * key.size, keys[from + i]!);
    while (wanted > 0) {
      const { error, count } = native.batch("delete", fd, { keys: memory.buffer, count: wanted });
      if (error !== 0 && error !== ENOENT) {
        if (!missing(error)) throw failure("bpf_map_delete_batch", error, name);
        return deleted + deleteEach(elements, keys.slice(from));
      }
      deleted += count;
      // The kernel stops at a key that is not there, which is the one after those that it has deleted.
      const tried = error === ENOENT ? count + 1 : wanted;
      memory.u8.copyWithin(0, tried * key.size, wanted * key.size);
      wanted -= tried;
    }
  }
  return deleted;
}

function deleteEach<K, V>(elements: Elements<K, V>, keys: readonly K[]): number {
  let deleted = 0;
  for (const key of keys) if (elements.delete(key)) deleted++;
  return deleted;
}
