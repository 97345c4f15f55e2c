import { type Shape, type StructDecl, shapeSize } from "./shape.ts";

/**
 * Determines `align` of every struct. BTF does not say how a type is aligned. But generated code needs less than that:
 * a power of two that divides every address at which a struct lies, so that its fields can be read through typed
 * arrays. It follows from all the places where the object uses the struct, and from the struct's size, because a map
 * may keep its values side by side.
 *
 * @param structs all structs, each after those that it contains
 * @param roots the types that maps and sections use, with the offsets at which they lie
 */
export function settleAlignment(
  structs: readonly StructDecl[],
  roots: readonly { shape: Shape; at: number }[],
): void {
  for (const decl of structs) decl.align = Math.min(widest(decl), lowBit(decl.size));
  for (const { shape, at } of roots) lower(shape, Math.min(8, lowBit(at)));
  // The structs are settled from the end to the start, so that each comes before those that it contains.
  for (const decl of structs.toReversed()) {
    for (const member of decl.members) lower(member.shape, Math.min(decl.align, lowBit(member.offset)));
  }
}

/** The alignment of the elements of an array that is aligned at `align`. */
export function elementAlign(element: Shape, align: number): number {
  return Math.min(align, lowBit(shapeSize(element)));
}

/** The largest power of two, but at most 8, that divides `n`. For 0 it is 8. */
export function lowBit(n: number): number {
  return n % 8 === 0 ? 8 : n % 4 === 0 ? 4 : n % 2 === 0 ? 2 : 1;
}

function lower(shape: Shape, align: number): void {
  if (shape.kind === "array") lower(shape.element, elementAlign(shape.element, align));
  else if (shape.kind === "struct") shape.decl.align = Math.min(shape.decl.align, align);
}

/** The width in bytes of the widest access that a struct needs. */
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
