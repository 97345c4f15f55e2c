import { inspect } from "node:util";
import { MAP_NUMBERS, type MapType } from "../../facts/map-types.ts";
import { typeNumber } from "../../facts/number.ts";
import { failure, StateError } from "../errors.ts";
import { summary } from "../inspect.ts";
import type { MapInfo } from "../native.ts";
import { callLibbpf, type Session } from "../session.ts";
import type { MapSpec } from "../spec.ts";

/** What every map has (`struct bpf_map`). */
export class BpfMap implements Disposable {
  readonly name: string;
  /** `enum bpf_map_type` without its prefix, lower case. */
  readonly type: string;
  /** @internal */
  readonly session: Session;
  /** @internal */
  readonly spec: MapSpec;
  readonly #index: number;
  /** Its own, where it belongs to no skeleton. */
  readonly #own: boolean;
  #fd: number;

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd = -1) {
    this.session = session;
    this.spec = spec;
    this.name = spec.name;
    this.type = spec.type;
    this.#own = fd >= 0;
    this.#fd = fd;
    // Last of all, as cleanup runs backwards: until then the number is not another file's.
    if (this.#own) session.cleanup.add(() => session.native.closeFd(fd));
    this.#index = fd >= 0 ? -1 : session.native.mapIndex(session.object, spec.section ?? spec.name);
  }

  /** @internal */
  get index(): number {
    return this.#index;
  }

  /** -1 before load, and where load left the map out. */
  get fd(): number {
    if (this.#fd < 0 && this.session.state !== "destroyed") this.#fd = Math.max(-1, this.info.fd);
    return this.session.state === "destroyed" ? -1 : this.#fd;
  }

  get maxEntries(): number {
    return this.info.maxEntries;
  }

  get keySize(): number {
    return this.info.keySize;
  }

  get valueSize(): number {
    return this.info.valueSize;
  }

  get flags(): number {
    return this.info.flags;
  }

  /** Before load. A ring buffer's is its size in bytes: a power of two, and whole pages. */
  setMaxEntries(maxEntries: number): void {
    this.change("bpf_map__set_max_entries", "maxEntries", maxEntries);
  }

  /**
   * Before load, in bytes. That of a data section makes its last variable, an array, longer; not in an object with
   * kconfig variables, whose names libbpf (1.5) then loses.
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

  /** Before load, in bytes. */
  setKeySize(size: number): void {
    this.change("bpf_map__set_key_size", "keySize", size);
  }

  /** Before load: BPF_F_… of map creation. */
  setFlags(flags: number): void {
    this.change("bpf_map__set_map_flags", "flags", flags);
  }

  /**
   * Before load: `enum bpf_map_type`, its name or number; for example "perf_event_array" where there is no ring buffer.
   */
  setType(type: MapType | number): void {
    this.change("bpf_map__set_type", "type", typeNumber(MAP_NUMBERS, type, "map"));
  }

  /** Before load: with `false` the map is left out. */
  setAutocreate(autocreate: boolean): void {
    this.change("bpf_map__set_autocreate", "autocreate", autocreate);
  }

  /** Before load: `load()` takes the map pinned there, or pins it there. */
  setPinPath(path: string): void {
    this.change("bpf_map__set_pin_path", "pinPath", path);
  }

  /** Before load: use a map that exists, for example one of another skeleton. */
  reuse(map: { readonly fd: number }): void {
    const call = "bpf_map__reuse_fd";
    this.#beforeLoad(call, "replaced");
    this.change(call, "reuseFd", map.fd);
  }

  /** Pins the map under a path of the BPF file system. */
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

  /** Closes a map that belongs to no skeleton; one of a skeleton closes with it. */
  close(): void {
    if (this.#own) this.session.end();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [inspect.custom](): object {
    return summary<BpfMap>(this, "name", "type", "fd");
  }

  /** Where libbpf does not look itself. */
  #beforeLoad(call: string, what: string): void {
    if (this.session.state !== "open" || this.session.tried)
      throw new StateError(call, `${this.name} can be ${what} before load only`);
  }

  protected change(call: string, what: string, value: unknown): void {
    const { session } = this;
    if (this.#own) throw new StateError(call, `map ${this.name} exists: it cannot be changed any more`);
    callLibbpf(session, call, this.name, () =>
      session.native.mapSet(session.object, this.#index, what, value),
    );
  }

  protected get info(): MapInfo {
    if (this.session.state === "destroyed")
      throw new StateError(this.name, `the skeleton of map ${this.name} is destroyed`);
    if (this.#own) return { ...this.session.native.mapInfoByFd(this.#fd), initialSize: -1 };
    const info = this.session.native.mapInfo(this.session.object, this.#index);
    if (typeof info === "number") throw failure("bpf_object__find_map_by_name", info, this.name);
    return info;
  }
}
