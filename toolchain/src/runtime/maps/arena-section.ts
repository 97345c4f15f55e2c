import { EINVAL } from "../errno.ts";
import { failure } from "../errors.ts";
import { inspectable } from "../inspect.ts";
import { Memory } from "../memory.ts";
import type { LiveSection, Session } from "../session.ts";
import type { SectionSpec, View } from "../spec.ts";

/**
 * The globals that a program keeps in its arena (`.addr_space.1`). libbpf says where in the arena they lie when it has
 * loaded the object. Before that, what is written here is the beginning that libbpf will copy there.
 */
export class ArenaSection implements LiveSection {
  readonly view: View;
  readonly property: string;
  readonly map: number;
  readonly #session: Session;
  readonly #size: number;
  #mapped: ArrayBuffer | undefined;

  constructor(session: Session, property: string, spec: SectionSpec) {
    this.#session = session;
    this.property = property;
    this.map = session.native.mapIndex(session.object, spec.map);
    this.#size = spec.size;
    const memory = Memory.alloc(spec.size);
    session.native.sectionCopy(session.object, this.map, memory.buffer as ArrayBuffer, false);
    inspectable(spec.View);
    this.view = new spec.View(memory, 0);
  }

  /** The values of an arena have no size. libbpf would take its memory for a data section's. */
  resize(): number {
    return EINVAL;
  }

  /** Hands what was written to libbpf. */
  beforeLoad(): void {
    const { native, object } = this.#session;
    native.sectionCopy(object, this.map, this.view.$m.buffer as ArrayBuffer, true);
  }

  afterLoad(): void {
    const { native, object } = this.#session;
    const buffer = native.arenaGlobals(object, this.map);
    if (typeof buffer === "number") throw failure("mmap", buffer, this.property);
    this.#mapped = buffer;
    this.view.$m = new Memory(buffer);
  }

  /** Lets go of the arena. The view can still be read, and shows the last values. */
  destroy(): void {
    if (this.#mapped === undefined) return;
    const last = Memory.alloc(this.#size);
    last.u8.set(this.view.$m.u8.subarray(0, this.#size));
    this.view.$m = last;
    this.#session.native.detach(this.#mapped);
    this.#mapped = undefined;
  }
}
