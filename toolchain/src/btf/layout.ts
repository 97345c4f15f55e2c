import { corrupt } from "./read.ts";
import type { Btf, BtfType } from "./types.ts";

/** How deep arrays and structs may be nested by value. What C compilers write is far from it. */
const DEPTH_MAX = 64;

/** The type that is left when typedefs and qualifiers are taken away. */
export interface Resolved {
  readonly id: number;
  readonly type: BtfType;
  /** The name of the typedef closest to the type. Structs and enums without a name of their own are known by it. */
  readonly typedef: string | undefined;
  /** The type tags that were met on the way, `kptr` for example. */
  readonly tags: readonly string[];
}

const plain: readonly string[] = [];

/**
 * Follows typedefs, qualifiers (const, volatile, restrict) and type tags. A chain of them that is a circle is corrupt.
 */
export function resolve(btf: Btf, id: number): Resolved {
  let at = id;
  let typedef: string | undefined;
  let tags = plain;
  for (let steps = 0; ; steps++) {
    const type = btf.types[at];
    if (type === undefined) corrupt("a type refers to one that does not exist", id);
    switch (type.kind) {
      case "typedef":
        typedef = type.name;
        at = type.type;
        break;
      case "typeTag":
        tags = [...tags, type.name];
        at = type.type;
        break;
      case "const":
      case "volatile":
      case "restrict":
        at = type.type;
        break;
      default:
        return { id: at, type, typedef, tags };
    }
    if (steps > DEPTH_MAX) corrupt("typedefs go in a circle", id);
  }
}

/**
 * The size of a type in bytes, as sizeof gives it. It is undefined for void, functions and forward declarations, which
 * have no size. A type that contains itself is corrupt.
 */
export function sizeOf(btf: Btf, id: number, depth = 0): number | undefined {
  if (depth > DEPTH_MAX) corrupt("a type contains itself", id);
  const { type } = resolve(btf, id);
  switch (type.kind) {
    case "int":
    case "float":
    case "enum":
    case "struct":
    case "union":
      return type.size;
    case "ptr":
      return 8;
    case "array": {
      const element = sizeOf(btf, type.type, depth + 1);
      if (element === undefined) return undefined;
      const size = element * type.length;
      if (size > 0xffffffff) corrupt("an array is larger than 4 GiB", id);
      return size;
    }
    default:
      return undefined;
  }
}

/** How a type is written in C, for messages and comments: `struct event`, `unsigned int[4]`, `void *`. */
export function spell(btf: Btf, id: number, depth = 0): string {
  const type = btf.types[id];
  if (type === undefined || depth > DEPTH_MAX) return "…";
  const inner = (to: number) => spell(btf, to, depth + 1);
  switch (type.kind) {
    case "void":
      return "void";
    case "ptr": {
      const target = inner(type.type);
      return target.endsWith("*") ? `${target}*` : `${target} *`;
    }
    case "array": {
      const element = inner(type.type);
      const bracket = element.indexOf("[");
      return bracket < 0
        ? `${element}[${type.length}]`
        : `${element.slice(0, bracket)}[${type.length}]${element.slice(bracket)}`;
    }
    case "struct":
    case "union":
    case "enum":
      return `${type.kind} ${type.name || "(anonymous)"}`;
    case "fwd":
      return `${type.union ? "union" : "struct"} ${type.name}`;
    case "const":
    case "volatile":
    case "restrict":
      return `${type.kind} ${inner(type.type)}`;
    case "typeTag":
      return inner(type.type);
    case "funcProto":
      return `${inner(type.returns)} (*)()`;
    default:
      return type.name;
  }
}
