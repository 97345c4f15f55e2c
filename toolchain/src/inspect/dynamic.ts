import { loadsOf, type Segment } from "../sea/elf.ts";
import { type Bytes, damaged, exactly } from "./bytes.ts";

/** What an ELF file takes of the libraries of the machine that it runs on. */
export interface Dynamic {
  /** The libraries that it names: `libc.so.6`. */
  readonly libraries: readonly string[];
  /** The versions of their symbols that it takes: `GLIBC_2.28`, each once, in ascending order. */
  readonly versions: readonly string[];
}

const PT_DYNAMIC = 2;
/** Tags of the dynamic section (System V gABI, chapter 5; the versions are described by the Linux Standard Base). */
const DT = { NULL: 0, NEEDED: 1, STRTAB: 5, STRSZ: 10, VERNEED: 0x6ffffffe, VERNEEDNUM: 0x6fffffff } as const;

const ENTRY = 16;
/** Linkers write some dozens of entries, libraries and versions. What goes beyond these is no linker's work. */
const ENTRIES_MAX = 4096;
const LIBRARIES_MAX = 256;
const VERSIONS_MAX = 1024;
const NAME_MAX = 256;

/**
 * Reads the dynamic section of an ELF file: an executable, or a shared library such as an addon. It needs the program headers
 * alone, and so a file without a section table can be read.
 *
 * @throws Failure built-file-damaged
 */
export async function readDynamic(bytes: Bytes, segments: readonly Segment[]): Promise<Dynamic> {
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  if (segment === undefined) return { libraries: [], versions: [] };
  const section = await exactly(
    bytes,
    segment.offset,
    Math.min(segment.filesz, ENTRIES_MAX * ENTRY),
    "its dynamic section",
  );
  const { values, needed } = readEntries(section);
  const strings = new Strings(bytes, segments, values);
  const libraries: string[] = [];
  for (const offset of needed.slice(0, LIBRARIES_MAX)) libraries.push(await strings.at(offset));
  const versions = await readVersions(bytes, segments, values, strings);
  return { libraries: [...new Set(libraries)], versions: [...new Set(versions)].sort(byVersion) };
}

function readEntries(section: Buffer): { values: Map<number, number>; needed: number[] } {
  const values = new Map<number, number>();
  const needed: number[] = [];
  for (let at = 0; at + ENTRY <= section.length; at += ENTRY) {
    const tag = Number(section.readBigUInt64LE(at));
    const value = Number(section.readBigUInt64LE(at + 8));
    if (tag === DT.NULL) break;
    if (tag === DT.NEEDED) needed.push(value);
    else values.set(tag, value);
  }
  return { values, needed };
}

/** Where in the file the byte lies that is loaded at an address. */
function offsetOf(bytes: Bytes, segments: readonly Segment[], address: number): number {
  const load = loadsOf(segments).find(({ vaddr, filesz }) => vaddr <= address && address < vaddr + filesz);
  if (load === undefined)
    throw damaged(bytes.path, "its dynamic section names an address outside of the file");
  return address - load.vaddr + load.offset;
}

/** The table of the names that the dynamic section refers to. */
class Strings {
  readonly #bytes: Bytes;
  readonly #table: number;
  readonly #size: number;

  constructor(bytes: Bytes, segments: readonly Segment[], values: ReadonlyMap<number, number>) {
    this.#bytes = bytes;
    const address = values.get(DT.STRTAB);
    this.#table = address === undefined ? 0 : offsetOf(bytes, segments, address);
    this.#size = values.get(DT.STRSZ) ?? 0;
  }

  async at(offset: number): Promise<string> {
    const what = "a name in its dynamic section";
    if (!(offset >= 0 && offset < this.#size))
      throw damaged(this.#bytes.path, `${what} lies outside of its table`);
    const length = Math.min(NAME_MAX, this.#size - offset);
    const text = await exactly(this.#bytes, this.#table + offset, length, what);
    const end = text.indexOf(0);
    if (end < 0) throw damaged(this.#bytes.path, `${what} does not end`);
    return text.toString("latin1", 0, end);
  }
}

/** The version needs: a chain of libraries (Elf64_Verneed), and for each a chain of versions (Elf64_Vernaux). */
async function readVersions(
  bytes: Bytes,
  segments: readonly Segment[],
  values: ReadonlyMap<number, number>,
  strings: Strings,
): Promise<string[]> {
  const address = values.get(DT.VERNEED);
  if (address === undefined) return [];
  const names: string[] = [];
  let need = offsetOf(bytes, segments, address);
  for (let left = Math.min(values.get(DT.VERNEEDNUM) ?? 0, LIBRARIES_MAX); left > 0; left--) {
    const head = await exactly(bytes, need, 16, "its table of versions");
    let entry = need + head.readUInt32LE(8);
    for (let more = head.readUInt16LE(2); more > 0; more--) {
      if (names.length >= VERSIONS_MAX) throw damaged(bytes.path, "its table of versions does not end");
      const aux = await exactly(bytes, entry, 16, "its table of versions");
      names.push(await strings.at(aux.readUInt32LE(8)));
      if (aux.readUInt32LE(12) === 0) break;
      entry += aux.readUInt32LE(12);
    }
    if (head.readUInt32LE(12) === 0) break;
    need += head.readUInt32LE(12);
  }
  return names;
}

/** What is counted of the versions of symbols, by the prefix that they have. */
const FLOORS = { glibc: "GLIBC_", "libstdc++": "GLIBCXX_", "C++ ABI": "CXXABI_", libgcc: "GCC_" } as const;

/** The libraries whose versions are counted: `glibc`. */
export type FloorName = keyof typeof FLOORS;

/** The oldest version of each library with which something starts: `{ glibc: "2.28", "libstdc++": "3.4.21" }`. */
export type Floors = { readonly [library in FloorName]?: string };

/** The newest of the versions of each library. */
export function floorsOf(versions: readonly string[]): Floors {
  const found: { -readonly [L in keyof Floors]: Floors[L] } = {};
  for (const [library, prefix] of Object.entries(FLOORS)) {
    const numbers = versions
      .filter((version) => version.startsWith(prefix))
      .map((version) => version.slice(prefix.length))
      .filter((version) => /^\d+(\.\d+)*$/.test(version))
      .sort(byVersion);
    const newest = numbers.at(-1);
    if (newest !== undefined) found[library as FloorName] = newest;
  }
  return found;
}

/** Compares texts with numbers in them by the numbers: GLIBC_2.9 comes before GLIBC_2.28. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
