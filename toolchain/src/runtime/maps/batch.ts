import { EINVAL, ENOENT, ENOSPC, ENOTSUPP, EOPNOTSUPP } from "../errno.ts";
import { failure } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Init } from "../spec.ts";
import type { Elements } from "./elements.ts";

/** For how many elements the first batch has room. */
const FIRST = 256;

/** Whether the error says that the kernel, or this type of map, has no such batch operation. */
function missing(error: number): boolean {
  return error === EINVAL || error === EOPNOTSUPP || error === ENOTSUPP;
}

/**
 * Yields all elements. They are read in batches of one system call each, or one by one where the kernel has no such call.
 * Elements that come or go meanwhile may be among them or not.
 *
 * @throws {@link BpfError} with what the kernel refused
 */
export function* lookupBatch<K, V>(
  elements: Elements<K, V>,
  name: string,
  what: "lookup" | "lookupAndDelete",
  limit: number,
): Generator<[K, V], void> {
  const { key, value, native, fd } = elements;
  // A cursor is a bucket's number or a key; it depends on the map's type.
  const cursors = [new ArrayBuffer(Math.max(8, key.size)), new ArrayBuffer(Math.max(8, key.size))];
  let room = FIRST;
  let started = false;
  for (;;) {
    const keys = Memory.alloc(room * key.size);
    const values = Memory.alloc(room * value.size);
    const { error, count } = native.batch(what, fd, {
      keys: keys.buffer,
      values: values.buffer,
      count: room,
      ...(started && { in: cursors[0] }),
      out: cursors[1],
    });
    if (error === ENOSPC) {
      // A bucket of the hash table holds more elements than there is room for.
      room *= 4;
      continue;
    }
    if (error !== 0 && error !== ENOENT) {
      if (!started && missing(error)) break;
      throw failure(`bpf_map_${what === "lookup" ? "lookup" : "lookup_and_delete"}_batch`, error, name);
    }
    for (let i = 0; i < count; i++) yield [key.read(keys, i * key.size), value.read(values, i * value.size)];
    if (error === ENOENT) return;
    started = true;
    cursors.reverse();
  }
  yield* what === "lookup" ? lookupEach(elements, limit) : takeEach(elements, limit);
}

/**
 * Yields all elements, one by one. The kernel begins its walk again if a key is deleted while it is the cursor: `limit`
 * is the largest number of steps.
 */
function* lookupEach<K, V>(elements: Elements<K, V>, limit: number): Generator<[K, V], void> {
  const cursor = new Uint8Array(elements.key.size);
  for (let steps = 0; steps < limit; steps++) {
    if (steps > 0) elements.memory.u8.set(cursor, 0);
    if (!elements.advance(steps === 0)) return;
    cursor.set(elements.memory.u8.subarray(0, cursor.length));
    const key = elements.key.read(elements.memory, 0);
    const value = elements.get(key);
    if (value !== undefined) yield [key, value];
  }
}

function* takeEach<K, V>(elements: Elements<K, V>, limit: number): Generator<[K, V], void> {
  for (const [key, value] of [...lookupEach(elements, limit)]) {
    if (elements.delete(key)) yield [key, value];
  }
}

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
  if (entries.length === 0) return;
  const keys = Memory.alloc(entries.length * key.size);
  const values = Memory.alloc(entries.length * value.size);
  for (const [i, [k, v]] of entries.entries()) {
    key.write(keys, i * key.size, k);
    value.write(values, i * value.size, v);
  }
  const options = { keys: keys.buffer, values: values.buffer, count: entries.length, flags };
  const { error, count } = native.batch("update", fd, options);
  if (error === 0) return;
  // The kernel writes the number back only if it got as far as trying.
  if (!missing(error) || (count > 0 && count < entries.length))
    throw failure("bpf_map_update_batch", error, name);
  for (const [k, v] of entries) elements.set(k, v, flags);
}

/**
 * Deletes many elements. Keys that are not there are passed over.
 *
 * @returns how many elements were deleted
 * @throws {@link BpfError} with what the kernel refused
 */
export function deleteBatch<K, V>(elements: Elements<K, V>, name: string, keys: readonly Init<K>[]): number {
  const { key, native, fd } = elements;
  let deleted = 0;
  for (let from = 0; from < keys.length; ) {
    const memory = Memory.alloc((keys.length - from) * key.size);
    for (let i = from; i < keys.length; i++) key.write(memory, (i - from) * key.size, keys[i]!);
    const { error, count } = native.batch("delete", fd, { keys: memory.buffer, count: keys.length - from });
    if (error === 0) return deleted + count;
    if (error === ENOENT) {
      deleted += count;
      from += count + 1;
      continue;
    }
    if (!missing(error)) throw failure("bpf_map_delete_batch", error, name);
    for (const one of keys.slice(from)) if (elements.delete(one)) deleted++;
    return deleted;
  }
  return deleted;
}
