/** Names that no declaration of a module may have: TypeScript's words, and the globals that generated code uses. */
const RESERVED = new Set(
  (
    "abstract any arguments as async await bigint boolean break case catch class const constructor continue debugger declare " +
    "default delete do else enum eval export extends false finally for from function get global if implements import " +
    "in infer instanceof interface intrinsic is keyof let module namespace never new null number object of package " +
    "private protected public readonly require return satisfies set static string super switch symbol this throw " +
    "true try type typeof undefined unique unknown using var void while with yield " +
    "Array ArrayLike BigInt BigInt64Array BigUint64Array Float32Array Float64Array Infinity Int16Array Int32Array " +
    "Int8Array NaN Number Object Partial Readonly Record String Symbol Uint16Array Uint32Array Uint8Array globalThis " +
    "$m $at $end $value $given $lost"
  ).split(" "),
);

/** Names that no property may have, because they already mean something in every object or view. */
const UNSAFE = new Set(["__proto__", "constructor", "$m", "$at", "$end"]);

/** Turns a name of C, or one with dots from the linker, into an identifier of JavaScript. */
export function identifier(name: string): string {
  const text = name.replace(/[^\p{ID_Continue}$]/gu, "_");
  return /^[\p{ID_Start}$_]/u.test(text) ? text : `_${text}`;
}

/** Gives out each name only once: a second `event` becomes `event$2`, and a reserved word gets a `$`. */
export class Names {
  readonly #taken = new Set<string>();
  /** How often each name was wanted. */
  readonly #wanted = new Map<string, number>();
  readonly #forbidden: ReadonlySet<string>;

  private constructor(forbidden: ReadonlySet<string>) {
    this.#forbidden = forbidden;
  }

  /** For the declarations of a module. */
  static forModule(): Names {
    return new Names(RESERVED);
  }

  /** For the properties of an object, which may have nearly any name. */
  static forProperties(): Names {
    return new Names(UNSAFE);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  take(wanted: string): string {
    const base = identifier(wanted);
    let name = this.#forbidden.has(base) ? `${base}$` : base;
    let n = this.#wanted.get(base) ?? 1;
    while (this.#taken.has(name)) name = `${base}$${++n}`;
    this.#wanted.set(base, n);
    this.#taken.add(name);
    return name;
  }
}
