import { resolve } from "../btf/layout.ts";
import type { Btf, BtfMember } from "../btf/types.ts";
import { refuse, type Use } from "./refuse.ts";
import type { Member, Shape } from "./shape.ts";

/**
 * The bits of a bitfield, or undefined for a member that has its bytes for itself.
 *
 * BTF describes a bitfield in one of two ways: the member has a size in bits, or its integer type has fewer bits than
 * its bytes would hold. A member of full width that does not begin at a byte is treated as a bitfield too.
 *
 * @param first the member's first bit, counted from the start of the outermost struct
 * @throws Failure type-unrepresentable
 */
export function memberBits(
  btf: Btf,
  member: BtfMember,
  first: number,
  shape: Shape,
  use: Use,
): Member["bits"] {
  const { type } = resolve(btf, member.type);
  const whole = type.kind === "int" || type.kind === "enum" ? type.size * 8 : 0;
  if (member.bitSize > 0) {
    if (whole === 0 || member.bitSize > whole)
      refuse(btf, member.type, use, "it is a bitfield whose type is no integer of that many bits");
    return { first, count: member.bitSize };
  }
  if (
    type.kind === "int" &&
    shape.kind === "int" &&
    (type.bits < whole || type.bitOffset > 0) &&
    type.bits > 0
  )
    return { first: first + type.bitOffset, count: type.bits };
  return whole > 0 && first % 8 !== 0 ? { first, count: whole } : undefined;
}
