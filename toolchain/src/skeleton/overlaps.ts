import { typedArray } from "./access.ts";
import { Names } from "./names.ts";
import { innermost, type Member, type Shape, type StructDecl } from "./shape.ts";

/**
 * Finds the structs that are used in unions. There the bytes of a boolean or a float may be another member's, and have to
 * survive being read and written: such members get a property for their bytes, as texts have everywhere.
 *
 * @param structs all structs, each after those that it contains
 */
export function settleOverlaps(structs: readonly StructDecl[]): void {
  // From the end to the start, so that each comes before those that it contains.
  for (const decl of structs.toReversed()) {
    for (const member of decl.members) {
      const inner = innermost(member.shape);
      if (inner.kind === "struct" && (decl.overlapped || member.inUnion)) inner.decl.overlapped = true;
    }
    nameBytes(decl);
  }
}

/** Whether the bytes of a member may be those of another as well. */
export function isOverlapped(decl: { readonly overlapped: boolean }, member: Member): boolean {
  return decl.overlapped || member.inUnion;
}

function nameBytes(decl: StructDecl): void {
  const names = Names.forProperties();
  for (const { property, bytesProperty } of decl.members) {
    names.take(property);
    if (bytesProperty !== "") names.take(bytesProperty);
  }
  for (const member of decl.members)
    if (isOverlapped(decl, member) && member.bits === undefined && isInexact(member.shape))
      member.bytesProperty ||= names.take(`${member.property}$bytes`);
}

/** Whether a value of the type may stand for other bytes than those it was read from: 2 is true, and so is 1. */
function isInexact(shape: Shape): boolean {
  const inner = innermost(shape);
  if (inner.kind === "bool") return true;
  // Typed arrays of floats have every bit.
  return inner.kind === "float" && (shape.kind !== "array" || typedArray(inner) === undefined);
}
