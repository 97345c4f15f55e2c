import { mapTypeFacts } from "../../facts/map-types.ts";
import { withCgroup } from "../attach/cgroup.ts";
import type { HasFd } from "../descriptor.ts";
import { failure } from "../errors.ts";
import { Log } from "../log.ts";
import { Session } from "../session.ts";
import type { Codec, Init, MapSpec } from "../spec.ts";
import { BPF_ANY, Elements } from "./elements.ts";
import { FD } from "./keyed.ts";
import { BpfMap } from "./map.ts";

/** A map of sockets may have values of 8 bytes, in which bpf(2) then finds the sockets' cookies. */
const WIDE: Codec<number> = {
  ctype: "__u64",
  size: 8,
  align: 8,
  read: (m, at) => Number(m.u64[at >>> 3]),
  write: (m, at, value) => {
    m.i64[at >>> 3] = BigInt(value);
  },
};

/**
 * A map whose values are given as file descriptors: the kernel keeps what they stand for. Before load, and after the
 * skeleton was destroyed, every method throws a {@link StateError} or another {@link BpfError}.
 */
export abstract class ReferenceMap<K> extends BpfMap {
  #elements: Elements<K, number> | undefined;

  /**
   * Deletes what is there under a key.
   *
   * @returns whether there was something
   * @throws {@link BpfError} with what the kernel refused
   */
  delete(key: Init<K>): boolean {
    return this.elements.delete(key);
  }

  /** @internal */
  protected get elements(): Elements<K, number> {
    this.#elements ??= new Elements(this, this.keyCodec, this.valueSize === 8 ? WIDE : FD);
    return this.#elements;
  }

  /** @internal */
  protected get keyCodec(): Codec<K, Init<K>> {
    return FD as unknown as Codec<K, Init<K>>;
  }
}

/** A map of type prog_array: the programs that bpf_tail_call() goes to. */
export class ProgArray extends ReferenceMap<number> {
  /**
   * Puts a program into the array.
   *
   * @param index - counted from 0
   * @param program - a program that is loaded
   * @throws {@link BpfError} with what the kernel refused
   */
  set(index: number, program: HasFd): void {
    this.elements.set(index, program.fd);
  }

  /**
   * Reads which program is there.
   *
   * @param index - counted from 0
   * @returns the program's id, as `bpftool prog` shows it; undefined if there is none
   * @throws {@link BpfError} with what the kernel refused
   */
  get(index: number): number | undefined {
    return this.elements.get(index);
  }
}

/** A map of type cgroup_array, for bpf_current_task_under_cgroup() and the like. */
export class CgroupArray extends ReferenceMap<number> {
  /**
   * Puts a cgroup into the array.
   *
   * @param index - counted from 0
   * @param path - the cgroup's directory, `/sys/fs/cgroup/…`
   * @throws {@link BpfError} with what the kernel refused; with code `EBADF`, and words that say so, if the directory is
   * not that of a cgroup of version 2
   * @throws `Error` of Node's if the directory cannot be opened
   */
  set(index: number, path: string): void {
    withCgroup(path, "bpf_map_update_elem", "v2", (fd) => this.elements.set(index, fd));
  }
}

/** A map of type sockmap: sockets by their index. */
export class SockMap extends ReferenceMap<number> {
  /**
   * Puts a socket into the map.
   *
   * @param index - counted from 0
   * @param socket - a socket that is open
   * @param flags - BPF_ANY, BPF_NOEXIST or BPF_EXIST
   * @throws {@link BpfError} with what the kernel refused
   */
  set(index: number, socket: HasFd, flags: number = BPF_ANY): void {
    this.elements.set(index, socket.fd, flags);
  }
}

/** A map of type sockhash: sockets by key. */
export class SockHash<K> extends ReferenceMap<K> {
  /**
   * Puts a socket into the map.
   *
   * @param key - the key
   * @param socket - a socket that is open
   * @param flags - BPF_ANY, BPF_NOEXIST or BPF_EXIST
   * @throws {@link BpfError} with what the kernel refused
   * @throws `RangeError` or `TypeError` for a key that its type cannot hold
   */
  set(key: Init<K>, socket: HasFd, flags: number = BPF_ANY): void {
    this.elements.set(key, socket.fd, flags);
  }

  /** @internal */
  protected override get keyCodec(): Codec<K, Init<K>> {
    return this.spec.key as unknown as Codec<K, Init<K>>;
  }
}

/** A map of type hash_of_maps: inner maps by key. */
export class HashOfMaps<K, M extends BpfMap> extends ReferenceMap<K> {
  /**
   * Creates a map of the inner kind, which `set` puts in. It belongs to the caller, who closes it.
   *
   * @throws {@link BpfError} with what the kernel refused
   * @throws `TypeError` if the definition does not say what inner maps are like, with `__array(values, …)`
   */
  create(): M {
    const spec = this.#inner;
    const { native } = this.session;
    const { keySize, valueSize, maxEntries, flags } = spec;
    const type = mapTypeFacts(spec.type)?.number ?? -1;
    const fd = native.mapCreate(type, "", keySize, valueSize, maxEntries, flags);
    if (fd < 0) throw failure("bpf_map_create", fd, `an inner map of ${this.name}`);
    return this.#wrap(fd);
  }

  /**
   * Puts an inner map in.
   *
   * @param key - the key, or the index
   * @param map - a map of the inner kind
   * @param flags - BPF_ANY, BPF_NOEXIST or BPF_EXIST
   * @throws {@link BpfError} with what the kernel refused
   */
  set(key: Init<K>, map: HasFd, flags: number = BPF_ANY): void {
    this.elements.set(key, map.fd, flags);
  }

  /**
   * Opens the inner map that is there. It belongs to the caller, who closes it.
   *
   * @param key - the key, or the index
   * @returns undefined if there is none
   * @throws {@link BpfError} with what the kernel refused
   * @throws `TypeError` if the definition does not say what inner maps are like, with `__array(values, …)`
   */
  get(key: Init<K>): M | undefined {
    const id = this.elements.get(key);
    if (id === undefined) return undefined;
    const fd = this.session.native.fdById("map", id);
    if (fd < 0) throw failure("bpf_map_get_fd_by_id", fd, `an inner map of ${this.name}`);
    return this.#wrap(fd);
  }

  /** @internal */
  protected override get keyCodec(): Codec<K, Init<K>> {
    return this.spec.key as unknown as Codec<K, Init<K>>;
  }

  get #inner(): MapSpec {
    if (this.spec.inner) return this.spec.inner;
    throw new TypeError(`${this.name} does not say what its inner maps are like: give it __array(values, …)`);
  }

  #wrap(fd: number): M {
    const { native, makeMap } = this.session;
    try {
      const session = new Session({ native, makeMap, log: new Log(native, {}), name: this.name });
      return makeMap(session, this.#inner, fd) as M;
    } catch (error) {
      native.closeFd(fd);
      throw error;
    }
  }
}

/** A map of type array_of_maps: inner maps by their index. */
export class ArrayOfMaps<M extends BpfMap> extends HashOfMaps<number, M> {
  /** @internal */
  protected override get keyCodec(): Codec<number> {
    return FD;
  }
}
