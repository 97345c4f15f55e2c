import type { BtfEnum, BtfType } from "./types.ts";

/**
 * Decides which enums are signed, where the compiler has not said it. clang before version 15 wrote -1 and 4294967295
 * alike, and an object that bpftool has linked does not tell clang's version.
 *
 * If any enum has the flag for signed values, or values of 8 bytes, which came with it, the compiler knew the flag, and
 * what it said is right for all enums. Otherwise an enum is taken for signed if one of its values, read as signed, is a
 * small negative number, as error codes are. The exception is an enum whose only such value has all bits set and comes
 * last: it is taken for a mask, as in `ALL = 0xffffffff`.
 */
export function settleSigns(types: readonly BtfType[]): BtfType[] {
  if (types.some((type) => type.kind === "enum" && (type.signed || type.size === 8))) return [...types];
  return types.map((type) => (type.kind === "enum" && isSigned(type) ? signed(type) : type));
}

function isSigned({ values, size }: BtfEnum): boolean {
  return values.some(({ value }, index) => {
    if (size < 4) return value >= 0x80000000n;
    return value >= 0xffff0000n && (value < 0xffffffffn || index === 0 || index < values.length - 1);
  });
}

function signed(type: BtfEnum): BtfEnum {
  const values = type.values.map(({ name, value }) => ({ name, value: BigInt.asIntN(32, value) }));
  return { ...type, signed: true, values };
}
