import { onEveryCpu, tracepointOf } from "./attach/syscall-entry.ts";
import { chooseGroup, type Groups, groupsOf, type SectionGroup } from "./choose.ts";
import { createMap, makeMap } from "./create-map.ts";
import { failure, StateError } from "./errors.ts";
import { handoverOf } from "./handover/handover.ts";
import { Takeover } from "./handover/takeover.ts";
import { type OwnBtf, ownBtf } from "./kernel-btf.ts";
import { Link } from "./link.ts";
import { Log, type LogOptions } from "./log.ts";
import { logRequest } from "./log-request.ts";
import { ArenaSection } from "./maps/arena-section.ts";
import type { BpfMap } from "./maps/map.ts";
import { StructOpsMap } from "./maps/struct-ops.ts";
import { loadNative } from "./native.ts";
import { noteObject, type OpenObject } from "./needs.ts";
import { Program } from "./program.ts";
import { sealedParts } from "./sealed.ts";
import { Section } from "./section.ts";
import { callAttach, callLibbpf, Session } from "./session.ts";
import type { SkeletonSpec } from "./spec.ts";

/** How a skeleton is opened (`struct bpf_object_open_opts` of libbpf). */
export interface OpenOptions extends LogOptions {
  /**
   * Lines as in a kernel's .config, for `extern … __kconfig` variables. They come on top of the running kernel's own
   * configuration.
   */
  readonly kconfig?: string;
  /** The folder in which maps with `LIBBPF_PIN_BY_NAME` are pinned; /sys/fs/bpf if not given. */
  readonly pinRootPath?: string;
  /**
   * The path of a BTF file to relocate against, for a kernel that has no BTF. If it is not given, such a kernel gets what the
   * file was built with for it (`BTF=`).
   */
  readonly btfCustomPath?: string;
  /** The path of a BPF file system that a BPF token is taken from; "" for no token. Needs Linux 6.9. */
  readonly tokenPath?: string;
  /**
   * How much the verifier writes, 0 to 7: the bits of `log_level` in linux/bpf.h's `union bpf_attr`. From 1 on `onLog`
   * receives the log of programs that are accepted, too. It is 0 if not given.
   */
  readonly kernelLogLevel?: number;
  /** Accepts attributes of map definitions that libbpf does not know; refuses them if not given. */
  readonly relaxedMaps?: boolean;
}

/**
 * An opened skeleton. A generated one says what its `maps`, `progs` and `links` are, and has its data sections as further
 * properties. Disposing of it does the same as `destroy`.
 */
export interface Skeleton extends Disposable {
  /** The maps, by their names. */
  readonly maps: object;
  /** The programs, by their names. */
  readonly progs: object;
  /** The links that `attach()` has made, by program; undefined before, and where nothing is attached automatically. */
  readonly links: object;
  /**
   * Before load, chooses among ways to attach: takes the first group of programs that can all be attached on this kernel,
   * has them loaded, and leaves the programs of the other groups out. It is tried out with programs that do nothing, by
   * the targets that the sections or `setAttachTarget` name. Programs that no group names stay as they are.
   *
   * @param groups - lists of programs by a name for each, the preferred one first: `{ fentry: ["enter"], kprobe: ["probe"] }`
   * @returns the name of the group that was taken
   * @throws {@link BpfError} with the code `EOPNOTSUPP` if no group can be attached, saying of each why not
   * @throws {@link StateError} after load, or if this process may not try
   * @throws `RangeError` for a group that is empty, or names a program that is not there
   */
  choose<const G extends Readonly<Record<string, readonly (keyof this["progs"])[]>>>(
    groups: G,
  ): Extract<keyof G, string>;
  /**
   * Before load, chooses among the sections that programs have: `choose("fentry", "kprobe")` takes all fentry, fexit and
   * fmod_ret programs if each can be attached, otherwise all kprobe and kretprobe programs.
   *
   * @param sections - kinds of sections, the preferred one first
   * @returns the kind that was taken
   * @throws {@link BpfError} with the code `EOPNOTSUPP` if none can be attached, saying of each why not
   * @throws {@link StateError} after load, or if this process may not try
   * @throws `RangeError` for a kind of which there is no program
   */
  choose<K extends SectionGroup>(...sections: readonly [K, ...K[]]): K;
  /**
   * Creates the maps, and has the kernel verify and load the programs (`NAME_bpf__load`).
   *
   * @throws {@link VerifierError} if the kernel does not accept a program
   * @throws {@link StateError} if it was loaded or destroyed before
   * @throws {@link BpfError} with what else libbpf or the kernel refused
   */
  load(): void;
  /**
   * Attaches every program whose section says to what, and every struct_ops map (`NAME_bpf__attach`).
   *
   * @throws {@link StateError} before load, or after `destroy`
   * @throws {@link BpfError} with what libbpf or the kernel refused; what is attached by then stays attached
   */
  attach(): void;
  /** Destroys the links that `attach()` has made (`NAME_bpf__detach`). */
  detach(): void;
  /**
   * Detaches, closes and frees everything (`NAME_bpf__destroy`). Data sections can still be read, and have their last
   * values.
   */
  destroy(): void;
}

/** What a generated file exports under the program's name: it opens the skeleton. */
export interface SkeletonClass<S extends Skeleton> {
  /** NAME of `NAME.bpf.c`. */
  readonly name: string;
  /**
   * Reads the embedded object (`NAME_bpf__open_opts`). Sizes, programs and constants can be set until load.
   *
   * @throws {@link AddonError} if the native addon cannot be loaded
   * @throws {@link BpfError} with what libbpf refused
   */
  open(options?: OpenOptions): S;
  /**
   * Opens the skeleton and loads it (`NAME_bpf__open_and_load`). It is destroyed if it cannot be loaded.
   *
   * @throws {@link AddonError} if the native addon cannot be loaded
   * @throws {@link VerifierError} if the kernel does not accept a program
   * @throws {@link BpfError} with what else libbpf or the kernel refused
   */
  openAndLoad(options?: OpenOptions): S;
}

/** Makes what a generated file exports under the program's name. */
export function defineSkeleton<S extends Skeleton>(spec: SkeletonSpec): SkeletonClass<S> {
  return {
    name: spec.name,
    open: (options = {}) => new OpenSkeleton(spec, options) as unknown as S,
    openAndLoad(options = {}) {
      const skeleton = this.open(options);
      try {
        skeleton.load();
      } catch (error) {
        skeleton.destroy();
        throw error;
      }
      return skeleton;
    },
  };
}

/**
 * Opened skeletons are kept until they are destroyed: the programs of one that the app no longer refers to would be
 * detached when it is collected.
 */
const alive = new Set<OpenSkeleton>();

/** Destroys every skeleton, right before the process is ended: what they have put on the network would stay. */
export function destroyAll(): void {
  for (const skeleton of alive) {
    try {
      skeleton.destroy();
    } catch {
      // The process ends, and nobody is there who could be told.
    }
  }
}

/** The options, with a log of accepted programs too if whoever runs the app asks for the verifier's. */
function withVerifierLog(options: OpenOptions): Readonly<Record<string, unknown>> {
  const kernelLogLevel = options.kernelLogLevel || (logRequest().verifier ? 1 : 0);
  return { ...options, kernelLogLevel };
}

class OpenSkeleton implements Skeleton {
  readonly maps: Record<string, BpfMap> = {};
  readonly progs: Record<string, Program> = {};
  readonly links: Record<string, Link | undefined>;
  readonly #session: Session;
  /** libbpf reads it when it loads, which happens once at most. */
  readonly #btf: OwnBtf | undefined;
  readonly #sections: (Section | ArenaSection)[] = [];

  constructor(spec: SkeletonSpec, options: OpenOptions) {
    const native = loadNative(spec.name, spec.url);
    const log = new Log(native, options);
    const btf = options.btfCustomPath ? undefined : ownBtf(spec.name, spec.url);
    const settings = { ...withVerifierLog(options), ...(btf && { btfCustomPath: btf.path }) };
    const { result: object, text } = log.during(() => native.open(spec.name, settings));
    if (typeof object === "number") {
      btf?.close();
      throw failure("bpf_object__open", object, spec.name, text);
    }
    const handover = handoverOf(native);
    this.#session = new Session({ native, log, name: spec.name, makeMap, object, handover });
    handover?.join(this.#session);
    if (btf) this.#session.cleanup.add(btf.close);
    this.#btf = btf;
    this.#session.cleanup.add(noteObject(() => this.#parts(spec, options.tokenPath)));
    const links: Record<string, Link | undefined> = {};
    this.links = sealedParts(links, "links");
    try {
      this.#describe(spec, links);
    } catch (error) {
      this.#session.end();
      throw error;
    }
    alive.add(this);
  }

  /** What decides on the capabilities that are needed: of the programs, those that are to be loaded. */
  #parts(spec: SkeletonSpec, token: string | undefined): OpenObject {
    const open = this.#session.state !== "destroyed";
    const programs = Object.values(this.progs).filter((prog) => open && prog.autoload);
    const { helpers, subtracts } = spec;
    return { programs, maps: Object.values(spec.maps), helpers, subtracts, token };
  }

  #describe(spec: SkeletonSpec, links: Record<string, Link | undefined>): void {
    const session = this.#session;
    const { native, object } = session;
    for (const [property, section] of Object.entries(spec.sections)) {
      const live = new (section.arena ? ArenaSection : Section)(session, property, section);
      this.#sections.push(live);
      session.sections.set(property, live);
      Object.defineProperty(this, property, { value: live.view, enumerable: true });
    }
    for (const [property, map] of Object.entries(spec.maps)) {
      this.maps[property] = createMap(session, map);
      if (map.type === "struct_ops") links[property] = undefined;
    }
    for (const [property, prog] of Object.entries(spec.progs)) {
      this.progs[property] = new Program(
        session,
        prog.name,
        native.progIndex(object, prog.name),
        prog.section,
      );
      links[property] = undefined;
    }
    // What is written to a name that is not there would reach nobody.
    Object.freeze(this.maps);
    Object.freeze(this.progs);
    Object.preventExtensions(this);
  }

  choose(first: Groups | SectionGroup, ...more: SectionGroup[]): never {
    this.#need("choose", "open");
    const groups = typeof first === "string" ? groupsOf(this.progs, [first, ...more]) : first;
    // The interface says what is returned, which is a name out of the arguments.
    return chooseGroup(this.#session.name, this.progs, groups) as never;
  }

  load(): void {
    const session = this.#session;
    this.#need("load", "open");
    // After a load that failed, libbpf has let go of half of the skeleton.
    if (session.tried)
      throw new StateError("load", `${session.name} could not be loaded: open it again to try again`);
    session.tried = true;
    const takeover = Takeover.begin(session, Object.values(this.maps));
    for (const section of this.#sections) section.beforeLoad();
    try {
      callLibbpf(session, "bpf_object__load", session.name, () => session.native.load(session.object));
    } finally {
      this.#btf?.close();
    }
    session.loaded();
    for (const section of this.#sections) section.afterLoad();
    takeover?.finish();
  }

  attach(): void {
    this.#need("attach", "loaded");
    const session = this.#session;
    for (const [property, prog] of Object.entries(this.progs)) {
      if (this.links[property]) continue;
      const link = callAttach(session, "bpf_program__attach", prog.name, () =>
        session.native.attachAuto(session.object, prog.index),
      );
      if (link === null) continue;
      const made = new Link(session, link, prog.name);
      this.links[property] = onEveryCpu(session, made, tracepointOf(prog.section));
    }
    for (const [property, map] of Object.entries(this.maps)) {
      if (!(map instanceof StructOpsMap) || this.links[property]) continue;
      const link = map.attachAuto();
      if (link) this.links[property] = link;
    }
  }

  detach(): void {
    for (const [property, link] of Object.entries(this.links)) {
      link?.destroy();
      this.links[property] = undefined;
    }
  }

  destroy(): void {
    alive.delete(this);
    try {
      this.#session.end();
    } finally {
      for (const property of Object.keys(this.links)) this.links[property] = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #need(call: string, state: "open" | "loaded"): void {
    const now = this.#session.state;
    if (now === state) return;
    const { name } = this.#session;
    if (now === "destroyed") throw new StateError(call, `${call}() of ${name}, which is destroyed`);
    if (state === "open") throw new StateError(call, `${name} is loaded already`);
    throw new StateError(call, `${call}() of ${name} before load()`, "Call load() first.");
  }
}
