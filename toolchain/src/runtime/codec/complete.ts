import { nearest } from "../nearest.ts";
import type { Codec } from "../spec.ts";
import { wrongType } from "./checks.ts";
import { zero } from "./zero.ts";

/** The members of a struct, as `complete` needs them. */
export interface Members {
  /** Those that are zero if they are not given. */
  readonly required: readonly string[];
  /** All that may be given. */
  readonly known: ReadonlySet<string>;
  /** Whether some have names that every object inherits, such as `toString`. */
  readonly inherited: boolean;
  zeros?: object;
}

type Fields = Record<string, unknown>;

/**
 * What `complete` needs to know of a struct.
 *
 * @param required - the members that are zero if they are not given
 * @param others - members of unions, of which none has to be given, and properties for the bytes of members
 */
export function membersOf(required: readonly string[], others: readonly string[]): Members {
  const known = new Set([...required, ...others]);
  return { required, known, inherited: [...known].some((name) => name in Object.prototype) };
}

/**
 * Gives a value of a struct the members that it lacks, as zeros.
 *
 * @returns the value itself if it lacks none but those of unions
 * @throws `TypeError` if it is no object, or has a member that the struct has not
 */
export function complete<T extends object>(codec: Codec<T, never>, given: unknown, members: Members): T {
  if (typeof given !== "object" || given === null) wrongType(given, "an object", codec.ctype);
  const value = given as Fields;
  const { required, known, inherited } = members;
  for (const name in value) if (!known.has(name) && !isOurs(name)) unknownMember(codec.ctype, name, known);
  const lacks = required.some((name) => value[name] === undefined && !givesBytes(value, name));
  if (!lacks && !inherited) return value as T;
  members.zeros ??= zero(codec);
  const whole: Fields = Object.create(null);
  for (const name of known) if (isGiven(value[name])) whole[name] = value[name];
  for (const name of required)
    if (!(name in whole) && !givesBytes(whole, name)) whole[name] = (members.zeros as Fields)[name];
  return whole as T;
}

/** The names that views have for themselves begin so, and no member's does without being known. */
function isOurs(name: string): boolean {
  return name.startsWith("$");
}

/** What every object inherits are functions, and no member is one. */
function isGiven(value: unknown): boolean {
  return value !== undefined && typeof value !== "function";
}

/** Whether a text is given by its bytes alone. */
function givesBytes(value: Fields, name: string): boolean {
  return value[`${name}$bytes`] !== undefined;
}

function unknownMember(ctype: string, name: string, known: Iterable<string>): never {
  const meant = nearest(name, [...known]);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new TypeError(`${ctype} has no member ${name}${hint}`);
}
