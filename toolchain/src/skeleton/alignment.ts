import { type Shape, type StructDecl, shapeSize } from "./shape.ts";

/**
 * BTF does not say how a type is aligned. What generated code needs to know is less: a power of two that divides every
 * address at which a struct is found, so that its fields can be read through arrays of their width. It is found here
 * from all the places an object uses a struct at, its own size among them, since a map may keep values side by side.
 */
export function settleAlignment(
  structs: readonly StructDecl[],
  roots: readonly { shape: Shape; at: number }[],
): void {
  for (const decl of structs) decl.align = Math.min(widest(decl), lowBit(decl.size));
  for (const { shape, at } of roots) lower(shape, Math.min(8, lowBit(at)));
  // Structs come after those they contain: seen from the end, a struct is settled before its members are.
  for (let i = structs.length - 1; i >= 0; i--) {
    const decl = structs[i]!;
    for (const member of decl.members) lower(member.shape, Math.min(decl.align, lowBit(member.offset)));
  }
}

/** At which an element of an array at `align` is aligned. */
export function elementAlign(element: Shape, align: number): number {
  return Math.min(align, lowBit(shapeSize(element)));
}

/** The largest power of two up to 8 that divides `n`; of 0, 8. */
export function lowBit(n: number): number {
  return n % 8 === 0 ? 8 : n % 4 === 0 ? 4 : n % 2 === 0 ? 2 : 1;
}

function lower(shape: Shape, align: number): void {
  if (shape.kind === "array") lower(shape.element, elementAlign(shape.element, align));
  else if (shape.kind === "struct") shape.decl.align = Math.min(shape.decl.align, align);
}

/** The width of the widest access a struct needs. */
function widest(decl: StructDecl): number {
  return decl.members.reduce((most, member) => Math.max(most, width(member.shape)), 1);
}

function width(shape: Shape): number {
  switch (shape.kind) {
    case "array":
      return width(shape.element);
    case "struct":
      return shape.decl.align;
    case "chars":
    case "bool":
      return 1;
    case "int":
      return Math.min(8, shape.size);
    default:
      return shapeSize(shape);
  }
}
