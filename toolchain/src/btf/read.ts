import { Failure } from "../base/failure.ts";
import { settleSigns } from "./signs.ts";
import type { Btf, BtfEnum, BtfInt, BtfMember, BtfParam, BtfSecVar, BtfType } from "./types.ts";

const MAGIC = 0xeb9f;
const NAME_MAX = 1024;

/** Fails with "btf-corrupt". */
export function corrupt(what: string, type?: number): never {
  throw new Failure("btf", { kind: "btf-corrupt", what, ...(type === undefined ? {} : { type }) });
}

/** Reads bytes in order. Each type first claims its entries, so that nothing is read past the end. */
class Cursor {
  readonly view: DataView;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
    this.at = 0;
  }

  /** Checks that `count` entries of `size` bytes are there before any of them is read: a wrong count costs nothing. */
  claim(count: number, size: number, id: number): void {
    if (this.at + count * size > this.end) corrupt("a type ends past the end of the type table", id);
  }

  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  i32(): number {
    return this.u32() | 0;
  }
}

interface Header {
  readonly types: Uint8Array;
  readonly strings: Uint8Array;
}

function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < 24) corrupt("the header is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== MAGIC) corrupt("it does not begin with the magic number");
  const version = view.getUint8(2);
  if (version !== 1) throw new Failure("btf", { kind: "btf-unsupported", what: `BTF version ${version}` });
  const base = view.getUint32(4, true);
  if (base < 24) corrupt("the header is cut short");
  const part = (offset: number, size: number, what: string) => {
    if (base + offset + size > bytes.length) corrupt(`the ${what} table ends past the end of the section`);
    return bytes.subarray(base + offset, base + offset + size);
  };
  return {
    types: part(view.getUint32(8, true), view.getUint32(12, true), "type"),
    strings: part(view.getUint32(16, true), view.getUint32(20, true), "string"),
  };
}

/** Returns a function that looks names up by their offset, and decodes each of them only once. */
export function stringTable(bytes: Uint8Array): Names {
  const decoder = new TextDecoder();
  const known = new Map<number, string>([[0, ""]]);
  return (offset, id) => {
    const found = known.get(offset);
    if (found !== undefined) return found;
    if (offset >= bytes.length) corrupt("a name lies outside the string table", id);
    const end = bytes.indexOf(0, offset);
    if (end < 0) corrupt("a name is not terminated", id);
    if (end - offset > NAME_MAX) corrupt(`a name is longer than ${NAME_MAX} bytes`, id);
    const text = decoder.decode(bytes.subarray(offset, end));
    known.set(offset, text);
    return text;
  };
}

type Names = (offset: number, id?: number) => string;

/** The 12 bytes with which each type begins. */
interface Head {
  readonly id: number;
  readonly name: string;
  /** How many entries follow; of a function it is the linkage. */
  readonly count: number;
  readonly flag: boolean;
  /** In bytes, or the id of a type: which of them depends on the kind. */
  readonly sizeOrType: number;
}

function readMembers(c: Cursor, { id, count, flag: packed }: Head, names: Names): BtfMember[] {
  c.claim(count, 12, id);
  return Array.from({ length: count }, () => {
    const name = names(c.u32(), id);
    const type = c.u32();
    const offset = c.u32();
    return packed
      ? { name, type, bitOffset: offset & 0xffffff, bitSize: offset >>> 24 }
      : { name, type, bitOffset: offset, bitSize: 0 };
  });
}

function readInt(c: Cursor, { id, name, sizeOrType: size }: Head): BtfInt {
  c.claim(1, 4, id);
  const encoding = c.u32();
  const bits = encoding & 0xff;
  const bitOffset = (encoding >>> 16) & 0xff;
  if (bits > 128 || bits + bitOffset > size * 8) corrupt("an integer has more bits than bytes for them", id);
  const signed = (encoding & (1 << 24)) !== 0;
  const bool = (encoding & (4 << 24)) !== 0;
  return { kind: "int", name, size, signed, bool, bits, bitOffset };
}

function readArray(c: Cursor, { id, name }: Head): BtfType {
  c.claim(1, 12, id);
  const type = c.u32();
  // The type of the index.
  c.u32();
  return { kind: "array", name, type, length: c.u32() };
}

/** @param wide whether a value is 8 bytes, the low half first, instead of up to 4 */
function readEnum(
  c: Cursor,
  { id, name, count, flag: signed, sizeOrType: size }: Head,
  names: Names,
  wide: boolean,
): BtfEnum {
  c.claim(count, wide ? 12 : 8, id);
  const half = () => BigInt(signed ? c.i32() : c.u32());
  const values = Array.from({ length: count }, () => {
    const label = names(c.u32(), id);
    return { name: label, value: wide ? BigInt(c.u32()) | (half() << 32n) : half() };
  });
  return { kind: "enum", name, size, signed, values };
}

function readParams(c: Cursor, { id, count }: Head, names: Names): BtfParam[] {
  c.claim(count, 8, id);
  return Array.from({ length: count }, () => ({ name: names(c.u32(), id), type: c.u32() }));
}

function readSecVars(c: Cursor, { id, count }: Head): BtfSecVar[] {
  c.claim(count, 12, id);
  return Array.from({ length: count }, () => ({ type: c.u32(), offset: c.u32(), size: c.u32() }));
}

/** One type: its head, and what its kind has behind it. */
function readType(c: Cursor, id: number, names: Names): BtfType {
  c.claim(1, 12, id);
  const name = names(c.u32(), id);
  const info = c.u32();
  const sizeOrType = c.u32();
  const head: Head = { id, name, count: info & 0xffff, flag: info >>> 31 === 1, sizeOrType };
  return readKind(c, (info >>> 24) & 0x1f, head, names);
}

function readKind(c: Cursor, kind: number, head: Head, names: Names): BtfType {
  const { id, name, sizeOrType: size, sizeOrType: type } = head;
  switch (kind) {
    case 1:
      return readInt(c, head);
    case 2:
      return { kind: "ptr", name, type };
    case 3:
      return readArray(c, head);
    case 4:
      return { kind: "struct", name, size, members: readMembers(c, head, names) };
    case 5:
      return { kind: "union", name, size, members: readMembers(c, head, names) };
    case 6:
      return readEnum(c, head, names, false);
    case 7:
      return { kind: "fwd", name, union: head.flag };
    case 8:
      return { kind: "typedef", name, type };
    case 9:
      return { kind: "volatile", name, type };
    case 10:
      return { kind: "const", name, type };
    case 11:
      return { kind: "restrict", name, type };
    case 12:
      return { kind: "func", name, type, linkage: head.count };
    case 13:
      return { kind: "funcProto", name, returns: type, params: readParams(c, head, names) };
    case 14:
      c.claim(1, 4, id);
      return { kind: "var", name, type, linkage: c.u32() };
    case 15:
      return { kind: "datasec", name, size, vars: readSecVars(c, head) };
    case 16:
      return { kind: "float", name, size };
    case 17:
      c.claim(1, 4, id);
      return { kind: "declTag", name, type, component: c.i32() };
    case 18:
      return { kind: "typeTag", name, type };
    case 19:
      return readEnum(c, head, names, true);
    default:
      throw new Failure("btf", { kind: "btf-unsupported", what: `BTF kind ${kind} (type ${id})` });
  }
}

/** The ids of the types that a type refers to. */
function references(type: BtfType): readonly number[] {
  switch (type.kind) {
    case "struct":
    case "union":
      return type.members.map((member) => member.type);
    case "funcProto":
      return [type.returns, ...type.params.map((param) => param.type)];
    case "datasec":
      return type.vars.map((entry) => entry.type);
    default:
      return "type" in type ? [type.type] : [];
  }
}

/**
 * Reads the bytes of a `.BTF` section, which are little-endian. Every id in the result is that of a type in it. Sizes
 * and nesting are not checked here: `layout.ts` does that for the types it is asked about.
 *
 * @throws Failure<"btf">
 */
export function readBtf(bytes: Uint8Array): Btf {
  const header = readHeader(bytes);
  const str = stringTable(header.strings);
  const types: BtfType[] = [{ kind: "void", name: "" }];
  const cursor = new Cursor(header.types);
  while (cursor.at < cursor.end) types.push(readType(cursor, types.length, str));
  types.forEach((type, id) => {
    for (const to of references(type))
      if (to >= types.length) corrupt(`it refers to type ${to}, which does not exist`, id);
  });
  return { types: settleSigns(types) };
}
