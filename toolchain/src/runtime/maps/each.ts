import { EINVAL, ENOTSUPP, EOPNOTSUPP } from "../errno.ts";
import type { Elements } from "./elements.ts";

/** Whether the error says that the kernel, or this type of map, has no such batch operation. */
export function missing(error: number): boolean {
  return error === EINVAL || error === EOPNOTSUPP || error === ENOTSUPP;
}

/**
 * Yields all elements, one by one. The kernel begins its walk again if a key is deleted while it is the cursor: `limit`
 * is the largest number of steps.
 */
export function* lookupEach<K, V>(elements: Elements<K, V>, limit: number): Generator<[K, V], void> {
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

/** Takes all elements out of the map and yields them, one by one. */
export function* takeEach<K, V>(elements: Elements<K, V>, limit: number): Generator<[K, V], void> {
  for (const [key, value] of [...lookupEach(elements, limit)]) {
    if (elements.delete(key)) yield [key, value];
  }
}
