import { writeFile } from "node:fs/promises";
import { findIcuData, icuLocales, type Keep, subsetIcu } from "../icu/index.ts";
import { type Cut, wholePages } from "./cut.ts";
import { type Header, PT_NULL } from "./elf.ts";
import { attempt, readAt, readElf, withFile } from "./files.ts";
import { findParts, type Part } from "./parts.ts";
import { encodeTrim, type Replacement } from "./trim-file.ts";

/** What is asked to stay in a Node. */
export interface TrimRequest {
  /** A stripped Node. */
  readonly base: string;
  /**
   * Chooses, of all locales that there are, those besides English, and says whether the tables of encodings stay;
   * undefined keeps all of ICU's data.
   */
  readonly icu: (all: () => readonly string[]) => Keep | undefined;
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
    const found = room
      ? await findParts((at, length, buffer) => readAt(base, at, length, buffer), segments)
      : [];
    const replacements: Replacement[] = [];
    let locales: TrimReport["locales"];
    for (const part of found) {
      const keep = part.what === "icu" ? request.icu(() => icuLocales(part.bytes)) : undefined;
      if (keep !== undefined) {
        const kept = subsetIcu(part.bytes, keep);
        locales = { all: icuLocales(part.bytes), kept: kept.locales };
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

function replacement(
  what: Replacement["what"],
  { offset, bytes }: Part,
  by: { data: Uint8Array; tail?: Uint8Array; leaves: Cut["leaves"] },
): Replacement {
  return { what, offset, size: bytes.length, tail: new Uint8Array(), ...by };
}

/** The whole pages that a replacement leaves unused. */
export function cutOf({ offset, size, data, leaves, tail }: Replacement, page: number): Cut | undefined {
  const unused = wholePages(offset + data.length, size - data.length - tail.length, page);
  return unused && { ...unused, leaves };
}
