import type { BtfEnum } from "../btf/types.ts";

/** A type of C, reduced to what decides how its values look in TypeScript. Sizes are in bytes. */
export type Shape =
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8 | 16; readonly signed: boolean }
  | { readonly kind: "bool" }
  | { readonly kind: "float"; readonly size: 4 | 8 }
  | { readonly kind: "pointer" }
  | { readonly kind: "enum"; readonly decl: EnumDecl }
  | { readonly kind: "chars"; readonly length: number }
  | { readonly kind: "array"; readonly element: Shape; readonly length: number }
  | { readonly kind: "struct"; readonly decl: StructDecl };

/** An enum. */
export interface EnumDecl {
  /** The name of the type in C, for people: `enum state`. */
  readonly ctype: string;
  /** The tag in C; for an enum without a tag, the name of its typedef or one that is made from where it is used. */
  readonly tag: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly values: BtfEnum["values"];
  /** The name that it gets in the generated file if nothing else has that name. */
  readonly wanted: string;
  readonly origin: Origin;
  /** The name in the generated file. It is set when all names are known. */
  name: string;
}

/**
 * Where the name of a type comes from: its own tag, a typedef of what has no tag, or, where there is neither, the path by
 * which it is reached.
 */
export type Origin = "tag" | "typedef" | "path";

/**
 * A struct or union. The members of its anonymous members count as its own, as in C. `ctype`, `tag`, `wanted` and
 * `origin` are as in EnumDecl.
 */
export interface StructDecl {
  readonly ctype: string;
  readonly tag: string;
  readonly wanted: string;
  readonly origin: Origin;
  readonly size: number;
  readonly members: readonly Member[];
  /** The name of the plain type and of the codec. It is set when all names are known. */
  name: string;
  /** The name of the class of accessors. */
  viewName: string;
  /** The name of the type that can be written. */
  initName: string;
  /** The alignment, in bytes, that every use in this object has. `alignment.ts` determines it. */
  align: number;
  /** Whether it is used, at any depth, in a member of a union. `overlaps.ts` determines it. */
  overlapped: boolean;
}

/** A member of a struct, or a variable of a data section. */
export interface Member {
  /** The name in C, by which its comments are found as well. */
  readonly name: string;
  /** The name of its property in TypeScript. */
  readonly property: string;
  /**
   * The name of the property with its bytes. It is empty unless the member belongs to the kernel, or is of a type whose
   * values may not say all of their bytes: text, and in a union also booleans and floats.
   */
  bytesProperty: string;
  readonly shape: Shape;
  readonly size: number;
  /** In bytes, from the start of the struct. */
  readonly offset: number;
  /** The bits of a bitfield, counted from bit 0 of the struct's first byte. */
  readonly bits?: { readonly first: number; readonly count: number };
  /** Whether it shares its bytes with other members. */
  readonly inUnion: boolean;
  /** The C type of a member that belongs to the kernel and is hidden from user space. */
  readonly opaque?: string;
  /** Whether it is a flexible array member, which has as many elements as the record has room for. */
  readonly flexible: boolean;
}

/** Whether a member has a property for its bytes wherever it is. */
export function hasBytes({ shape, opaque }: Pick<Member, "shape" | "opaque">): boolean {
  return opaque !== undefined || innermost(shape).kind === "chars";
}

/** The type of the elements of an array, or of those of an array of arrays; any other type itself. */
export function innermost(shape: Shape): Shape {
  return shape.kind === "array" ? innermost(shape.element) : shape;
}

/** The size of a type in bytes, as sizeof gives it. */
export function shapeSize(shape: Shape): number {
  switch (shape.kind) {
    case "int":
    case "float":
      return shape.size;
    case "bool":
      return 1;
    case "pointer":
      return 8;
    case "enum":
      return shape.decl.size;
    case "chars":
      return shape.length;
    case "array":
      return shape.length * shapeSize(shape.element);
    case "struct":
      return shape.decl.size;
  }
}
