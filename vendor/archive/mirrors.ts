import type { Fault } from "../failures.ts";

/**
 * The mirrors for one app. A mirror that has not answered once is not asked again, so that nobody waits for it twice.
 */
export class Mirrors {
  readonly all: readonly string[];
  readonly #distro: string;
  readonly #dead = new Map<string, Fault>();

  /**
   * @param all URIs of archives, such as `http://…/debian` or `file:/…`, in the order in which they are asked
   * @param distro the name of the distribution, for messages
   */
  constructor(all: readonly string[], distro: string) {
    this.all = all;
    this.#distro = distro;
  }

  alive(): string[] {
    return this.all.filter((uri) => !this.#dead.has(uri));
  }

  /** Notes a fault. If it concerns the whole mirror and not one file only, the mirror is not asked again. */
  note(uri: string, fault: Fault): void {
    if (fault.kind === "unreachable" || fault.kind === "slow") this.#dead.set(uri, fault);
  }

  /** Why no mirror is left to ask, or undefined if one is. */
  fault(): Fault | undefined {
    if (this.all.length === 0) return { kind: "no-mirror", distro: this.#distro };
    return this.alive().length > 0 ? undefined : [...this.#dead.values()].at(-1);
  }
}
