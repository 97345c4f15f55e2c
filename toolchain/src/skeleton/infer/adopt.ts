import { sizeOf } from "../../btf/layout.ts";
import type { Btf, BtfMember, BtfType } from "../../btf/types.ts";
import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";
import { byteSize, dimensions, nameOf, numberOf, typeOf } from "./declared.ts";

/** How deep a type may be nested, and how many types one event may need. */
const DEPTH_MAX = 64;
const TYPES_MAX = 4096;

/** The encodings of DW_AT_encoding that matter here. */
const ENCODING = { boolean: 0x02, float: 0x04, signed: 0x05, signedChar: 0x06 } as const;

/** The kinds of BTF that stand for the same thing in DWARF. */
export const KINDS: Readonly<Record<number, BtfType["kind"]>> = {
  [TAG.structure]: "struct",
  [TAG.union]: "union",
  [TAG.enumeration]: "enum",
  [TAG.typedef]: "typedef",
  [TAG.base]: "int",
};

const MODIFIERS: Readonly<Record<number, "const" | "volatile" | "restrict">> = {
  [TAG.constant]: "const",
  [TAG.volatile]: "volatile",
  [TAG.restrict]: "restrict",
};

/**
 * BTF with the types added that only DWARF has. clang writes to BTF what maps, globals and functions name; a struct
 * that is only a local variable is in DWARF alone.
 */
export class Adopter {
  readonly #dwarf: Dwarf;
  readonly #types: BtfType[];
  readonly #given: ReadonlyMap<string, readonly number[]>;
  readonly #adopted = new Map<Entry, number>();

  constructor(btf: Btf, dwarf: Dwarf) {
    this.#dwarf = dwarf;
    this.#types = [...btf.types];
    this.#given = byName(btf);
  }

  get btf(): Btf {
    return { types: this.#types };
  }

  /**
   * The id of a type, which is that of the same type in BTF if it is there.
   * @throws RangeError if the type is too large
   */
  adopt(type: Entry | undefined, depth = 0): number {
    if (type === undefined) return 0;
    const known = this.#adopted.get(type) ?? this.#same(type);
    if (known !== undefined) return known;
    if (depth > DEPTH_MAX || this.#adopted.size > TYPES_MAX) throw new RangeError("too large a type");
    const made = this.#make(type, depth + 1);
    const id = this.#types.push(made) - 1;
    this.#adopted.set(type, id);
    return id;
  }

  /** The type in BTF that has the same kind, name and size and, if it has members, the same members. */
  #same(type: Entry): number | undefined {
    const kind = KINDS[type.tag];
    const name = nameOf(type);
    if (kind === undefined || name === "") return undefined;
    const found = (this.#given.get(`${kind} ${name}`) ?? []).find((id) => {
      const given = this.#types[id] as BtfType;
      if (sizeOf({ types: this.#types }, id) !== byteSize(this.#dwarf, type)) return false;
      return !("members" in given) || sameNames(given.members, membersOf(type));
    });
    if (found !== undefined) this.#adopted.set(type, found);
    return found;
  }

  #make(type: Entry, depth: number): BtfType {
    const name = nameOf(type);
    const target = () => this.adopt(typeOf(this.#dwarf, type), depth);
    const modifier = MODIFIERS[type.tag];
    if (modifier !== undefined) return { kind: modifier, name: "", type: target() };
    switch (type.tag) {
      case TAG.typedef:
        return { kind: "typedef", name, type: target() };
      case TAG.base:
        return this.#base(type, name);
      case TAG.pointer:
        // User space reads no more of a pointer than its number, so what it points to need not be known.
        return { kind: "ptr", name: "", type: 0 };
      case TAG.array:
        return this.#array(type, target());
      case TAG.enumeration:
        return this.#enum(type, name);
      case TAG.structure:
      case TAG.union:
        return this.#composite(type, name, depth);
      default:
        return { kind: "fwd", name, union: false };
    }
  }

  #base(type: Entry, name: string): BtfType {
    const size = numberOf(type, AT.byteSize) ?? 0;
    const encoding = numberOf(type, AT.encoding);
    if (encoding === ENCODING.float) return { kind: "float", name, size };
    const signed = encoding === ENCODING.signed || encoding === ENCODING.signedChar;
    const bool = encoding === ENCODING.boolean;
    return { kind: "int", name, size, signed, bool, bits: size * 8, bitOffset: 0 };
  }

  #array(type: Entry, element: number): BtfType {
    const lengths = dimensions(type);
    const inner = lengths
      .slice(1)
      .reduceRight(
        (to, length) => this.#types.push({ kind: "array", name: "", type: to, length }) - 1,
        element,
      );
    return { kind: "array", name: "", type: inner, length: lengths[0] ?? 0 };
  }

  #enum(type: Entry, name: string): BtfType {
    const values = type.children
      .filter(({ tag }) => tag === TAG.enumerator)
      .map((one) => ({ name: nameOf(one), value: BigInt(numberOf(one, AT.constValue) ?? 0) }));
    const signed = values.some(({ value }) => value < 0n);
    return { kind: "enum", name, size: numberOf(type, AT.byteSize) ?? 0, signed, values };
  }

  #composite(type: Entry, name: string, depth: number): BtfType {
    const size = numberOf(type, AT.byteSize);
    const union = type.tag === TAG.union;
    if (size === undefined) return { kind: "fwd", name, union };
    const members: BtfMember[] = membersOf(type).map((member) => {
      const bitSize = numberOf(member, AT.bitSize) ?? 0;
      const type = this.adopt(typeOf(this.#dwarf, member), depth);
      return { name: nameOf(member), type, bitOffset: bitOffset(this.#dwarf, member, bitSize), bitSize };
    });
    return { kind: union ? "union" : "struct", name, size, members };
  }
}

function membersOf(type: Entry): Entry[] {
  return type.children.filter(({ tag }) => tag === TAG.member);
}

/**
 * Where a member begins, in bits. For bit-fields clang writes the way of DWARF 3 for BPF: the bits between the upper end
 * of the storage and that of the field.
 */
function bitOffset(dwarf: Dwarf, member: Entry, bitSize: number): number {
  const whole = (numberOf(member, AT.memberLocation) ?? 0) * 8;
  const above = numberOf(member, AT.bitOffset);
  if (above === undefined) return numberOf(member, AT.dataBitOffset) ?? whole;
  const storage = numberOf(member, AT.byteSize) ?? byteSize(dwarf, typeOf(dwarf, member)) ?? 0;
  return whole + storage * 8 - above - bitSize;
}

function sameNames(members: readonly BtfMember[], others: readonly Entry[]): boolean {
  return (
    members.length === others.length &&
    members.every(({ name }, index) => name === nameOf(others[index] as Entry))
  );
}

function byName(btf: Btf): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [id, type] of btf.types.entries()) {
    if (type.name === "") continue;
    const key = `${type.kind} ${type.name}`;
    const ids = found.get(key);
    if (ids === undefined) found.set(key, [id]);
    else ids.push(id);
  }
  return found;
}
