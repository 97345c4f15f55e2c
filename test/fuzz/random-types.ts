/** Random C types as trees, laid out as the System V ABI lays them out, for properties of what is generated from them. */
import fc from "fast-check";
import type { BtfBuilder } from "../btf/builder.ts";

export type CType =
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8 | 16; readonly signed: boolean }
  | { readonly kind: "bool" | "pointer" }
  | { readonly kind: "float" | "enum"; readonly size: 4 | 8 }
  | { readonly kind: "chars"; readonly length: number }
  | { readonly kind: "array"; readonly of: CType; readonly length: number }
  | Composite;

export interface Composite {
  readonly kind: "struct" | "union";
  readonly packed: boolean;
  readonly members: readonly CMember[];
}

/** A member. One that is anonymous is a struct or a union; `bits` is the width of a bitfield. */
interface CMember {
  readonly type: CType;
  readonly anonymous: boolean;
  readonly bits?: number;
}

/** Where the members of a struct are, in bits. */
interface Layout {
  readonly size: number;
  readonly align: number;
  readonly at: readonly number[];
}

const scalar: fc.Arbitrary<CType> = fc.oneof(
  fc.record({
    kind: fc.constant("int" as const),
    size: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const, 16 as const),
    signed: fc.boolean(),
  }),
  fc.constant({ kind: "bool" as const }),
  fc.record({
    kind: fc.constantFrom("float" as const, "enum" as const),
    size: fc.constantFrom(4 as const, 8 as const),
  }),
  fc.constant({ kind: "pointer" as const }),
  fc.record({ kind: fc.constant("chars" as const), length: fc.integer({ min: 1, max: 9 }) }),
);

const bitfield: fc.Arbitrary<CMember> = fc
  .record({ size: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const), signed: fc.boolean() })
  .chain(({ size, signed }) =>
    fc.record({
      type: fc.constant<CType>({ kind: "int", size, signed }),
      anonymous: fc.constant(false),
      bits: fc.integer({ min: 1, max: size * 8 }),
    }),
  );

function member(type: fc.Arbitrary<CType>): fc.Arbitrary<CMember> {
  return fc
    .record({ type, anonymous: fc.boolean() })
    .map((made) => ({ ...made, anonymous: made.anonymous && "members" in made.type }));
}

function typeOf(depth: number): fc.Arbitrary<CType> {
  if (depth === 0) return scalar;
  const inner = typeOf(depth - 1);
  return fc.oneof(
    { arbitrary: scalar, weight: 3 },
    {
      arbitrary: fc.record({
        kind: fc.constant("array" as const),
        of: inner,
        length: fc.integer({ min: 1, max: 3 }),
      }),
      weight: 1,
    },
    { arbitrary: compositeOf(depth), weight: 3 },
  );
}

function compositeOf(depth: number): fc.Arbitrary<Composite> {
  return fc.record({
    kind: fc.constantFrom("struct" as const, "union" as const),
    packed: fc.boolean(),
    members: fc.array(
      fc.oneof({ arbitrary: bitfield, weight: 1 }, { arbitrary: member(typeOf(depth - 1)), weight: 4 }),
      { minLength: 1, maxLength: 5, size: "max" },
    ),
  });
}

/** A struct or a union of anything, at most four levels deep. */
export const composite: fc.Arbitrary<Composite> = compositeOf(4);

const up = (n: number, to: number) => Math.ceil(n / to) * to;

export function layoutOf(type: CType): Layout {
  switch (type.kind) {
    case "int":
      return { size: type.size, align: type.size, at: [] };
    case "float":
    case "enum":
      return { size: type.size, align: type.size, at: [] };
    case "bool":
      return { size: 1, align: 1, at: [] };
    case "pointer":
      return { size: 8, align: 8, at: [] };
    case "chars":
      return { size: type.length, align: 1, at: [] };
    case "array": {
      const { size, align } = layoutOf(type.of);
      return { size: size * type.length, align, at: [] };
    }
    default:
      return compositeLayout(type);
  }
}

function compositeLayout({ kind, packed, members }: Composite): Layout {
  let end = 0;
  let align = 1;
  let furthest = 0;
  const at = members.map(({ type, bits }) => {
    const own = layoutOf(type);
    const unit = packed ? 1 : own.align;
    align = Math.max(align, unit);
    const from = kind === "union" ? 0 : end;
    const start = bits === undefined ? up(from, unit * 8) : bitStart(from, bits, own.size * 8, packed);
    end = start + (bits ?? own.size * 8);
    furthest = Math.max(furthest, end);
    return start;
  });
  return { size: up(Math.ceil(furthest / 8), align), align, at };
}

/** A bitfield does not cross a boundary of its type, unless the struct is packed. */
function bitStart(from: number, bits: number, width: number, packed: boolean): number {
  const crosses = Math.floor(from / width) !== Math.floor((from + bits - 1) / width);
  return crosses && !packed ? up(from, width) : from;
}

/** Adds a type to BTF, and returns its id. Structs with a name are called `S` and a number. */
export function addType(btf: BtfBuilder, type: CType, anonymous = false): number {
  switch (type.kind) {
    case "int":
      return btf.int(`i${type.size * 8}`, type.size, { signed: type.signed });
    case "bool":
      return btf.int("_Bool", 1, { bool: true });
    case "float":
      return btf.float("f", type.size);
    case "pointer":
      return btf.ptr(0);
    case "enum":
      return type.size === 4 ? btf.enum(name("e"), { A: 0 }) : btf.enum64(name("e"), { A: 0n });
    case "chars":
      return btf.array(btf.int("char", 1, { signed: true }), type.length);
    case "array":
      return btf.array(addType(btf, type.of), type.length);
    default: {
      const { size, at } = layoutOf(type);
      const members = type.members.map((one, index) => ({
        name: one.anonymous ? "" : name("m"),
        type: addType(btf, one.type, one.anonymous),
        at: at[index]!,
        ...(one.bits === undefined ? {} : { bits: one.bits }),
      }));
      return btf.struct(anonymous ? "" : name("S"), size, members, type.kind);
    }
  }
}

let names = 0;

function name(prefix: string): string {
  return `${prefix}${names++}`;
}

/** Calls a function for each part of a type that is no array and no struct, with the bits it covers. */
export function leaves(
  type: CType,
  visit: (leaf: CType, first: number, count: number, overlapped: boolean, inArray: boolean) => void,
  first = 0,
  overlapped = false,
  inArray = false,
): void {
  if (type.kind === "array") {
    const width = layoutOf(type.of).size * 8;
    for (let i = 0; i < type.length; i++) leaves(type.of, visit, first + i * width, overlapped, true);
  } else if (type.kind === "struct" || type.kind === "union") {
    const { at } = layoutOf(type);
    type.members.forEach((one, index) => {
      const start = first + at[index]!;
      const shared = overlapped || type.kind === "union";
      if (one.bits !== undefined) visit(one.type, start, one.bits, shared, false);
      else leaves(one.type, visit, start, shared, false);
    });
  } else visit(type, first, layoutOf(type).size * 8, overlapped, inArray);
}
