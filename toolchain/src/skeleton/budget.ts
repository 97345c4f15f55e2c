import { Failure } from "../base/failure.ts";

/** About 50,000 fields: several times all a large tool has, and a text that still is written within a second. */
const LIMIT = 2_000_000;
/** What a name stands for costs even if the name is short. */
const EACH = 40;

/**
 * What a skeleton may spend on names. A few bytes of a hostile object can stand for a long name, or for a struct that
 * is nested in itself many times over; everything that makes work or text is paid for here.
 */
export class Budget {
  #spent = 0;

  spend(name: string): void {
    this.#spent += EACH + name.length;
    if (this.#spent > LIMIT)
      throw new Failure("skeleton", {
        kind: "skeleton-too-large",
        what: "more names than a skeleton can hold",
      });
  }
}
