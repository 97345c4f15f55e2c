import { Failure } from "../base/failure.ts";
import { settleSigns } from "./signs.ts";
import type { Btf, BtfMember, BtfType } from "./types.ts";

const MAGIC = 0xeb9f;
const NAME_MAX = 1024;

/** Fails with "btf-corrupt". */
export function corrupt(what: string, type?: number): never {
  throw new Failure("btf", { kind: "btf-corrupt", what, ...(type === undefined ? {} : { type }) });
}

/** Bytes read in order; running past the end is a failure that names what was being read. */
class Cursor {
  readonly view: DataView;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
    this.at = 0;
  }

  /** Claims `count` entries of `size` bytes before any is read, so that a wrong count costs nothing. */
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

/** Looks names up, decoding each offset once. */
export function stringTable(bytes: Uint8Array): (offset: number, id?: number) => string {
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

function readMembers(
  c: Cursor,
  count: number,
  packed: boolean,
  str: (offset: number) => string,
): BtfMember[] {
  return Array.from({ length: count }, () => {
    const name = str(c.u32());
    const type = c.u32();
    const offset = c.u32();
    return packed
      ? { name, type, bitOffset: offset & 0xffffff, bitSize: offset >>> 24 }
      : { name, type, bitOffset: offset, bitSize: 0 };
  });
}

/** One type: the 12 common bytes (name, info, size or type), then what the kind adds. */
function readType(c: Cursor, id: number, str: (offset: number, id?: number) => string): BtfType {
  c.claim(1, 12, id);
  const name = str(c.u32(), id);
  const info = c.u32();
  const size = c.u32();
  const type = size;
  const count = info & 0xffff;
  const flag = info >>> 31 === 1;
  const kind = (info >>> 24) & 0x1f;
  const named = (offset: number) => str(offset, id);
  switch (kind) {
    case 1: {
      c.claim(1, 4, id);
      const encoding = c.u32();
      const bits = encoding & 0xff;
      const bitOffset = (encoding >>> 16) & 0xff;
      if (bits > 128 || bits + bitOffset > size * 8)
        corrupt("an integer has more bits than bytes for them", id);
      return {
        kind: "int",
        name,
        size,
        signed: (encoding & (1 << 24)) !== 0,
        bool: (encoding & (4 << 24)) !== 0,
        bits,
        bitOffset,
      };
    }
    case 2:
      return { kind: "ptr", name, type };
    case 3: {
      c.claim(1, 12, id);
      const element = c.u32();
      c.u32();
      return { kind: "array", name, type: element, length: c.u32() };
    }
    case 4:
    case 5:
      c.claim(count, 12, id);
      return {
        kind: kind === 4 ? "struct" : "union",
        name,
        size,
        members: readMembers(c, count, flag, named),
      };
    case 6:
      c.claim(count, 8, id);
      return {
        kind: "enum",
        name,
        size,
        signed: flag,
        values: Array.from({ length: count }, () => {
          const label = named(c.u32());
          return { name: label, value: BigInt(flag ? c.i32() : c.u32()) };
        }),
      };
    case 7:
      return { kind: "fwd", name, union: flag };
    case 8:
      return { kind: "typedef", name, type };
    case 9:
      return { kind: "volatile", name, type };
    case 10:
      return { kind: "const", name, type };
    case 11:
      return { kind: "restrict", name, type };
    case 12:
      return { kind: "func", name, type, linkage: count };
    case 13:
      c.claim(count, 8, id);
      return {
        kind: "funcProto",
        name,
        returns: type,
        params: Array.from({ length: count }, () => ({ name: named(c.u32()), type: c.u32() })),
      };
    case 14:
      c.claim(1, 4, id);
      return { kind: "var", name, type, linkage: c.u32() };
    case 15:
      c.claim(count, 12, id);
      return {
        kind: "datasec",
        name,
        size,
        vars: Array.from({ length: count }, () => ({ type: c.u32(), offset: c.u32(), size: c.u32() })),
      };
    case 16:
      return { kind: "float", name, size };
    case 17:
      c.claim(1, 4, id);
      return { kind: "declTag", name, type, component: c.i32() };
    case 18:
      return { kind: "typeTag", name, type };
    case 19:
      c.claim(count, 12, id);
      return {
        kind: "enum",
        name,
        size,
        signed: flag,
        values: Array.from({ length: count }, () => {
          const label = named(c.u32());
          const low = BigInt(c.u32());
          return { name: label, value: low | (BigInt(flag ? c.i32() : c.u32()) << 32n) };
        }),
      };
    default:
      throw new Failure("btf", { kind: "btf-unsupported", what: `BTF kind ${kind} (type ${id})` });
  }
}

/** Ids that a type refers to: none may lie past the end of the table. */
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
 * Reads the bytes of a `.BTF` section, little-endian. Every id in the result exists; sizes and nesting are not yet
 * believed: `layout.ts` checks those it is asked for. Throws `Failure<"btf">`.
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
