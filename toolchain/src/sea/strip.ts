import { Failure } from "../base/failure.ts";
import { cutSegments, piecesOf } from "./cut.ts";
import { contentEnd, type Header, PHDR_SIZE, PT_NULL, PT_PHDR, type Segment } from "./elf.ts";
import { encodeSegments, NO_SECTIONS, programHeaderFields } from "./elf-write.ts";
import {
  attempt,
  copyExecutable,
  making,
  type OpenFile,
  readElf,
  withFile,
  writeAt,
  writeFields,
} from "./files.ts";
import { copyPieces, createExecutable, writePatches } from "./pieces.ts";
import { type Pruning, planPruning, readDynamic, sameTags } from "./prune.ts";
import { saySame } from "./symbols.ts";

export interface StripReport {
  /** The size of the base in bytes. */
  readonly from: number;
  /** The size of the copy in bytes. */
  readonly to: number;
  /** How many symbols it exported and imported, and how many of them are left. Undefined if they all had to stay. */
  readonly symbols: { readonly before: number; readonly kept: number } | undefined;
}

/**
 * Copies a Node without its symbol table, its debug information and its section headers, and without the dynamic symbols
 * that no addon refers to. Linkers put what is never loaded at the end of the file, so that it can be cut off. A Node
 * for arm64 can be stripped on x64 and the other way round.
 *
 * The copy has room for more program headers, so that parts of it can be left out later. A Node whose dynamic symbols
 * are not as they are in Node's releases keeps them.
 *
 * @throws Failure<"sea">
 */
export async function stripBase(files: { base: string; out: string }): Promise<StripReport> {
  const { base: basePath, out } = files;
  return withFile(basePath, "r", async (base) => {
    const elf = await readElf(base);
    const pruning = await planPruning(base, elf.header, elf.segments);
    return making(out, [basePath], async () => {
      if (pruning === undefined) return stripOnly(base, elf, out);
      return stripAndPrune(base, elf, pruning, out);
    });
  });
}

interface Elf {
  readonly header: Header;
  readonly segments: Segment[];
}

/** Everything that is loaded stays as it is, byte for byte. */
async function stripOnly(base: OpenFile, { header, segments }: Elf, out: string): Promise<StripReport> {
  const to = contentEnd(header, segments);
  await copyExecutable(base.path, out);
  await withFile(out, "r+", async (target) => {
    await attempt("write", out, target.handle.truncate(to));
    await writeFields(target, NO_SECTIONS);
  });
  await expectHeaders(out, { ...header, shoff: 0, shnum: 0 }, segments, to);
  return { from: base.size, to, symbols: undefined };
}

async function stripAndPrune(base: OpenFile, elf: Elf, pruning: Pruning, out: string): Promise<StripReport> {
  const { header } = elf;
  const { phoff, phnum, cut, before, pruned } = pruning;
  const cuts = cut === undefined ? [] : [cut];
  const pieces = piecesOf(contentEnd(header, elf.segments), cuts);
  const last = pieces.at(-1);
  const to = last === undefined ? 0 : last.to + last.size;
  const moved = cutSegments(withTable(elf.segments, phoff, phnum * PHDR_SIZE), cuts, header.page, out);
  const segments = [...moved, ...spare(phnum - moved.length)];
  await createExecutable(out);
  await withFile(out, "r+", async (target) => {
    await copyPieces(base, target, pieces);
    await writePatches(target, pruning.patches, pieces);
    await writeAt(target, phoff, encodeSegments(segments));
    await writeFields(target, [...NO_SECTIONS, ...programHeaderFields(phoff, phnum)]);
  });
  await expectHeaders(out, { ...header, shoff: 0, shnum: 0, phoff, phnum }, segments, to);
  await withFile(out, "r", async (target) => {
    const after = await readDynamic(target, segments);
    const same =
      after !== undefined &&
      sameTags(before, after) &&
      saySame(before.tables, after.tables, before.places.needCount);
    if (!same) throw new Failure("sea", { kind: "executable-unverified", path: out, what: "symbols" });
  });
  return { from: base.size, to, symbols: { before: pruned.before, kept: pruned.kept } };
}

/** The program headers, of which the one about themselves says where they go. */
function withTable(segments: readonly Segment[], phoff: number, size: number): Segment[] {
  return segments.map((segment) => {
    if (segment.type !== PT_PHDR) return segment;
    const delta = segment.vaddr - segment.offset;
    const vaddr = phoff + delta;
    return { ...segment, offset: phoff, vaddr, paddr: vaddr, filesz: size, memsz: size };
  });
}

function spare(count: number): Segment[] {
  const none = { type: PT_NULL, flags: 0, offset: 0, vaddr: 0, paddr: 0, filesz: 0, memsz: 0, align: 0 };
  return Array.from({ length: count }, () => none);
}

async function expectHeaders(
  out: string,
  header: Header,
  segments: readonly Segment[],
  size: number,
): Promise<void> {
  const now = await withFile(out, "r", async (target) => ({
    ...(await readElf(target)),
    size: target.size,
  }));
  if (JSON.stringify(now) !== JSON.stringify({ header, segments, size })) {
    throw new Failure("sea", { kind: "executable-unverified", path: out, what: "headers" });
  }
}
