import { failure, StateError } from "./errors.ts";
import { inspectable } from "./inspect.ts";
import { Memory } from "./memory.ts";
import type { MapInfo, Native } from "./native.ts";
import type { LiveSection, Session } from "./session.ts";
import type { SectionSpec, View } from "./spec.ts";

/**
 * A data section: `bss`, `data`, `rodata`, `kconfig`. Its view reads and writes private pages until load; from then on the
 * same addresses show the map, so that a global is a plain memory access on both sides. A section that is constant after
 * load stays a private copy, behind memory that refuses writes.
 */
export class Section implements LiveSection {
  readonly view: View;
  readonly property: string;
  readonly #session: Session;
  readonly #map: number;
  #buffer: ArrayBuffer;
  #shared = false;

  constructor(session: Session, property: string, spec: SectionSpec) {
    this.#session = session;
    this.#map = session.native.mapIndex(session.object, spec.map);
    this.property = property;
    this.#buffer = this.#allocate();
    inspectable(spec.View);
    this.view = new spec.View(new Memory(this.#buffer), 0);
    if (this.#isKconfig) this.#freeze();
  }

  get map(): number {
    return this.#map;
  }

  get #native(): Native {
    return this.#session.native;
  }

  get #info(): MapInfo {
    const info = this.#native.mapInfo(this.#session.object, this.#map);
    if (typeof info === "number") throw failure("bpf_object__find_map_by_name", info, this.property);
    return info;
  }

  get #isKconfig(): boolean {
    return this.property === "kconfig";
  }

  get #isConstant(): boolean {
    return this.#isKconfig || this.property.startsWith("rodata");
  }

  /**
   * Before load, gives the section another size in bytes, which makes its last array longer or shorter. What was written
   * so far is kept.
   *
   * @returns a negative error if libbpf refuses
   */
  resize(size: number): number {
    this.beforeLoad();
    const error = this.#native.mapSet(this.#session.object, this.#map, "valueSize", size);
    if (error) return error;
    this.#buffer = this.#allocate();
    this.view.$m = new Memory(this.#buffer);
    this.view.$end = size;
    return 0;
  }

  /** Hands what was written to libbpf. */
  beforeLoad(): void {
    if (!this.#isKconfig) this.#native.sectionCopy(this.#session.object, this.#map, this.#buffer, true);
  }

  afterLoad(): void {
    if (this.#isConstant) {
      this.#native.sectionCopy(this.#session.object, this.#map, this.#buffer, false);
      if (!this.#isKconfig) this.#freeze();
      return;
    }
    const { fd } = this.#info;
    // The section was left out, so no program was loaded that uses it: its memory stays private.
    if (fd < 0) return;
    if (this.#native.remap(this.#buffer, fd, true) === 0) this.#shared = true;
    else this.view.$m = guarded(this.view.$m, () => unmapped(this.property), "all");
  }

  /** Lets go of the map. The view can still be read, and shows the last values. */
  destroy(): void {
    if (this.#shared) this.#native.release(this.#buffer, true);
    this.#shared = false;
  }

  #allocate(): ArrayBuffer {
    const page = this.#native.pageSize();
    const { initialSize } = this.#info;
    const size = Math.ceil(Math.max(initialSize, 1) / page) * page;
    const buffer = this.#native.allocate(size);
    if (typeof buffer === "number") throw new RangeError(`no memory for ${size} bytes of ${this.property}`);
    this.#native.sectionCopy(this.#session.object, this.#map, buffer, false);
    return buffer;
  }

  #freeze(): void {
    this.view.$m = guarded(this.view.$m, () => frozen(this.property), "writes");
  }
}

function frozen(property: string): never {
  throw property === "kconfig"
    ? new StateError("kconfig", "kconfig is the kernel's own configuration: it cannot be written")
    : new StateError(
        property,
        `${property} is constant since load: the verifier has relied on its values`,
        `Write to ${property} between open() and load(), or make the variable non-const to have it in bss or data.`,
      );
}

function unmapped(property: string): never {
  throw new StateError(
    property,
    `this kernel cannot map ${property} into the process (Linux 5.5 and newer can)`,
    "Use a map of type array for what both sides share.",
  );
}

/** The same memory, whose typed arrays call `refuse` when they are written, or when they are used at all. */
function guarded(memory: Memory, refuse: () => never, what: "writes" | "all"): Memory {
  const write = () => refuse();
  const guard = <T extends object>(array: T): T =>
    new Proxy(array, {
      set: write,
      defineProperty: write,
      get(target, key) {
        if (what === "all" || (typeof key === "string" && /^(?:set|fill|copyWithin|reverse|sort)/.test(key)))
          refuse();
        const value: unknown = Reflect.get(target, key, target);
        // The arrays in a section are made by `subarray`, and have to refuse as well.
        if (key === "subarray")
          return (...range: number[]) => guard((value as (...range: number[]) => T).apply(target, range));
        // Methods of typed arrays accept no proxy as their `this`.
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const { buffer, u8, i8, u16, i16, u32, i32, f32, u64, i64, f64, view } = memory;
  const arrays = { u8, i8, u16, i16, u32, i32, f32, u64, i64, f64, view };
  const copy: Record<string, unknown> = { buffer };
  for (const [name, array] of Object.entries(arrays)) copy[name] = guard(array as object);
  return copy as unknown as Memory;
}
