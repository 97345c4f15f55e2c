import { inspect } from "node:util";
import { MAP_NUMBERS, type MapType, mapTypeName } from "../../facts/map-types.ts";
import { typeNumber } from "../../facts/number.ts";
import type { HasFd } from "../descriptor.ts";
import { failure, StateError } from "../errors.ts";
import { summary } from "../inspect.ts";
import type { MapInfo } from "../native.ts";
import { callLibbpf, type Session } from "../session.ts";
import type { MapSpec } from "../spec.ts";

/**
 * What every map has (`struct bpf_map`). Maps whose elements user space neither reads nor writes have nothing more:
 * devmap, cpumap, xskmap and the like. After the skeleton was destroyed its maps throw a {@link StateError}.
 */
export class BpfMap implements Disposable {
  /** The name in the object; of a map that was pinned, the name that the kernel has for it. */
  readonly name: string;
  /** @internal */
  readonly session: Session;
  /** @internal */
  readonly spec: MapSpec;
  readonly #index: number;
  /** Whether the descriptor is its own, as that of a map that belongs to no skeleton is. */
  readonly #own: boolean;
  #fd: number;
  #type: string;

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd = -1) {
    this.session = session;
    this.spec = spec;
    this.name = spec.name;
    this.#type = spec.type;
    this.#own = fd >= 0;
    this.#fd = fd;
    // It is closed last of all, as cleanup runs backwards: until then the number is not another file's.
    if (this.#own) session.cleanup.add(() => session.native.closeFd(fd));
    this.#index = fd >= 0 ? -1 : session.native.mapIndex(session.object, spec.section ?? spec.name);
  }

  /** @internal */
  get index(): number {
    return this.#index;
  }

  /** The map's file descriptor; -1 before load, where load left the map out, and after the skeleton was destroyed. */
  get fd(): number {
    if (this.#fd < 0 && this.session.state !== "destroyed") this.#fd = Math.max(-1, this.info.fd);
    return this.session.state === "destroyed" ? -1 : this.#fd;
  }

  /**
   * The name of its type, that of `enum bpf_map_type` without its prefix and in lower case: `percpu_array`. It is the type
   * of its declaration, or what `setType` has made of it.
   */
  get type(): string {
    return this.#type;
  }

  /** The largest number of elements; for a ring buffer its size in bytes. */
  get maxEntries(): number {
    return this.info.maxEntries;
  }

  /** The size of a key, in bytes. */
  get keySize(): number {
    return this.info.keySize;
  }

  /** The size of a value, in bytes; in a map of values for each CPU, that of one of them. */
  get valueSize(): number {
    return this.info.valueSize;
  }

  /** The map's flags: BPF_F_… of linux/bpf.h. */
  get flags(): number {
    return this.info.flags;
  }

  /**
   * Before load, sets the largest number of elements. For a ring buffer it is the size in bytes: a power of two, and whole
   * pages.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   */
  setMaxEntries(maxEntries: number): void {
    this.change("bpf_map__set_max_entries", "maxEntries", maxEntries);
  }

  /**
   * Before load, sets the size of a value in bytes. The map of a data section gets longer so, and with it the section's
   * last variable, if that is an array; not in an object with kconfig variables, whose names libbpf (1.5) then loses.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   */
  setValueSize(size: number): void {
    const call = "bpf_map__set_value_size";
    const section = [...this.session.sections.values()].find(({ map }) => map === this.#index);
    if (section === undefined) {
      this.change(call, "valueSize", size);
      return;
    }
    this.#beforeLoad(call, "resized");
    callLibbpf(this.session, call, this.name, () => section.resize(size));
  }

  /**
   * Before load, sets the size of a key in bytes.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   */
  setKeySize(size: number): void {
    this.change("bpf_map__set_key_size", "keySize", size);
  }

  /**
   * Before load, sets the flags that the map is created with: BPF_F_… of linux/bpf.h.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   */
  setFlags(flags: number): void {
    this.change("bpf_map__set_map_flags", "flags", flags);
  }

  /**
   * Before load, sets the map's type, for example to `perf_event_array` where the kernel has no ring buffer.
   *
   * @param type - of `enum bpf_map_type`, its name or its number
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   * @throws `RangeError` if there is no type of that name
   */
  setType(type: MapType | number): void {
    const number = typeNumber(MAP_NUMBERS, type, "map");
    this.change("bpf_map__set_type", "type", number);
    this.#type = mapTypeName(number) ?? String(number);
  }

  /**
   * Before load, sets whether `load()` creates the map. Programs that use it have to be left out, too.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   */
  setAutocreate(autocreate: boolean): void {
    this.change("bpf_map__set_autocreate", "autocreate", autocreate);
  }

  /**
   * Before load, sets where in a BPF file system the map is pinned: `load()` takes the map that is there, or creates one
   * and pins it there.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   */
  setPinPath(path: string): void {
    this.change("bpf_map__set_pin_path", "pinPath", path);
  }

  /**
   * Before load, takes a map that exists in place of a new one, for example the map of another skeleton.
   *
   * @throws {@link StateError} after load, or for a map that belongs to no skeleton
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  reuse(map: HasFd): void {
    const call = "bpf_map__reuse_fd";
    this.#beforeLoad(call, "replaced");
    this.change(call, "reuseFd", map.fd);
  }

  /**
   * Pins the map to the BPF file system, where it stays beyond this process. {@link openPinned} opens it again.
   *
   * @param path - a new path in a BPF file system, such as `/sys/fs/bpf/NAME`
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   * @throws {@link BpfError} with what the kernel refused
   */
  pin(path: string): void {
    const fd = this.needFd("pin");
    callLibbpf(this.session, "bpf_map__pin", `${this.name} at ${path}`, () =>
      this.session.native.objPin(fd, path),
    );
  }

  /** @internal */
  needFd(call: string): number {
    const { fd } = this;
    if (fd >= 0) return fd;
    if (this.session.state === "destroyed")
      throw new StateError(call, `the skeleton of map ${this.name} is destroyed`);
    if (this.session.state === "loaded")
      throw new StateError(
        call,
        `map ${this.name} does not exist: load() left it out`,
        "Take out setAutocreate(false). Data sections are also left out on kernels before Linux 5.2.",
      );
    throw new StateError(call, `map ${this.name} does not exist before load`, "Call load() first.");
  }

  /**
   * Closes a map that belongs to no skeleton: one that was pinned, or an inner map. A map of a skeleton is closed with the
   * skeleton, and not by this.
   */
  close(): void {
    if (this.#own) this.session.end();
  }

  /** Does the same as `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What `console.log` shows. */
  [inspect.custom](): object {
    return summary<BpfMap>(this, "name", "type", "fd");
  }

  /** Refuses what libbpf does not refuse itself after load. */
  #beforeLoad(call: string, what: string): void {
    if (this.session.state !== "open" || this.session.tried)
      throw new StateError(call, `${this.name} can be ${what} before load only`);
  }

  /** @internal */
  protected change(call: string, what: string, value: unknown): void {
    const { session } = this;
    if (this.#own) throw new StateError(call, `map ${this.name} exists: it cannot be changed any more`);
    callLibbpf(session, call, this.name, () =>
      session.native.mapSet(session.object, this.#index, what, value),
    );
  }

  /**
   * The map as libbpf has it, which also knows what `reuse` has put in its place. Only for a map that belongs to no
   * skeleton is the kernel asked: a bpf(2) call may be refused, or seen by whoever traces them.
   *
   * @internal
   */
  get info(): MapInfo {
    if (this.session.state === "destroyed")
      throw new StateError(this.name, `the skeleton of map ${this.name} is destroyed`);
    if (this.#own) {
      const found = this.session.native.mapInfoByFd(this.#fd);
      return { ...found, initialSize: -1, autocreate: false, pinned: false };
    }
    const info = this.session.native.mapInfo(this.session.object, this.#index);
    if (typeof info === "number") throw failure("bpf_object__find_map_by_name", info, this.name);
    return info;
  }
}
