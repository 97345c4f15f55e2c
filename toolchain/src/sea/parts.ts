import { Failure } from "../base/failure.ts";
import { findIcuData, icuLocales } from "../icu/index.ts";
import { loadsOf, type Segment } from "./elf.ts";
import { CHUNK } from "./files.ts";

/** Reads `length` bytes at an offset of a file, or those that there are, perhaps into `buffer`. */
export type Reader = (at: number, length: number, buffer?: Buffer) => Promise<Buffer>;

/** The largest package of ICU's data that is read. Today's have 33 MB. */
const MAX_ICU = 64 << 20;
const ICU_MAGIC = Buffer.from("CmnD");
/** Where the package's head has its magic word. */
const ICU_MAGIC_AT = 12;

/**
 * Node's compiler for TypeScript is a WebAssembly module, written in base 64 as one text in the script that starts it:
 * `Buffer2.from("AGFzbQEAAA…", "base64")`. The script has other, small modules of that form, such as HTTP's parser.
 */
const WASM = Buffer.from('Buffer2.from("AGFzbQEAAAA');
const WASM_QUOTE_AT = 13;
const WASM_END = Buffer.from('", "base64")');
const MIN_WASM = 1 << 20;
const MAX_WASM = 16 << 20;
/** In a Node there are four places that look like a part. More are looked at in no file, whoever made it. */
const MAX_LOOKS = 32;

/** A part of Node that can be left out, or made smaller. */
export interface Part {
  readonly what: "icu" | "typescript";
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Looks through what is loaded for the parts that can be left out. */
export async function findParts(read: Reader, segments: readonly Segment[]): Promise<Part[]> {
  const parts: Part[] = [];
  let looks = 0;
  const loads = loadsOf(segments);
  const largest = Math.max(0, ...loads.map(({ filesz }) => filesz));
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, largest));
  for (const { offset, filesz } of loads) {
    const end = offset + filesz;
    for (let at = offset; at < end; at += CHUNK - WASM.length) {
      const chunk = await read(at, Math.min(CHUNK, end - at), buffer);
      for (const hit of hits(chunk, ICU_MAGIC))
        if (looks++ < MAX_LOOKS) parts.push(...(await icuAt(read, at + hit - ICU_MAGIC_AT, end)));
      for (const hit of hits(chunk, WASM))
        if (looks++ < MAX_LOOKS) parts.push(...(await wasmAt(read, at + hit + WASM_QUOTE_AT, end)));
    }
  }
  // Chunks overlap, so that a part may be found twice. Of each kind there is one in a Node; what is found more often is
  // not what it seems.
  const once = parts.filter((part, at) => parts.findIndex(({ offset }) => offset === part.offset) === at);
  return once.filter((part) => once.filter(({ what }) => what === part.what).length === 1);
}

function* hits(bytes: Buffer, pattern: Buffer): Generator<number> {
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) yield at;
}

async function icuAt(read: Reader, offset: number, end: number): Promise<Part[]> {
  if (offset < 0) return [];
  // Most places that have the word are no package, which their first bytes tell.
  const head = await read(offset, 4);
  if (head[2] !== 0xda || head[3] !== 0x27) return [];
  const bytes = await read(offset, Math.min(MAX_ICU, end - offset));
  const found = findIcuData(bytes);
  return found?.offset === 0 ? [{ what: "icu", offset, bytes: bytes.subarray(0, found.size) }] : [];
}

async function wasmAt(read: Reader, offset: number, end: number): Promise<Part[]> {
  const start = await read(offset, Math.min(MAX_WASM, end - offset));
  const close = start.indexOf(0x22, 1);
  if (close < MIN_WASM || !start.subarray(close, close + WASM_END.length).equals(WASM_END)) return [];
  return [{ what: "typescript", offset, bytes: start.subarray(0, close + 1) }];
}

/** The locales that the Node in a file has data for, as Intl lists them; undefined where no data is found. */
export async function localesIn(
  read: Reader,
  segments: readonly Segment[],
): Promise<readonly string[] | undefined> {
  const parts = await findParts(read, segments);
  const icu = parts.find(({ what }) => what === "icu");
  try {
    return icu && icuLocales(icu.bytes);
  } catch (error) {
    if (error instanceof Failure && error.layer === "icu") return undefined;
    throw error;
  }
}
