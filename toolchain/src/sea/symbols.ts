import { RELA_SIZE, SYM_SIZE } from "./dynamic.ts";
import { viewOf } from "./elf.ts";
import { lookUp, makeGnuHash, readGnuHash } from "./gnu-hash.ts";
import { isKept } from "./keep.ts";

/** The bytes of the tables that hold the symbols a program exports and imports. */
export interface SymbolTables {
  readonly hash: Buffer;
  readonly symbols: Buffer;
  readonly strings: Buffer;
  /** One version for each symbol. */
  readonly versions: Buffer;
  /** The versions that are needed of each library. */
  readonly needs: Buffer;
  readonly relocations: readonly Buffer[];
}

/** A symbol as the loader sees it. */
interface Symbol {
  readonly name: string;
  /** Everything but the offset of its name. */
  readonly rest: Buffer;
  readonly version: number;
}

const UNDEFINED = 0;
/** Versions from this on are those of libraries: what has one was copied out of a library, or is looked for in one. */
const FIRST_NEEDED_VERSION = 2;

export class BadTables extends Error {}

/** Reads the symbols. @throws BadTables */
export function readSymbols({ symbols, strings, versions }: SymbolTables): Symbol[] {
  const list: Symbol[] = [];
  for (let at = 0, index = 0; at + SYM_SIZE <= symbols.length; at += SYM_SIZE, index++) {
    if (index * 2 + 2 > versions.length) throw new BadTables("versions");
    const name = textAt(strings, symbols.readUInt32LE(at));
    list.push({
      name,
      rest: symbols.subarray(at + 4, at + SYM_SIZE),
      version: versions.readUInt16LE(index * 2),
    });
  }
  return list;
}

function textAt(strings: Buffer, at: number): string {
  const end = strings.indexOf(0, at);
  if (at >= strings.length || end < 0) throw new BadTables("strings");
  return strings.toString("latin1", at, end);
}

/** The index of the symbol that a relocation refers to. */
function* referred(relocations: readonly Buffer[]): Generator<{ table: Buffer; at: number; index: number }> {
  for (const table of relocations) {
    for (let at = 0; at + RELA_SIZE <= table.length; at += RELA_SIZE) {
      yield { table, at: at + 12, index: table.readUInt32LE(at + 12) };
    }
  }
}

/** What a program needs of its symbols, in new tables that are no larger than the old ones. */
export interface Pruned extends SymbolTables {
  /** The new offset of each text that the old table of strings had at the old offset, for the dynamic section. */
  readonly moved: ReadonlyMap<number, number>;
  /** How many symbols are left, and how many there were. */
  readonly kept: number;
  readonly before: number;
}

/**
 * Leaves out the symbols that nothing refers to and that no addon needs, as `isKept` says. `texts` are the offsets of
 * names that the dynamic section mentions, such as those of libraries.
 *
 * @throws BadTables if the tables contradict each other
 */
export function pruneSymbols(tables: SymbolTables, texts: readonly number[], needCount: number): Pruned {
  const hash = readGnuHash(tables.hash);
  const old = readSymbols(tables);
  if (hash === undefined || hash.count !== old.length) throw new BadTables("hash");
  const stays = choose(old, tables.relocations, hash.first);
  const all = old.map((_, index) => index).filter((index) => stays[index]);
  const unhashed = all.filter((index) => index < hash.first);
  const hashed = all.filter((index) => index >= hash.first);
  const made = makeGnuHash(
    hashed.map((index) => (old[index] as Symbol).name),
    unhashed.length,
  );
  const order = [...unhashed, ...made.order.map((position) => hashed[position] as number)];
  const strings = new Strings();
  const symbols = Buffer.alloc(order.length * SYM_SIZE);
  const versions = Buffer.alloc(order.length * 2);
  const renumbered = new Map<number, number>();
  order.forEach((index, position) => {
    const { name, rest, version } = old[index] as Symbol;
    symbols.writeUInt32LE(strings.add(name), position * SYM_SIZE);
    symbols.set(rest, position * SYM_SIZE + 4);
    versions.writeUInt16LE(version, position * 2);
    renumbered.set(index, position);
  });
  const moved = new Map(texts.map((at) => [at, strings.add(textAt(tables.strings, at))]));
  const needs = renameNeeds(tables, needCount, strings);
  const relocations = renumber(tables.relocations, renumbered);
  const result = { hash: made.bytes, symbols, versions, needs, relocations, strings: strings.bytes() };
  // Where parts of the list lie over each other, a new name has gone over what was still to be read.
  if (neededNames(result, needCount) !== neededNames(tables, needCount)) throw new BadTables("needs");
  return { ...result, moved, kept: order.length, before: old.length };
}

function choose(old: readonly Symbol[], relocations: readonly Buffer[], first: number): boolean[] {
  const used = new Set<number>();
  for (const { index } of referred(relocations)) {
    if (index >= old.length) throw new BadTables("relocations");
    used.add(index);
  }
  return old.map(
    ({ name, rest, version }, index) =>
      index < first ||
      used.has(index) ||
      rest.readUInt16LE(2) === UNDEFINED ||
      (version & 0x7fff) >= FIRST_NEEDED_VERSION ||
      isKept(name),
  );
}

function renumber(relocations: readonly Buffer[], renumbered: ReadonlyMap<number, number>): Buffer[] {
  const copies = relocations.map((table) => Buffer.from(table));
  for (const { table, at, index } of referred(copies)) {
    table.writeUInt32LE(renumbered.get(index) ?? 0, at);
  }
  return copies;
}

/** The list of needed versions, with the new offsets of the names of libraries and versions. */
function renameNeeds({ needs, strings }: SymbolTables, count: number, to: Strings): Buffer {
  const copy = Buffer.from(needs);
  const view = viewOf(copy);
  const rename = (at: number) => {
    view.setUint32(at, to.add(textAt(strings, view.getUint32(at, true))), true);
  };
  forEachNeed(copy, count, rename, rename);
  return copy;
}

/** Calls back with the place of each library's name and of each version's name. Returns where the list ends. */
function forEachNeed(
  needs: Buffer,
  count: number,
  library: (at: number) => void,
  version: (at: number) => void,
): number {
  let end = 0;
  const check = (at: number, what: string) => {
    if (at + 16 > needs.length) throw new BadTables(what);
    end = Math.max(end, at + 16);
  };
  for (let need = 0, at = 0; need < count; need++) {
    check(at, "needs");
    library(at + 4);
    const versions = needs.readUInt16LE(at + 2);
    let aux = at + needs.readUInt32LE(at + 8);
    for (let number = 0; number < versions; number++) {
      check(aux, "needs");
      version(aux + 8);
      const next = needs.readUInt32LE(aux + 12);
      if (next === 0 && number + 1 < versions) throw new BadTables("needs");
      aux += next;
    }
    const next = needs.readUInt32LE(at + 12);
    if (next === 0 && need + 1 < count) throw new BadTables("needs");
    at += next;
  }
  return end;
}

/** The names of the libraries and versions in the list of needed versions. @throws BadTables */
function neededNames({ needs, strings }: Pick<SymbolTables, "needs" | "strings">, count: number): string {
  const list: string[] = [];
  const add = (at: number) => list.push(textAt(strings, needs.readUInt32LE(at)));
  forEachNeed(needs, count, add, add);
  return list.join();
}

/** How many bytes the list of needed versions has, which may go on in `needs`. @throws BadTables */
export function needsSize(needs: Buffer, count: number): number {
  return forEachNeed(
    needs,
    count,
    () => {},
    () => {},
  );
}

class Strings {
  readonly #parts: string[] = [""];
  readonly #known = new Map<string, number>([["", 0]]);
  #size = 1;

  add(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const at = this.#size;
    this.#parts.push(text);
    this.#known.set(text, at);
    this.#size += text.length + 1;
    return at;
  }

  bytes(): Buffer {
    return Buffer.from(`${this.#parts.join("\0")}\0`, "latin1");
  }
}

/**
 * Whether new tables say what the old ones do: every relocation and every needed version has the name it had, and
 * every symbol that was to be kept is found by its name and is the same.
 */
export function saySame(before: SymbolTables, after: SymbolTables, needCount: number): boolean {
  const [old, now] = [readSymbols(before), readSymbols(after)];
  const same = (a?: Symbol, b?: Symbol) =>
    a !== undefined && a.name === b?.name && a.rest.equals(b.rest) && a.version === b.version;
  const pairs = [[...referred(before.relocations)], [...referred(after.relocations)]] as const;
  if (pairs[0].length !== pairs[1].length) return false;
  if (!pairs[0].every(({ index }, at) => same(old[index], now[pairs[1][at]?.index ?? -1]))) return false;
  if (neededNames(before, needCount) !== neededNames(after, needCount)) return false;
  const hash = readGnuHash(after.hash);
  const first = readGnuHash(before.hash)?.first;
  if (hash === undefined || first === undefined || hash.count !== now.length) return false;
  const stays = choose(old, before.relocations, first);
  if (now.length !== stays.filter(Boolean).length) return false;
  return old.every((symbol, index) => {
    if (!stays[index]) return true;
    if (index < first) return same(symbol, now[index]);
    return lookUp(hash, symbol.name, (found) => same(symbol, now[found])) !== undefined;
  });
}
