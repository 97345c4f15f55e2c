import type { Fault } from "../failures.ts";

/** The mirrors of one scaffold, without those that turned out not to answer: nobody waits for them twice. */
export class Mirrors {
  readonly all: readonly string[];
  readonly #distro: string;
  readonly #dead = new Map<string, Fault>();

  /** @param all URIs of archives, such as `http://…/debian` or `file:/…`, in the order in which they are asked. */
  constructor(all: readonly string[], distro: string) {
    this.all = all;
    this.#distro = distro;
  }

  alive(): string[] {
    return this.all.filter((uri) => !this.#dead.has(uri));
  }

  /** Not to be asked again, if the fault is the mirror's and not one file's. */
  note(uri: string, fault: Fault): void {
    if (fault.kind === "unreachable" || fault.kind === "slow") this.#dead.set(uri, fault);
  }

  /** Why there is nobody left to ask; undefined while there is. */
  fault(): Fault | undefined {
    if (this.all.length === 0) return { kind: "no-mirror", distro: this.#distro };
    return this.alive().length > 0 ? undefined : [...this.#dead.values()].at(-1);
  }
}
