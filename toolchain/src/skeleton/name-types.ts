import type { Names } from "./names.ts";
import type { EnumDecl, Shape, StructDecl } from "./shape.ts";
import type { Shapes } from "./shapes.ts";

type Decl = EnumDecl | StructDecl;

const ORIGINS = ["tag", "typedef", "path"] as const;

/**
 * Names the types; views and input types are named after them. A type's name is that of C, whatever else the object has
 * and in whatever order. Of several types that want one name, the one with that tag in C has it, then a typedef, and what
 * they are made of decides the rest: the order in which they are met would change with every map that is added.
 */
export function nameTypes(shapes: Shapes, names: Names): void {
  const decls: Decl[] = [...shapes.enums, ...shapes.structs];
  const ranked = decls.map((decl) => ({ decl, rank: ORIGINS.indexOf(decl.origin) }));
  ranked.sort((a, b) => a.rank - b.rank || compare(signature(a.decl), signature(b.decl)));
  for (const { decl } of ranked) decl.name = names.take(decl.wanted);
  for (const { decl } of ranked) {
    if (!("members" in decl)) continue;
    decl.viewName = names.take(`${decl.name}_view`);
    decl.initName = names.take(`${decl.name}_init`);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a declaration says, without the names that are given here. */
function signature(decl: Decl): string {
  if (!("members" in decl))
    return JSON.stringify([decl.ctype, decl.size, decl.values.map(({ name, value }) => `${name}=${value}`)]);
  const members = decl.members.map(({ name, offset, bits, shape }) => [name, offset, bits, kind(shape)]);
  return JSON.stringify([decl.ctype, decl.size, members]);
}

function kind(shape: Shape): unknown {
  if (shape.kind === "array") return [shape.length, kind(shape.element)];
  return "decl" in shape ? shape.decl.ctype : shape;
}
