import { viewOf } from "./elf.ts";

/**
 * The name of the note in which Node looks for its blob. The name is in Node's `src/node_sea.cc`, and the search for it
 * in postject's header, which Node includes.
 */
export const NOTE_NAME = "NODE_SEA_BLOB";

const NAME_BYTES = new TextEncoder().encode(`${NOTE_NAME}\0`);

/** How many bytes a note has before its descriptor: three words, and the name padded to a multiple of 4. */
export const NOTE_HEAD_SIZE = 12 + padded(NAME_BYTES.length);

/** The size of a note's descriptor is a field of 32 bits. */
export const MAX_BLOB_SIZE = 0xffff_ffff;

export function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** The bytes of the note before a blob of `size` bytes. Like postject, this writes 0 as the note's type. */
export function encodeNoteHead(size: number): Uint8Array {
  const bytes = new Uint8Array(NOTE_HEAD_SIZE);
  const view = viewOf(bytes);
  view.setUint32(0, NAME_BYTES.length, true);
  view.setUint32(4, size, true);
  bytes.set(NAME_BYTES, 12);
  return bytes;
}

/**
 * Finds the blob's note in a note segment.
 *
 * @param bytes all bytes of the segment, or the first of them
 * @returns where in the segment the note's descriptor starts, and how many bytes it has; undefined if there is no such
 *   note
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
