import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/load.ts";
import { type Layout, type ObjectBytes, readLayout } from "../skeleton/handover/object.ts";

/** What the app's objects were like when a run of it was started. The next build writes others in their places. */
export class Layouts {
  readonly #bytes = new Map<string, ObjectBytes>();
  readonly #read = new Map<string, Layout | undefined>();

  /** @param before - those of the run before, of which one is taken where its object has not changed */
  constructor({ root, programs }: Config, before: Layouts | undefined) {
    for (const { name, events } of programs) {
      try {
        const linked = readFileSync(join(root, ".output", `${name}.bpf.o`));
        const compiled = readFileSync(join(root, ".output", `${name}.tmp.bpf.o`));
        const wanted = Object.entries(events).map(([map, type]) => ({ map, type }));
        this.#bytes.set(name, { linked, compiled, events: wanted });
        if (before?.isSame(name, this.#bytes.get(name))) this.#read.set(name, before.of(name));
      } catch {
        // It belongs to another target, and was not built.
      }
    }
  }

  /** Undefined if it cannot be read. */
  of(skeleton: string): Layout | undefined {
    const bytes = this.#bytes.get(skeleton);
    if (bytes === undefined) return undefined;
    if (!this.#read.has(skeleton)) this.#read.set(skeleton, readOrNot(bytes));
    return this.#read.get(skeleton);
  }

  isSame(name: string, bytes: ObjectBytes | undefined): boolean {
    const own = this.#bytes.get(name);
    return (
      own !== undefined &&
      bytes !== undefined &&
      Buffer.compare(own.linked, bytes.linked) === 0 &&
      Buffer.compare(own.compiled, bytes.compiled) === 0 &&
      JSON.stringify(own.events) === JSON.stringify(bytes.events)
    );
  }
}

function readOrNot(bytes: ObjectBytes): Layout | undefined {
  try {
    return readLayout(bytes);
  } catch {
    return undefined;
  }
}
