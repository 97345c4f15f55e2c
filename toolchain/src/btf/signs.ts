import type { BtfEnum, BtfType } from "./types.ts";

/**
 * Says which enums are signed where clang did not: before 15 it wrote -1 and 4294967295 alike, and bpftool's linking
 * leaves no trace of the version. If one enum carries the sign's flag, the compiler knew it, and all are believed.
 * Otherwise an enum is taken for signed if a value is a small negative number, as error codes are; if its only such
 * value is all ones and comes last, it is taken for a mask, `ALL = 0xffffffff`.
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
