import { writeFile } from "node:fs/promises";
import { findIcuData, icuLocales, type Keep, subsetIcu } from "../icu/index.ts";
import { type Cut, wholePages } from "./cut.ts";
import { type Header, loadsOf, PT_NULL, type Segment } from "./elf.ts";
import { attempt, CHUNK, type OpenFile, readAt, readElf, withFile } from "./files.ts";
import { encodeTrim, type Replacement } from "./trim-file.ts";

/** What is asked to stay in a Node. */
export interface TrimRequest {
  /** A stripped Node. */
  readonly base: string;
  /**
   * Chooses, of all locales that there are, those besides English, and says whether the tables of encodings stay;
   * undefined keeps all of ICU's data.
   */
  readonly icu: (all: readonly string[]) => Keep | undefined;
  /** Whether Node's TypeScript compiler stays. */
  readonly typescript: boolean;
  /** Where it is written what is left out, for `inject`. */
  readonly out: string;
}

export interface TrimReport {
  /** The locales that the Node has, and those that are left, as Intl lists them. Undefined where all are left. */
  readonly locales: { readonly all: readonly string[]; readonly kept: readonly string[] } | undefined;
  /** What is left out, with the bytes that this saves in the file, the largest first. */
  readonly leftOut: readonly { readonly what: string; readonly bytes: number }[];
}

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
/**
 * What takes the place of the text: a property of nothing, so that whoever needs the compiler reads this in an error. The
 * rest of the place is a comment of zeroes. Nothing moves in the script, for V8 has noted where its functions are.
 */
const NO_COMPILER = {
  data: Buffer.from(
    'null["stripTypeScriptTypes of node:module, which the program did not name when bpf-app built it"]/*',
  ),
  tail: Buffer.from("*/"),
  leaves: "zeroes",
} as const;

/**
 * Finds out what of a stripped Node can be left out for a program, and writes it down for `inject`. A Node in which there
 * is no room for what that takes, or in which a part is not found, keeps it.
 *
 * @throws Failure<"sea">, and Failure<"icu"> if a locale that is to be kept is not known
 */
export async function makeTrim(request: TrimRequest): Promise<TrimReport> {
  return withFile(request.base, "r", async (base) => {
    const { header, segments } = await readElf(base);
    const room = segments.some(({ type }) => type === PT_NULL);
    const found = room ? await findParts(base, segments) : [];
    const replacements: Replacement[] = [];
    let locales: TrimReport["locales"];
    for (const part of found) {
      const all = part.what === "icu" ? icuLocales(part.bytes) : [];
      const keep = part.what === "icu" ? request.icu(all) : undefined;
      if (keep !== undefined) {
        const kept = subsetIcu(part.bytes, keep);
        locales = { all, kept: kept.locales };
        checkIcu(kept.data, kept.locales);
        replacements.push(replacement("locales", part, { data: kept.data, leaves: "nothing" }));
      }
      if (part.what === "typescript" && !request.typescript) {
        replacements.push(replacement("typescript", part, NO_COMPILER));
      }
    }
    replacements.sort((a, b) => a.offset - b.offset);
    const bytes = encodeTrim({ baseSize: base.size, replacements });
    await attempt("write", request.out, writeFile(request.out, bytes));
    return { locales, leftOut: leftOut(replacements, header) };
  });
}

function leftOut(replacements: readonly Replacement[], { page }: Header): TrimReport["leftOut"] {
  return replacements
    .map((one) => ({ what: one.what, bytes: cutOf(one, page)?.size ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** The package that was made has to list the locales that it is said to have. */
function checkIcu(data: Uint8Array, locales: readonly string[]): void {
  const found = findIcuData(data);
  if (found?.offset !== 0 || icuLocales(data).join() !== locales.join()) {
    throw new Error("the subset of ICU's data cannot be read back");
  }
}

interface Part {
  readonly what: "icu" | "typescript";
  readonly offset: number;
  readonly bytes: Buffer;
}

function replacement(
  what: Replacement["what"],
  { offset, bytes }: Part,
  by: { data: Uint8Array; tail?: Uint8Array; leaves: Cut["leaves"] },
): Replacement {
  return { what, offset, size: bytes.length, tail: new Uint8Array(), ...by };
}

/** Looks through what is loaded for the parts that can be left out. */
async function findParts(base: OpenFile, segments: readonly Segment[]): Promise<Part[]> {
  const parts: Part[] = [];
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (const { offset, filesz } of loadsOf(segments)) {
    const end = offset + filesz;
    for (let at = offset; at < end; at += CHUNK - WASM.length) {
      const chunk = await readAt(base, at, Math.min(CHUNK, end - at), buffer);
      for (const hit of hits(chunk, ICU_MAGIC))
        parts.push(...(await icuAt(base, at + hit - ICU_MAGIC_AT, end)));
      for (const hit of hits(chunk, WASM)) parts.push(...(await wasmAt(base, at + hit + WASM_QUOTE_AT, end)));
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

async function icuAt(base: OpenFile, offset: number, end: number): Promise<Part[]> {
  if (offset < 0) return [];
  // Most places that have the word are no package, which their first bytes tell.
  const head = await readAt(base, offset, 4);
  if (head[2] !== 0xda || head[3] !== 0x27) return [];
  const bytes = await readAt(base, offset, Math.min(MAX_ICU, end - offset));
  const found = findIcuData(bytes);
  return found?.offset === 0 ? [{ what: "icu", offset, bytes: bytes.subarray(0, found.size) }] : [];
}

async function wasmAt(base: OpenFile, offset: number, end: number): Promise<Part[]> {
  const start = await readAt(base, offset, Math.min(MAX_WASM, end - offset));
  const close = start.indexOf(0x22, 1);
  if (close < MIN_WASM || !start.subarray(close, close + WASM_END.length).equals(WASM_END)) return [];
  return [{ what: "typescript", offset, bytes: start.subarray(0, close + 1) }];
}

/** The whole pages that a replacement leaves unused. */
export function cutOf({ offset, size, data, leaves, tail }: Replacement, page: number): Cut | undefined {
  const unused = wholePages(offset + data.length, size - data.length - tail.length, page);
  return unused && { ...unused, leaves };
}
