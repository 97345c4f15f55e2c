import { Failure } from "../base/failure.ts";
import { resolve, sizeOf } from "../btf/layout.ts";
import { readBtf } from "../btf/read.ts";
import type { Btf, BtfSecVar, BtfType } from "../btf/types.ts";
import { type ElfObject, type ElfSection, type ElfSymbol, readElf, SHF, SHT, STB, STT } from "../elf/read.ts";

/** The parts of an object from which a skeleton is made. */
export interface BpfObject {
  readonly btf: Btf;
  readonly programs: readonly Program[];
  readonly sections: readonly DataSection[];
  /** The variables of the section `.maps`. */
  readonly maps: readonly BtfSecVar[];
  readonly structOps: readonly StructOps[];
  /** The numbers of the helpers that are called (`enum bpf_func_id`), in ascending order. */
  readonly helpers: readonly number[];
  /** Whether one register is subtracted from another one, as for the distance of two pointers. */
  readonly subtracts: boolean;
}

/** A BPF program. */
export interface Program {
  readonly name: string;
  /** The text of SEC(). */
  readonly section: string;
}

/** A section of global variables. */
export interface DataSection {
  /** For example `.bss`, `.data.hot`, `.kconfig`. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Empty if nothing in the section has a name, as for string literals. */
  readonly variables: readonly Variable[];
}

/** A global variable. */
export interface Variable {
  readonly name: string;
  /** The BTF id of its type. */
  readonly type: number;
  /** In bytes, from the start of the section. */
  readonly offset: number;
  /** In bytes. If the struct has a flexible array member, the elements that its initialiser sets are included. */
  readonly size: number;
}

/** A variable of the section `.struct_ops` or `.struct_ops.link`. */
export interface StructOps {
  readonly name: string;
  /** Whether it lies in `.struct_ops.link`, and so can be attached by a link. */
  readonly link: boolean;
}

/** The section of the globals that lie in the object's arena: the address space 1, as clang names it. */
export const ARENA = ".addr_space.1";

type Datasec = BtfType & { readonly kind: "datasec" };

/** The linkage of a global variable: BTF_VAR_GLOBAL_ALLOCATED of linux/btf.h. */
const GLOBAL = 1;

/**
 * Reads a compiled or linked `.bpf.o`.
 * @throws Failure of the layers elf and btf
 */
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
    ...instructions(elf),
  };
}

/** Whether libbpf makes a map of the section, or puts it into one. */
function isData({ name, type, size }: ElfSection): boolean {
  if (size === 0) return false;
  if (type === SHT.NOBITS) return name === ".bss" || name.startsWith(".bss.");
  if (name === ARENA) return true;
  if (type !== SHT.PROGBITS) return false;
  return /^\.(ro)?data(\..*)?$/s.test(name);
}

/** The programs: functions of executable sections, except for `.text`, which contains subprograms. */
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

const INSTRUCTION = 8;
/** BPF_LD | BPF_IMM | BPF_DW, the only instruction that is twice as long; BPF_JMP | BPF_CALL; BPF_SUB | BPF_X, of BPF_ALU and BPF_ALU64. */
const LOAD_64 = 0x18;
const CALL = 0x85;
const SUBTRACT: readonly number[] = [0x1c, 0x1f];
/** No kernel has as many helpers. Hostile bytes could otherwise become a long list. */
const HELPERS_MAX = 1024;

/** What programs and subprograms do. Calls of functions of the object have another source register than 0. */
function instructions(elf: ElfObject): Pick<BpfObject, "helpers" | "subtracts"> {
  const helpers = new Set<number>();
  let subtracts = false;
  for (const { type, flags, data } of elf.sections) {
    if (type !== SHT.PROGBITS || (flags & SHF.EXECINSTR) === 0) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at + INSTRUCTION <= data.length; at += INSTRUCTION) {
      const code = view.getUint8(at);
      subtracts ||= SUBTRACT.includes(code);
      if (code === LOAD_64) at += INSTRUCTION;
      else if (code === CALL && view.getUint8(at + 1) >> 4 === 0) helpers.add(view.getInt32(at + 4, true));
    }
  }
  const known = [...helpers].filter((id) => id > 0 && id < HELPERS_MAX);
  return { helpers: known.sort((a, b) => a - b), subtracts };
}

/**
 * The global variables, by the name of their section. Their offsets are taken from the symbol table, because clang does
 * not write them to BTF, as `bpftool gen object` does. Their section is taken from there too, because clang's BTF
 * sometimes lists a variable under `.data` that lies in `.bss`. Static variables are left out, as in libbpf's
 * skeletons.
 */
function globals(elf: ElfObject, btf: Btf, datasecs: ReadonlyMap<string, Datasec>): Map<string, Variable[]> {
  const symbols = new Map<string, ElfSymbol>();
  for (const symbol of elf.symbols)
    if (symbol.type === STT.OBJECT && symbol.bind !== STB.LOCAL) symbols.set(symbol.name, symbol);
  const found = new Map<string, Variable[]>();
  for (const { name: datasec, vars } of datasecs.values())
    for (const entry of vars) {
      const variable = btf.types[entry.type];
      if (variable?.kind !== "var" || variable.linkage !== GLOBAL) continue;
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
 * The section of the kconfig externs. They get their places only when libbpf opens the object. It sorts them by
 * alignment, the largest first, then by size, the smallest first, and then by name (bpf_object__collect_externs).
 */
function kconfigSection(btf: Btf, vars: readonly BtfSecVar[]): DataSection {
  const externs = vars.flatMap((entry) => {
    const variable = btf.types[entry.type];
    if (variable?.kind !== "var") return [];
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

/** The alignment of the types that a kconfig extern can have: numbers, enums and arrays of characters. */
function alignOf(btf: Btf, id: number): number {
  const { type } = resolve(btf, id);
  if (type.kind === "array") return alignOf(btf, type.type);
  return Math.max(1, Math.min(8, "size" in type ? type.size : 8));
}

function structOps(btf: Btf, datasecs: ReadonlyMap<string, Datasec>): StructOps[] {
  return [".struct_ops", ".struct_ops.link"].flatMap((name) =>
    (datasecs.get(name)?.vars ?? []).map((entry) => ({
      name: btf.types[entry.type]?.name ?? "",
      link: name === ".struct_ops.link",
    })),
  );
}
