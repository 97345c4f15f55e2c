/** What generated code asks of a value before it is written. Each names the field it is for. */

export function wrongType(value: unknown, wanted: string, field: string): never {
  throw new TypeError(`${field} wants ${wanted}, not ${value === null ? "null" : typeof value}`);
}

function wrongRange(value: unknown, low: bigint | number, high: bigint | number, field: string): never {
  throw new RangeError(`${field} is a whole number from ${low} to ${high}, not ${value}`);
}

/** An integer from `low` to `high`, both at most 2^53 in magnitude. */
export function checkInt(value: number, low: number, high: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  if (!(value >= low && value <= high) || Math.floor(value) !== value) wrongRange(value, low, high, field);
  return value;
}

export function checkU32(value: number, field: string): number {
  return value >>> 0 === value ? value : checkInt(value, 0, 0xffffffff, field);
}

export function checkI32(value: number, field: string): number {
  return (value | 0) === value ? value : checkInt(value, -0x80000000, 0x7fffffff, field);
}

export function checkU64(value: bigint, field: string): bigint {
  return checkBig(value, false, 64, field);
}

export function checkI64(value: bigint, field: string): bigint {
  return checkBig(value, true, 64, field);
}

/** A bigint of that many bits. */
export function checkBig(value: bigint, signed: boolean, bits: number, field: string): bigint {
  if (typeof value !== "bigint") wrongType(value, "a bigint", field);
  if ((signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) !== value) {
    const high = 1n << BigInt(signed ? bits - 1 : bits);
    wrongRange(value, signed ? -high : 0n, high - 1n, field);
  }
  return value;
}

export function checkNumber(value: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  return value;
}

export function checkBool(value: boolean, field: string): number {
  if (typeof value !== "boolean") wrongType(value, "a boolean", field);
  return value ? 1 : 0;
}
