/**
 * BTF's types as data (the kernel's Documentation/bpf/btf.rst). `type` is the id of another type, and 0 is the id of
 * void. `name` is empty if the type has no name.
 */
export type BtfType =
  | BtfInt
  | BtfFloat
  | { readonly kind: "void"; readonly name: "" }
  | { readonly kind: "ptr"; readonly name: string; readonly type: number }
  | { readonly kind: "array"; readonly name: string; readonly type: number; readonly length: number }
  | BtfComposite
  | BtfEnum
  | { readonly kind: "fwd"; readonly name: string; readonly union: boolean }
  | {
      readonly kind: "typedef" | "volatile" | "const" | "restrict";
      readonly name: string;
      readonly type: number;
    }
  /** The name is the tag's text. */
  | { readonly kind: "typeTag"; readonly name: string; readonly type: number }
  | { readonly kind: "func"; readonly name: string; readonly type: number; readonly linkage: number }
  | {
      readonly kind: "funcProto";
      readonly name: string;
      readonly returns: number;
      readonly params: readonly BtfParam[];
    }
  | BtfVar
  | {
      readonly kind: "datasec";
      readonly name: string;
      readonly size: number;
      readonly vars: readonly BtfSecVar[];
    }
  /** A tag on a declaration. `component` is the index of the member or parameter that has it, or -1. */
  | { readonly kind: "declTag"; readonly name: string; readonly type: number; readonly component: number };

export interface BtfInt {
  readonly kind: "int";
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly signed: boolean;
  readonly bool: boolean;
  /**
   * How many of the bits are the integer's, and where they begin. Compilers that are older than BTF's own bitfields
   * describe a bitfield this way. For every other integer these are size × 8 and 0.
   */
  readonly bits: number;
  readonly bitOffset: number;
}

export interface BtfFloat {
  readonly kind: "float";
  readonly name: string;
  readonly size: number;
}

export interface BtfComposite {
  readonly kind: "struct" | "union";
  readonly name: string;
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfMember {
  readonly name: string;
  readonly type: number;
  /** Where the member begins, in bits from the start of the struct. */
  readonly bitOffset: number;
  /** How many bits a bitfield has; 0 for other members. */
  readonly bitSize: number;
}

export interface BtfEnum {
  readonly kind: "enum";
  readonly name: string;
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BtfParam {
  readonly name: string;
  readonly type: number;
}

export interface BtfVar {
  readonly kind: "var";
  readonly name: string;
  readonly type: number;
  /** 0 for a static variable, 1 for a global one, 2 for an extern one. */
  readonly linkage: number;
}

export interface BtfSecVar {
  /** The id of a `var`; in `.ksyms` it may be the id of a `func`. */
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** A type's id is its index in `types`. `types[0]` is void. */
export interface Btf {
  readonly types: readonly BtfType[];
}
