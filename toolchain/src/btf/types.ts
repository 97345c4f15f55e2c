/**
 * BTF's types as data (Documentation/bpf/btf.rst). A `type` is the id of another type; 0 is void. `name` is empty for
 * what has none.
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
  /** The tag's text is its name. */
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
  /** A tag on a declaration; `component` is the index of a member or parameter, or -1. */
  | { readonly kind: "declTag"; readonly name: string; readonly type: number; readonly component: number };

export interface BtfInt {
  readonly kind: "int";
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly signed: boolean;
  readonly bool: boolean;
  /** Fewer bits than `size` holds, from compilers older than BTF's own bitfields; otherwise size × 8 and 0. */
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
  /** From the start of the struct, in bits. */
  readonly bitOffset: number;
  /** Bits of a bitfield, 0 for other members. */
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
  /** 0 static, 1 global, 2 extern. */
  readonly linkage: number;
}

export interface BtfSecVar {
  /** Of a `var` (in `.ksyms` also of a `func`). */
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** Types by id; `types[0]` is void. */
export interface Btf {
  readonly types: readonly BtfType[];
}
