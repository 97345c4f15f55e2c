/**
 * What is known of a register or of a slot of the stack at one place of a function.
 *
 * `pointer` is a pointer as it was obtained, with nothing added to it: from a call, from memory, or as the function's
 * argument. `from` has every place where that may have been.
 */
export type Known =
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "map"; readonly map: string }
  | { readonly kind: "stack"; readonly offset: number }
  | { readonly kind: "pointer"; readonly from: readonly Origin[] };

/** Where a pointer came from. */
export interface Origin {
  /** The place, which tells it from others. */
  readonly key: string;
  /** The map in which it was looked up. */
  readonly lookup?: string | undefined;
  /** The number of the argument by which the function got it. The first is 1. */
  readonly argument?: number;
}

/** More origins than that are as good as none. */
const ORIGINS_MAX = 8;

/** What is known of both: the same, or pointers of either origin. */
export function meet(a: Known | undefined, b: Known | undefined): Known | undefined {
  if (a === b || a === undefined || b === undefined) return a === b ? a : undefined;
  if (a.kind === "pointer" && b.kind === "pointer") {
    const more = b.from.filter(({ key }) => !a.from.some((origin) => origin.key === key));
    if (more.length === 0) return a;
    return a.from.length + more.length > ORIGINS_MAX
      ? undefined
      : { kind: "pointer", from: [...a.from, ...more] };
  }
  // A null pointer that stands beside others is what a failed call returned; nobody sends from there.
  if (a.kind === "pointer" && b.kind === "number" && b.number === 0) return a;
  if (b.kind === "pointer" && a.kind === "number" && a.number === 0) return b;
  return same(a, b) ? a : undefined;
}

function same(a: Known, b: Known): boolean {
  if (a.kind === "number") return b.kind === "number" && a.number === b.number;
  if (a.kind === "map") return b.kind === "map" && a.map === b.map;
  return a.kind === "stack" && b.kind === "stack" && a.offset === b.offset;
}

/** Eleven registers, and the slots of eight bytes of the stack, of which the first lies right below register 10. */
const REGISTERS = 11;
const SLOTS = 64;

/** What is known at one place of a function. */
export class State {
  readonly #known: (Known | undefined)[];

  constructor(known: (Known | undefined)[] = new Array(REGISTERS + SLOTS).fill(undefined)) {
    this.#known = known;
  }

  copy(): State {
    return new State([...this.#known]);
  }

  register(number: number): Known | undefined {
    return this.#known[number];
  }

  set(number: number, known: Known | undefined): void {
    this.#known[number] = known;
  }

  /** The slot that lies at an offset from register 10. */
  slot(offset: number): Known | undefined {
    return offset % 8 === 0 && offset < 0 ? this.#known[REGISTERS + -offset / 8 - 1] : undefined;
  }

  /** A store of `size` bytes. What else was known of these bytes is gone. */
  store(offset: number, size: number, known: Known | undefined): void {
    this.forget(offset, size);
    if (size === 8 && offset % 8 === 0 && offset < 0 && offset >= -SLOTS * 8)
      this.#known[REGISTERS + -offset / 8 - 1] = known;
  }

  /** Forgets `size` bytes of the stack. */
  forget(offset: number, size: number): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      const from = -(slot + 1) * 8;
      if (from < offset + size && offset < from + 8) this.#known[REGISTERS + slot] = undefined;
    }
  }

  /** Takes away what `other` contradicts. @returns whether anything changed */
  meet(other: State): boolean {
    let changed = false;
    for (const [index, known] of this.#known.entries()) {
      const both = meet(known, other.#known[index]);
      if (both === known) continue;
      this.#known[index] = both;
      changed = true;
    }
    return changed;
  }
}
