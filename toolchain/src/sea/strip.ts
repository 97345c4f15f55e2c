import { constants } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { Failure } from "../failure.ts";
import { EHDR_SIZE, type Header, PHDR_SIZE, type Segment, SHDR_SIZE, viewOf } from "./elf.ts";
import type { SeaFailure } from "./failures.ts";
import { attempt, making, type OpenFile, readAt, readElf, withFile, writeAt } from "./files.ts";
import { alignUp } from "./layout.ts";
import { contentEnd, type StrippedSections, sectionRange, strippedSections } from "./sections.ts";

export interface StripReport {
  /** Bytes before and after. */
  readonly from: number;
  readonly to: number;
}

/**
 * Copies a Node without its symbol table and debug information, as `strip -s` does, for any of our machines on any
 * of them. What is loaded stays as it is, byte for byte, and so does `.dynsym`, to which addons link.
 *
 * @throws Failure<SeaFailure>
 */
export async function stripBase(files: { base: string; out: string }): Promise<StripReport> {
  const { base: basePath, out } = files;
  return withFile(basePath, "r", async (base) => {
    const { header, segments } = await readElf(base);
    const end = contentEnd(header, segments, header.phoff + header.phnum * PHDR_SIZE);
    const at = alignUp(end, 8);
    const sections = await readSections(base, header, end, at);
    return making(out, async () => {
      await attempt("copy", out, copyFile(basePath, out, constants.COPYFILE_FICLONE));
      await attempt("write", out, chmod(out, 0o755));
      const to = at + (sections?.bytes.length ?? 0);
      await withFile(out, "r+", (target) => write(target, end, to, sections, at));
      await withFile(out, "r", (target) => verify(target, to, header, segments));
      return { from: base.size, to };
    });
  });
}

async function readSections(
  base: OpenFile,
  header: Header,
  end: number,
  at: number,
): Promise<StrippedSections | undefined> {
  if (header.shoff === 0 || header.shnum === 0) return undefined;
  const table = await readAt(base, header.shoff, header.shnum * SHDR_SIZE);
  const { offset, size } = sectionRange(table, header.shstrndx, base);
  return strippedSections(table, await readAt(base, offset, size), end, at, base);
}

async function write(
  target: OpenFile,
  end: number,
  size: number,
  sections: StrippedSections | undefined,
  at: number,
): Promise<void> {
  await attempt("write", target.path, target.handle.truncate(end));
  await attempt("write", target.path, target.handle.truncate(size));
  if (sections !== undefined) await writeAt(target, at, sections.bytes);
  const ehdr = await readAt(target, 0, EHDR_SIZE);
  const view = viewOf(ehdr);
  view.setBigUint64(40, BigInt(sections === undefined ? 0 : at), true);
  view.setUint16(60, sections?.count ?? 0, true);
  view.setUint16(62, sections === undefined ? 0 : sections.count - 1, true);
  await writeAt(target, 0, ehdr);
}

async function verify(
  target: OpenFile,
  size: number,
  before: Header,
  segments: readonly Segment[],
): Promise<void> {
  const now = await readElf(target);
  const same =
    target.size === size &&
    now.header.phoff === before.phoff &&
    JSON.stringify(now.segments) === JSON.stringify(segments);
  if (!same)
    throw new Failure<SeaFailure>({ kind: "executable-unverified", path: target.path, what: "headers" });
}
