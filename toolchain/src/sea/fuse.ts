/**
 * The switch of Node's single executables. Node has this string once in its read-only data, with a digit behind it, and
 * looks for a blob only if that digit is 1 (`src/node_sea.cc`).
 */
const FUSE = Buffer.from("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:");

/** How many bytes there are from the fuse's start to its state, which is the digit. */
export const FUSE_STATE_AT = FUSE.length;

/** How many bytes the fuse has together with its state. */
export const FUSE_SIZE = FUSE.length + 1;

export type FuseState = "off" | "on" | "unknown";

/** The offsets in `bytes` at which a fuse starts that lies in them with its state. */
export function findFuses(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(FUSE); at >= 0; at = bytes.indexOf(FUSE, at + FUSE_SIZE)) {
    if (at + FUSE_SIZE <= bytes.length) found.push(at);
  }
  return found;
}

/** The state of the fuse that starts at `at`. */
export function fuseState(bytes: Buffer, at = 0): FuseState {
  if (!bytes.subarray(at, at + FUSE.length).equals(FUSE)) return "unknown";
  const state = bytes[at + FUSE_STATE_AT];
  return state === 0x30 ? "off" : state === 0x31 ? "on" : "unknown";
}

/**
 * Before its version, a Node has these words in its data. The inspector shows both as `Browser` under `/json/version`.
 */
const VERSION_PREFIX = "node.js/";

/** Whether the bytes have in them the words by which the Node of that `version` (`v24.21.0`) names itself. */
export function namesVersion(bytes: Buffer, version: string): boolean {
  const words = Buffer.from(VERSION_PREFIX + version);
  for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + 1)) {
    const next = bytes[at + words.length];
    if (next === undefined || next < 0x30 || next > 0x39) return true;
  }
  return false;
}

/** The version by which a Node names itself in the bytes; the first, if there are several. */
export function findVersion(bytes: Buffer): string | undefined {
  const words = Buffer.from(`${VERSION_PREFIX}v`);
  for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + 1)) {
    const text = bytes.toString("latin1", at + VERSION_PREFIX.length, at + VERSION_PREFIX.length + 32);
    const match = /^v\d+\.\d+\.\d+/.exec(text);
    if (match !== null) return match[0];
  }
  return undefined;
}
