import { createMap, makeMap } from "./create-map.ts";
import { failure, StateError } from "./errors.ts";
import { Link } from "./link.ts";
import { Log, type LogOptions } from "./log.ts";
import type { BpfMap } from "./maps/map.ts";
import { StructOpsMap } from "./maps/struct-ops.ts";
import { loadNative } from "./native.ts";
import { Program } from "./program.ts";
import { Section } from "./section.ts";
import { callLibbpf, Session } from "./session.ts";
import type { SkeletonSpec } from "./spec.ts";
import { onEveryCpu, tracepointOf } from "./syscall-entry.ts";

export interface OpenOptions extends LogOptions {
  /** Lines as in a kernel's .config, on top of the running kernel's, for `extern … __kconfig` variables. */
  readonly kconfig?: string;
  /** Where maps with `LIBBPF_PIN_BY_NAME` are pinned; /sys/fs/bpf if not given. */
  readonly pinRootPath?: string;
  /** BTF to relocate against on a kernel that has none. */
  readonly btfCustomPath?: string;
  /** A BPF file system to get a BPF token from; "" for no token. */
  readonly tokenPath?: string;
  /** The verifier's log, 0 to 7; from 1 on `onLog` receives it also where it accepts. */
  readonly kernelLogLevel?: number;
  /** Accept attributes of map definitions that libbpf does not know. */
  readonly relaxedMaps?: boolean;
}

/** An opened skeleton. A generated one narrows `maps`, `progs` and `links` and adds its data sections. */
export interface Skeleton extends Disposable {
  readonly maps: object;
  readonly progs: object;
  /** Links that `attach()` made; undefined before, and for programs that are not attached automatically. */
  readonly links: object;
  /** Creates the maps and has the kernel verify and load the programs. @throws VerifierError, BpfError */
  load(): void;
  /** Attaches every program whose section says to what, and every struct_ops map. @throws BpfError */
  attach(): void;
  /** Destroys the links that `attach()` made. */
  detach(): void;
  /** Detaches, closes and frees everything. Data sections stay readable with their last values. */
  destroy(): void;
}

export interface SkeletonClass<S extends Skeleton> {
  readonly name: string;
  /** NAME_bpf__open_opts */
  open(options?: OpenOptions): S;
  /** NAME_bpf__open_and_load */
  openAndLoad(options?: OpenOptions): S;
}

/** Called by generated code. */
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

/** Opened skeletons are kept until destroyed, however little of them the app still refers to: else they would detach. */
const alive = new Set<OpenSkeleton>();

class OpenSkeleton implements Skeleton {
  readonly maps: Record<string, BpfMap> = {};
  readonly progs: Record<string, Program> = {};
  readonly links: Record<string, Link | undefined> = {};
  readonly #session: Session;
  readonly #sections: Section[] = [];

  constructor(spec: SkeletonSpec, options: OpenOptions) {
    const native = loadNative(spec.name, spec.url);
    const log = new Log(native, options);
    const { result: object, text } = log.during(() => native.open({ ...options }));
    if (typeof object === "number") throw failure("bpf_object__open", object, spec.name, text);
    this.#session = new Session({ native, log, name: spec.name, makeMap, object });
    try {
      this.#describe(spec);
    } catch (error) {
      this.#session.end();
      throw error;
    }
    alive.add(this);
  }

  #describe(spec: SkeletonSpec): void {
    const session = this.#session;
    const { native, object } = session;
    for (const [property, section] of Object.entries(spec.sections)) {
      const live = new Section(session, property, section);
      this.#sections.push(live);
      session.sections.set(property, live);
      Object.defineProperty(this, property, { value: live.view, enumerable: true });
    }
    for (const [property, map] of Object.entries(spec.maps)) {
      this.maps[property] = createMap(session, map);
      if (map.type === "struct_ops") this.links[property] = undefined;
    }
    for (const [property, prog] of Object.entries(spec.progs)) {
      this.progs[property] = new Program(
        session,
        prog.name,
        native.progIndex(object, prog.name),
        prog.section,
      );
      this.links[property] = undefined;
    }
  }

  load(): void {
    const session = this.#session;
    this.#need("load", "open");
    // libbpf has let go of half of it by then.
    if (session.tried)
      throw new StateError("load", `${session.name} could not be loaded: open it again to try again`);
    session.tried = true;
    for (const section of this.#sections) section.beforeLoad();
    callLibbpf(session, "bpf_object__load", session.name, () => session.native.load(session.object));
    session.loaded();
    for (const section of this.#sections) section.afterLoad();
  }

  attach(): void {
    this.#need("attach", "loaded");
    const session = this.#session;
    for (const [property, prog] of Object.entries(this.progs)) {
      if (this.links[property]) continue;
      const link = callLibbpf(session, "bpf_program__attach", prog.name, () =>
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
