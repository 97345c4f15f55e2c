import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import { resolve } from "../btf/layout.ts";
import type { Btf, BtfSecVar } from "../btf/types.ts";
import { readElf, STT } from "../elf/read.ts";
import { parseSection } from "../facts/sections.ts";
import { type MapDefinition, readMaps } from "../skeleton/maps.ts";
import { readObject } from "../skeleton/object.ts";
import { typeText } from "./type-text.ts";

/** A BPF program. */
export interface ProgramReport {
  readonly name: string;
  /** The text of SEC(). */
  readonly section: string;
  /** Its type, as `enum bpf_prog_type` has it in lower case; `unknown` for a section that this version does not know. */
  readonly type: string;
  /** How many instructions of 8 bytes it has, without the functions that it calls. */
  readonly instructions: number;
  /** It is loaded only if the app asks for it: its section begins with a question mark. */
  readonly optional: boolean;
}

/** A map. Sizes are in bytes. */
export interface MapReport {
  readonly name: string;
  readonly type: string;
  readonly keySize: number;
  readonly valueSize: number;
  /** 0 where the app sets it when it starts, or the kernel does. */
  readonly maxEntries: number;
  readonly flags: number;
  /** It is pinned to the BPF file system under its name, for other processes (`LIBBPF_PIN_BY_NAME`). */
  readonly pinned: boolean;
}

/** A section of global variables. Sizes and offsets are in bytes. */
export interface SectionReport {
  readonly name: string;
  readonly size: number;
  readonly variables: readonly {
    readonly name: string;
    /** As C spells it. */
    readonly type: string;
    readonly offset: number;
    readonly size: number;
  }[];
}

/** What a BPF object consists of. */
export interface ObjectReport {
  /** The NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  /** The licence that it tells the kernel, which decides what helpers it may call: `Dual BSD/GPL`; absent without one. */
  readonly licence?: string | undefined;
  readonly programs: readonly ProgramReport[];
  readonly maps: readonly MapReport[];
  readonly sections: readonly SectionReport[];
  /** The numbers of the helpers that are called (`enum bpf_func_id`), in ascending order. */
  readonly helpers: readonly number[];
  /** Whether one register is subtracted from another one, which with pointers takes a capability. */
  readonly subtracts: boolean;
  /** Whether it is fitted to the running kernel's types (CO-RE), or attached by them, and so takes the kernel's BTF. */
  readonly kernelTypes: boolean;
}

/** The head of a BPF object: 64 bits, little-endian, version 1, of no system, relocatable, for machine 247. */
const HEAD = Buffer.from("7f454c460201010000000000000000000100f700", "hex");

/** How many objects an addon may hold. */
const OBJECTS_MAX = 64;

/**
 * The bytes of the BPF objects that lie in an addon. bpftool's skeleton puts them there as they are, and the addon's own
 * symbols are gone, so they are found by their first bytes. An object ends with its section table, as LLVM and libbpf's
 * linker write it.
 */
export function objectsIn(addon: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (
    let at = addon.indexOf(HEAD);
    at >= 0 && found.length < OBJECTS_MAX;
    at = addon.indexOf(HEAD, at + 1)
  ) {
    if (at + 64 > addon.length) break;
    const table = Number(addon.readBigUInt64LE(at + 40));
    const size = table + addon.readUInt16LE(at + 58) * addon.readUInt16LE(at + 60);
    if (size < 64 || size > addon.length - at) continue;
    found.push(addon.subarray(at, at + size));
    at += size - 1;
  }
  return found;
}

/**
 * Describes a BPF object.
 * @throws Failure of the layers skeleton, btf and elf
 */
export function describeObject(name: string, bytes: Uint8Array): ObjectReport {
  const object = readObject(bytes);
  const { btf, programs, helpers, subtracts } = object;
  const elf = readElf(bytes);
  const sizes = new Map(
    elf.symbols.filter(({ type }) => type === STT.FUNC).map((symbol) => [symbol.name, symbol.size]),
  );
  const maps = readMaps(btf, object.maps, () => undefined);
  const pinned = object.maps.map((entry) => isPinned(btf, entry));
  const reports = programs.map(
    ({ name, section }): ProgramReport => ({
      name,
      section,
      type: parseSection(section)?.type ?? "unknown",
      instructions: Math.floor((sizes.get(name) ?? 0) / 8),
      optional: section.startsWith("?"),
    }),
  );
  const extern = btf.types.some(({ kind, name }) => kind === "datasec" && name === ".ksyms");
  const relocated = coreRelocations(elf.section(".BTF.ext")?.data) > 0;
  return {
    name,
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    licence: licenceIn(elf.section("license")?.data),
    programs: reports,
    maps: [
      ...maps.map((map, at) => mapReport(map, pinned[at] === true)),
      ...object.structOps.map(({ name }) => structOpsReport(name)),
    ],
    sections: object.sections.map(({ name, size, variables }) => ({
      name,
      size,
      variables: variables.map((one) => ({ ...one, type: typeText(btf, one.type) })),
    })),
    helpers,
    subtracts,
    kernelTypes: relocated || extern || reports.some(byKernelTypes),
  };
}

/** The kernel takes 128 bytes of the section. */
const LICENCE_MAX = 128;

function licenceIn(section: Uint8Array | undefined): string | undefined {
  const text = Buffer.from(section?.subarray(0, LICENCE_MAX) ?? []).toString("utf8");
  return text.replace(/\0.*$/s, "") || undefined;
}

function mapReport(map: MapDefinition, pinned: boolean): MapReport {
  const { name, type, keySize, valueSize, maxEntries, flags } = map;
  return { name, type, keySize, valueSize, maxEntries, flags, pinned };
}

/** Whether a map's definition has `__uint(pinning, LIBBPF_PIN_BY_NAME)`: a pointer to an array of that many elements. */
function isPinned(btf: Btf, entry: BtfSecVar): boolean {
  const variable = btf.types[entry.type];
  const struct = variable?.kind === "var" ? resolve(btf, variable.type).type : undefined;
  if (struct?.kind !== "struct") return false;
  const member = struct.members.find(({ name }) => name === "pinning");
  const pointer = member && resolve(btf, member.type).type;
  const array = pointer?.kind === "ptr" ? resolve(btf, pointer.type).type : undefined;
  return array?.kind === "array" && array.length === 1;
}

/** libbpf makes a map of one element of a struct_ops variable; how large its value is, only the kernel's types say. */
function structOpsReport(name: string): MapReport {
  return { name, type: "struct_ops", keySize: 4, valueSize: 0, maxEntries: 1, flags: 0, pinned: false };
}

function byKernelTypes({ section, type }: ProgramReport): boolean {
  const way = parseSection(section)?.way;
  return way === "trace" || way === "iter" || type === "lsm" || type === "struct_ops" || type === "ext";
}

/**
 * How many bytes of CO-RE relocations `.BTF.ext` has (the kernel's Documentation/bpf/btf.rst, struct btf_ext_header): the
 * field core_relo_len lies at offset 28, if the header is as long as that.
 */
function coreRelocations(section: Uint8Array | undefined): number {
  if (section === undefined || section.length < 32) return 0;
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  // The records' size alone takes 4 bytes.
  return view.getUint32(4, true) >= 32 ? Math.max(0, view.getUint32(28, true) - 4) : 0;
}

/** Whether an error says that bytes are no BPF object that can be read. */
export function isObjectFailure(error: unknown): error is Failure {
  return error instanceof Failure && ["elf", "btf", "skeleton"].includes(error.layer);
}
