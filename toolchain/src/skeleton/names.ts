/** Words no declaration of a module can have, and those whose meaning generated code relies on. */
const reserved = new Set(
  (
    "abstract any arguments as async await bigint boolean break case catch class const constructor continue debugger declare " +
    "default delete do else enum eval export extends false finally for from function get global if implements import " +
    "in infer instanceof interface intrinsic is keyof let module namespace never new null number object of package " +
    "private protected public readonly require return satisfies set static string super switch symbol this throw " +
    "true try type typeof undefined unique unknown using var void while with yield " +
    "Array ArrayLike BigInt BigInt64Array BigUint64Array Float32Array Float64Array Infinity Int16Array Int32Array " +
    "Int8Array NaN Number Object Partial Readonly Record String Symbol Uint16Array Uint32Array Uint8Array globalThis " +
    "$m $at $end $value $lost"
  ).split(" "),
);

/** Members of every object that reading or assigning would not mean a field of that name. */
const unsafe = new Set(["__proto__", "constructor", "$m", "$at", "$end"]);

/** A C name (or one with dots, from the linker) as a JavaScript identifier. */
export function identifier(name: string): string {
  const text = name.replace(/[^\p{ID_Continue}$]/gu, "_");
  return /^[\p{ID_Start}$_]/u.test(text) ? text : `_${text}`;
}

/** Hands out names, each once: a second `event` is `event$2`, a reserved one gets a `$`. */
export class Names {
  readonly #taken = new Set<string>();
  /** By name, how often it was wanted. */
  readonly #wanted = new Map<string, number>();
  readonly #forbidden: ReadonlySet<string>;

  private constructor(forbidden: ReadonlySet<string>) {
    this.#forbidden = forbidden;
  }

  /** Names of a module's declarations. */
  static forModule(): Names {
    return new Names(reserved);
  }

  /** Names of an object's properties: nearly any will do. */
  static forProperties(): Names {
    return new Names(unsafe);
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
