import { closeSync, openSync } from "node:fs";
import { mapTypeFacts } from "../../facts/map-types.ts";
import { failure } from "../errors.ts";
import { Log } from "../log.ts";
import { Session } from "../session.ts";
import type { Codec, MapSpec } from "../spec.ts";
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

type HasFd = { readonly fd: number };

/** A map whose values are written as file descriptors: the kernel keeps what they stand for. */
abstract class References<K> extends BpfMap {
  #elements: Elements<K, number> | undefined;

  delete(key: K): boolean {
    return this.elements.delete(key);
  }

  protected get elements(): Elements<K, number> {
    this.#elements ??= new Elements(this, this.keyCodec, this.valueSize === 8 ? WIDE : FD);
    return this.#elements;
  }

  protected get keyCodec(): Codec<K> {
    return FD as unknown as Codec<K>;
  }
}

/** prog_array: where bpf_tail_call goes. */
export class ProgArray extends References<number> {
  set(index: number, program: HasFd): void {
    this.elements.set(index, program.fd);
  }

  /** The id of the program there. */
  get(index: number): number | undefined {
    return this.elements.get(index);
  }
}

/** cgroup_array: for bpf_current_task_under_cgroup and its like. */
export class CgroupArray extends References<number> {
  /** @param path the cgroup's directory, `/sys/fs/cgroup/…` */
  set(index: number, path: string): void {
    const fd = openSync(path, "r");
    try {
      this.elements.set(index, fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** sockmap: sockets by index. */
export class SockMap extends References<number> {
  set(index: number, socket: HasFd, flags: number = BPF_ANY): void {
    this.elements.set(index, socket.fd, flags);
  }
}

/** sockhash: sockets by key. */
export class SockHash<K> extends References<K> {
  set(key: K, socket: HasFd, flags: number = BPF_ANY): void {
    this.elements.set(key, socket.fd, flags);
  }

  protected override get keyCodec(): Codec<K> {
    return this.spec.key as unknown as Codec<K>;
  }
}

/** hash_of_maps: inner maps by key. */
export class HashOfMaps<K, M extends BpfMap> extends References<K> {
  /** A new map of the inner kind, to be put in with `set`. It belongs to the caller, who closes it. */
  create(): M {
    const spec = this.#inner;
    const { native } = this.session;
    const { keySize, valueSize, maxEntries, flags } = spec;
    const type = mapTypeFacts(spec.type)?.number ?? -1;
    const fd = native.mapCreate(type, "", keySize, valueSize, maxEntries, flags);
    if (fd < 0) throw failure("bpf_map_create", fd, `an inner map of ${this.name}`);
    return this.#wrap(fd);
  }

  set(key: K, map: HasFd, flags: number = BPF_ANY): void {
    this.elements.set(key, map.fd, flags);
  }

  /** The inner map there; the caller closes it. */
  get(key: K): M | undefined {
    const id = this.elements.get(key);
    if (id === undefined) return undefined;
    const fd = this.session.native.fdById("map", id);
    if (fd < 0) throw failure("bpf_map_get_fd_by_id", fd, `an inner map of ${this.name}`);
    return this.#wrap(fd);
  }

  protected override get keyCodec(): Codec<K> {
    return this.spec.key as unknown as Codec<K>;
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

/** array_of_maps: inner maps by index. */
export class ArrayOfMaps<M extends BpfMap> extends HashOfMaps<number, M> {
  protected override get keyCodec(): Codec<number> {
    return FD;
  }
}
