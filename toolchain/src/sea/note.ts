import { viewOf } from "./elf.ts";

/** The note in which Node looks for its blob (name from Node's `src/node_sea.cc`, search by postject's header). */
export const NOTE_NAME = "NODE_SEA_BLOB";

const NAME_BYTES = new TextEncoder().encode(`${NOTE_NAME}\0`);

/** Bytes of a note before its descriptor: three words and the name, padded to 4. */
export const NOTE_HEAD_SIZE = 12 + padded(NAME_BYTES.length);

/** A note's descriptor size is a 32-bit field. */
export const MAX_BLOB_SIZE = 0xffff_ffff;

export function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** What stands before a blob of `size` bytes; the note's type is 0, as postject writes it. */
export function encodeNoteHead(size: number): Uint8Array {
  const bytes = new Uint8Array(NOTE_HEAD_SIZE);
  const view = viewOf(bytes);
  view.setUint32(0, NAME_BYTES.length, true);
  view.setUint32(4, size, true);
  bytes.set(NAME_BYTES, 12);
  return bytes;
}

/**
 * Finds the blob's note in the bytes of a note segment, or in the first of them.
 *
 * @returns where in the segment its descriptor starts and the size of that, in bytes; undefined if there is none.
 */
export function findBlobNote(bytes: Uint8Array): { readonly at: number; readonly size: number } | undefined {
  const view = viewOf(bytes);
  for (let at = 0; at + 12 <= bytes.length; ) {
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const name = bytes.subarray(at + 12, at + 12 + nameSize);
    const desc = at + 12 + padded(nameSize);
    if (name.length === NAME_BYTES.length && name.every((byte, index) => byte === NAME_BYTES[index])) {
      return { at: desc, size };
    }
    at = desc + padded(size);
  }
  return undefined;
}
