import type { Btf } from "../btf/types.ts";

/** C's types can be nested without end where their bytes are hostile. */
const DEPTH = 16;

/** A type as C spells it: `struct event`, `unsigned char[16]`, `const char *`. */
export function typeText(btf: Btf, id: number, depth = 0): string {
  const type = btf.types[id];
  if (type === undefined || depth > DEPTH) return "…";
  const inner = () => typeText(btf, "type" in type ? type.type : 0, depth + 1);
  switch (type.kind) {
    case "ptr":
      return `${inner()} *`;
    case "array":
      return arrayText(inner(), type.length);
    case "const":
    case "volatile":
    case "restrict":
      return `${type.kind} ${inner()}`;
    case "typeTag":
      return inner();
    case "struct":
    case "union":
    case "enum":
      return type.name === "" ? type.kind : `${type.kind} ${type.name}`;
    case "fwd":
      return `${type.union ? "union" : "struct"} ${type.name}`;
    case "funcProto":
      return "function";
    default:
      return type.name || type.kind;
  }
}

/** The outer dimension comes first: an array of 2 `int[3]` is `int[2][3]`. */
function arrayText(element: string, length: number): string {
  const at = element.indexOf("[");
  return at < 0 ? `${element}[${length}]` : `${element.slice(0, at)}[${length}]${element.slice(at)}`;
}
