import type { BtfEnum } from "../btf/types.ts";

/** A C type, reduced to what decides how its value looks in TypeScript. */
export type Shape =
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8 | 16; readonly signed: boolean }
  | { readonly kind: "bool" }
  | { readonly kind: "float"; readonly size: 4 | 8 }
  | { readonly kind: "pointer" }
  | { readonly kind: "enum"; readonly decl: EnumDecl }
  | { readonly kind: "chars"; readonly length: number }
  | { readonly kind: "array"; readonly element: Shape; readonly length: number }
  | { readonly kind: "struct"; readonly decl: StructDecl };

export interface EnumDecl {
  readonly ctype: string;
  /** Its name in C, or what stands for it. */
  readonly tag: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly values: BtfEnum["values"];
  /** What it would like to be called. */
  readonly wanted: string;
  /** In the generated file. */
  name: string;
}

/** A struct or union, its anonymous members spread out as C lets one use them. */
export interface StructDecl {
  readonly ctype: string;
  readonly tag: string;
  readonly wanted: string;
  readonly size: number;
  readonly members: readonly Member[];
  name: string;
  viewName: string;
  /** Of the type one may write, if that is not `name`. */
  initName: string;
  /** At which every use in this object is aligned, in bytes; found by `alignment.ts`. */
  align: number;
}

export interface Member {
  /** In C; also what comments are found by. */
  readonly name: string;
  /** In TypeScript. */
  readonly property: string;
  /** Of its bytes, where it is text or the kernel's own. */
  readonly bytesProperty: string;
  readonly shape: Shape;
  readonly size: number;
  /** In bytes from the start of the struct. */
  readonly offset: number;
  /** Of a bitfield, counted from bit 0 of the byte at 0. */
  readonly bits?: { readonly first: number; readonly count: number };
  /** It shares its bytes with other members. */
  readonly inUnion: boolean;
  /** The kernel's own, hidden from user space: its C type. */
  readonly opaque?: string;
  /** A flexible array member: as many elements as the record has room for. */
  readonly flexible: boolean;
}

/** Whether a field's bytes can be had beside its value. */
export function hasBytes({ shape, opaque }: Pick<Member, "shape" | "opaque">): boolean {
  return shape.kind === "chars" || opaque !== undefined;
}

/** sizeof. */
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
