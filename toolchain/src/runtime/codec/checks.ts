/** What generated code checks of a value before it is written. The errors name the field that the value is for. */

/** @throws `TypeError`, always */
export function wrongType(value: unknown, wanted: string, field: string): never {
  throw new TypeError(`${field} wants ${wanted}, not ${value === null ? "null" : typeof value}`);
}

/** @throws `RangeError`, always */
function wrongRange(value: unknown, low: bigint | number, high: bigint | number, field: string): never {
  throw new RangeError(`${field} is a whole number from ${low} to ${high}, not ${value}`);
}

/**
 * Checks that a value is an integer from `low` to `high`, both of which are at most 2^53 in magnitude.
 *
 * @throws `TypeError` if it is not of that type
 * @throws `RangeError` if it is out of range
 */
export function checkInt(value: number, low: number, high: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  if (!(value >= low && value <= high) || Math.floor(value) !== value) wrongRange(value, low, high, field);
  return value;
}

/**
 * Checks that a value is an unsigned integer of 32 bits.
 *
 * @throws `TypeError` if it is not of that type
 * @throws `RangeError` if it is out of range
 */
export function checkU32(value: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  return value >>> 0 === value ? value : checkInt(value, 0, 0xffffffff, field);
}

/**
 * Checks that a value is a signed integer of 32 bits.
 *
 * @throws `TypeError` if it is not of that type
 * @throws `RangeError` if it is out of range
 */
export function checkI32(value: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  return (value | 0) === value ? value : checkInt(value, -0x80000000, 0x7fffffff, field);
}

/**
 * Checks that a value is an unsigned bigint of 64 bits.
 *
 * @throws `TypeError` if it is not of that type
 * @throws `RangeError` if it is out of range
 */
export function checkU64(value: bigint, field: string): bigint {
  return checkBig(value, false, 64, field);
}

/**
 * Checks that a value is a signed bigint of 64 bits.
 *
 * @throws `TypeError` if it is not of that type
 * @throws `RangeError` if it is out of range
 */
export function checkI64(value: bigint, field: string): bigint {
  return checkBig(value, true, 64, field);
}

/**
 * Checks that a value is a bigint of that many bits.
 *
 * @throws `TypeError` if it is not of that type
 * @throws `RangeError` if it is out of range
 */
export function checkBig(value: bigint, signed: boolean, bits: number, field: string): bigint {
  if (typeof value !== "bigint") wrongType(value, "a bigint", field);
  if ((signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) !== value) {
    const high = 1n << BigInt(signed ? bits - 1 : bits);
    wrongRange(value, signed ? -high : 0n, high - 1n, field);
  }
  return value;
}

/**
 * Checks that a value is a number.
 *
 * @throws `TypeError` if it is not
 */
export function checkNumber(value: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  return value;
}

/**
 * Checks that a value is a boolean.
 *
 * @returns the byte that stands for it
 * @throws `TypeError` if it is not
 */
export function checkBool(value: boolean, field: string): number {
  if (typeof value !== "boolean") wrongType(value, "a boolean", field);
  return value ? 1 : 0;
}
