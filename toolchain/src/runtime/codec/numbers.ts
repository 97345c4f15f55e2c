import type { Codec } from "../spec.ts";
import { bigBits, setBigBits } from "./bits.ts";
import {
  checkBig,
  checkBool,
  checkI32,
  checkI64,
  checkInt,
  checkNumber,
  checkU32,
  checkU64,
} from "./checks.ts";
import { loseBytes } from "./lost.ts";

function number(
  ctype: string,
  size: number,
  read: (view: DataView, at: number) => number,
  write: (view: DataView, at: number, value: number) => void,
): Codec<number> {
  return {
    ctype,
    size,
    align: size,
    read: (m, at) => read(m.view, at),
    write: (m, at, value) => write(m.view, at, value),
  };
}

/** An unsigned integer of 8 bits, as a number. */
export const u8 = number(
  "__u8",
  1,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, checkInt(value, 0, 0xff, "__u8")),
);
/** A signed integer of 8 bits, as a number. */
export const i8 = number(
  "__s8",
  1,
  (view, at) => view.getInt8(at),
  (view, at, value) => view.setInt8(at, checkInt(value, -0x80, 0x7f, "__s8")),
);
/** An unsigned integer of 16 bits, as a number. */
export const u16 = number(
  "__u16",
  2,
  (view, at) => view.getUint16(at, true),
  (view, at, value) => view.setUint16(at, checkInt(value, 0, 0xffff, "__u16"), true),
);
/** A signed integer of 16 bits, as a number. */
export const i16 = number(
  "__s16",
  2,
  (view, at) => view.getInt16(at, true),
  (view, at, value) => view.setInt16(at, checkInt(value, -0x8000, 0x7fff, "__s16"), true),
);
/** An unsigned integer of 32 bits, as a number. */
export const u32 = number(
  "__u32",
  4,
  (view, at) => view.getUint32(at, true),
  (view, at, value) => view.setUint32(at, checkU32(value, "__u32"), true),
);
/** A signed integer of 32 bits, as a number. */
export const i32 = number(
  "__s32",
  4,
  (view, at) => view.getInt32(at, true),
  (view, at, value) => view.setInt32(at, checkI32(value, "__s32"), true),
);
/** JavaScript has one NaN, and C has many. */
function float(value: number): number {
  if (Number.isNaN(value)) loseBytes();
  return value;
}

/** A `float`, as a number. */
export const f32 = number(
  "float",
  4,
  (view, at) => float(view.getFloat32(at, true)),
  (view, at, value) => view.setFloat32(at, checkNumber(value, "float"), true),
);
/** A `double`, as a number. */
export const f64 = number(
  "double",
  8,
  (view, at) => float(view.getFloat64(at, true)),
  (view, at, value) => view.setFloat64(at, checkNumber(value, "double"), true),
);

/** A `bool`, as a boolean. */
export const bool: Codec<boolean> = {
  ctype: "_Bool",
  size: 1,
  align: 1,
  read: (m, at) => {
    const byte = m.u8[at]!;
    if (byte > 1) loseBytes();
    return byte !== 0;
  },
  write: (m, at, value) => {
    m.u8[at] = checkBool(value, "_Bool");
  },
};

/** An unsigned integer of 64 bits, as a bigint. */
export const u64: Codec<bigint> = {
  ctype: "__u64",
  size: 8,
  align: 8,
  read: (m, at) => m.view.getBigUint64(at, true),
  write: (m, at, value) => m.view.setBigUint64(at, checkU64(value, "__u64"), true),
};

/** A signed integer of 64 bits, as a bigint. */
export const i64: Codec<bigint> = {
  ctype: "__s64",
  size: 8,
  align: 8,
  read: (m, at) => m.view.getBigInt64(at, true),
  write: (m, at, value) => m.view.setBigInt64(at, checkI64(value, "__s64"), true),
};

/** A pointer: an address in the kernel or in a process, as a bigint. */
export const pointer: Codec<bigint> = { ...u64, ctype: "void *" };

function wide(ctype: string, signed: boolean): Codec<bigint> {
  return {
    ctype,
    size: 16,
    align: 8,
    read: (m, at) => bigBits(m, at, 0, 128, signed),
    write: (m, at, value) => setBigBits(m, at, 0, 128, checkBig(value, signed, 128, ctype)),
  };
}

/** An unsigned integer of 128 bits, as a bigint. */
export const u128 = wide("unsigned __int128", false);
/** A signed integer of 128 bits, as a bigint. */
export const i128 = wide("__int128", true);

/** The codec of an enum of up to 32 bits. A value is a number, whether it has a name or not. */
export function enumOf<E extends number>(ctype: string, base: Codec<number>): Codec<E> {
  return { ...(base as Codec<E>), ctype };
}

/** The codec of an enum of 64 bits. */
export function enum64Of<E extends bigint>(ctype: string, base: Codec<bigint>): Codec<E> {
  return { ...(base as Codec<E>), ctype };
}
