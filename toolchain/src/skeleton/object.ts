import { Failure } from "../base/failure.ts";
import { resolve, sizeOf } from "../btf/layout.ts";
import { readBtf } from "../btf/read.ts";
import type { Btf, BtfSecVar, BtfType } from "../btf/types.ts";
import { type ElfObject, type ElfSection, type ElfSymbol, readElf, SHF, SHT, STB, STT } from "../elf/read.ts";

/** What a skeleton is made from: an object's programs, data sections and map definitions, names and offsets settled. */
export interface BpfObject {
  readonly btf: Btf;
  readonly programs: readonly Program[];
  readonly sections: readonly DataSection[];
  /** Variables of `.maps`. */
  readonly maps: readonly BtfSecVar[];
  readonly structOps: readonly StructOps[];
}

export interface Program {
  readonly name: string;
  /** The SEC() string. */
  readonly section: string;
}

export interface DataSection {
  /** `.bss`, `.data.hot`, `.kconfig`. */
  readonly name: string;
  readonly size: number;
  /** Empty if the section holds only what has no name, such as string literals. */
  readonly variables: readonly Variable[];
}

export interface Variable {
  readonly name: string;
  /** BTF id. */
  readonly type: number;
  readonly offset: number;
  /** sizeof, and for a struct with a flexible array member what its initialiser fills beyond. */
  readonly size: number;
}

export interface StructOps {
  readonly name: string;
  /** `.struct_ops.link`: it can be attached through a link. */
  readonly link: boolean;
}

type Datasec = BtfType & { readonly kind: "datasec" };

const GLOBAL = 1;

/** Reads a compiled or linked `.bpf.o`. Throws `Failure<ElfFailure | BtfFailure>`. */
export function readObject(bytes: Uint8Array): BpfObject {
  const elf = readElf(bytes);
  const types = elf.section(".BTF");
  if (types === undefined) throw new Failure("btf", { kind: "btf-missing" });
  const btf = readBtf(types.data);
  const datasecs = new Map<string, Datasec>();
  for (const type of btf.types)
    if (type.kind === "datasec" && !datasecs.has(type.name)) datasecs.set(type.name, type);
  const variables = globals(elf, btf, datasecs);
  const data = elf.sections
    .filter(isData)
    .map((section) => dataSection(section, variables.get(section.name) ?? []));
  const kconfig = datasecs.get(".kconfig");
  return {
    btf,
    programs: programs(elf),
    sections: kconfig === undefined ? data : [...data, kconfigSection(btf, kconfig.vars)],
    maps: datasecs.get(".maps")?.vars ?? [],
    structOps: structOps(btf, datasecs),
  };
}

/** The sections libbpf makes maps of. */
function isData({ name, type, size }: ElfSection): boolean {
  if (size === 0) return false;
  if (type === SHT.NOBITS) return name === ".bss" || name.startsWith(".bss.");
  if (type !== SHT.PROGBITS) return false;
  return /^\.(ro)?data(\..*)?$/s.test(name);
}

/** Programs are the functions of executable sections other than `.text`, which holds subprograms. */
function programs(elf: ElfObject): Program[] {
  const found: (Program & { section: string; index: number; offset: number })[] = [];
  for (const symbol of elf.symbols) {
    const section = elf.sections[symbol.section];
    if (symbol.type !== STT.FUNC || section === undefined || section.name === ".text") continue;
    if (section.type !== SHT.PROGBITS || (section.flags & SHF.EXECINSTR) === 0 || symbol.bind === STB.LOCAL)
      continue;
    found.push({ name: symbol.name, section: section.name, index: section.index, offset: symbol.value });
  }
  found.sort((a, b) => a.index - b.index || a.offset - b.offset);
  return found.map(({ name, section }) => ({ name, section }));
}

/**
 * Globals by the section they are in. clang leaves their offsets to the symbol table, `bpftool gen object` fills them
 * in; and clang sometimes counts among `.data` what it then puts into `.bss`. Static variables have no place in a
 * skeleton, as in libbpf's.
 */
function globals(elf: ElfObject, btf: Btf, datasecs: ReadonlyMap<string, Datasec>): Map<string, Variable[]> {
  const symbols = new Map<string, ElfSymbol>();
  for (const symbol of elf.symbols)
    if (symbol.type === STT.OBJECT && symbol.bind !== STB.LOCAL) symbols.set(symbol.name, symbol);
  const found = new Map<string, Variable[]>();
  for (const { name: datasec, vars } of datasecs.values())
    for (const entry of vars) {
      const variable = btf.types[entry.type]!;
      if (variable.kind !== "var" || variable.linkage !== GLOBAL) continue;
      const { name, type } = variable;
      const symbol = symbols.get(name);
      const section = (symbol && elf.sections[symbol.section]?.name) ?? datasec;
      const size = Math.max(entry.size, sizeOf(btf, type) ?? 0);
      const list = found.get(section) ?? [];
      list.push({ name, type, offset: symbol?.value ?? entry.offset, size });
      found.set(section, list);
    }
  return found;
}

function dataSection({ name, size }: ElfSection, variables: readonly Variable[]): DataSection {
  return { name, size, variables: [...variables].sort((a, b) => a.offset - b.offset) };
}

/**
 * Kconfig externs have a place only once libbpf opens the object: largest alignment first, then smallest size, then by
 * name (bpf_object__collect_externs).
 */
function kconfigSection(btf: Btf, vars: readonly BtfSecVar[]): DataSection {
  const externs = vars.flatMap((entry) => {
    const variable = btf.types[entry.type]!;
    if (variable.kind !== "var") return [];
    const size = sizeOf(btf, variable.type) ?? 0;
    return [{ name: variable.name, type: variable.type, size, align: alignOf(btf, variable.type) }];
  });
  externs.sort(
    (a, b) => b.align - a.align || a.size - b.size || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  let end = 0;
  const variables = externs.map(({ name, type, size, align }) => {
    const offset = Math.ceil(end / align) * align;
    end = offset + size;
    return { name, type, offset, size };
  });
  return { name: ".kconfig", size: end, variables };
}

/** Of the types a kconfig extern can have: numbers, enums and arrays of characters. */
function alignOf(btf: Btf, id: number): number {
  const { type } = resolve(btf, id);
  if (type.kind === "array") return alignOf(btf, type.type);
  return Math.max(1, Math.min(8, "size" in type ? type.size : 8));
}

function structOps(btf: Btf, datasecs: ReadonlyMap<string, Datasec>): StructOps[] {
  return [".struct_ops", ".struct_ops.link"].flatMap((name) =>
    (datasecs.get(name)?.vars ?? []).map((entry) => ({
      name: btf.types[entry.type]!.name,
      link: name === ".struct_ops.link",
    })),
  );
}
