import { Failure } from "../base/failure.ts";

/** Enough for about 50,000 fields. A large tool has a fraction of that, and the text is written within a second. */
const LIMIT = 2_000_000;
/** The cost of a name in addition to its length, because what it names makes work and text too. */
const EACH = 40;

/**
 * The number of names that a skeleton may have. A few bytes of a hostile object can stand for a long name, or for a
 * struct that contains another one many times over. So everything that makes work or text spends something here.
 */
export class Budget {
  #spent = 0;

  /** @throws Failure skeleton-too-large */
  spend(name: string): void {
    this.#spent += EACH + name.length;
    if (this.#spent > LIMIT)
      throw new Failure("skeleton", {
        kind: "skeleton-too-large",
        what: "more names than a skeleton can hold",
      });
  }
}
