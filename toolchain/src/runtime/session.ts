import { EBUSY, EEXIST } from "./errno.ts";
import { failure, StateError } from "./errors.ts";
import type { Handover } from "./handover/handover.ts";
import type { Log } from "./log.ts";
import type { Native, ObjectHandle } from "./native.ts";
import type { MapSpec, View } from "./spec.ts";

/** What a session needs to know of a data section. */
export interface LiveSection {
  readonly view: View;
  /** The index of its map. */
  readonly map: number;
  /** Gives it another size in bytes; returns a negative error if libbpf refuses. */
  resize(size: number): number;
  destroy(): void;
}

/** Makes the object for a map that is open under a descriptor and has a session of its own. */
export type MakeMap = (session: Session, spec: MapSpec, fd: number) => object;

interface SessionParts {
  readonly native: Native;
  readonly log: Log;
  readonly name: string;
  /** Makes inner maps, for maps of maps. It comes from create-map.ts, which knows the class of every type. */
  readonly makeMap: MakeMap;
  /** The opened skeleton. A map that belongs to no skeleton has none: one that was pinned, or an inner map. */
  readonly object?: ObjectHandle;
  readonly handover?: Handover | undefined;
}

/** What the parts of one opened skeleton have in common. */
export class Session {
  readonly native: Native;
  readonly log: Log;
  readonly name: string;
  readonly makeMap: MakeMap;
  /** Where the app runs in `bpf-app dev`: the connection to the run before it and the one after it. */
  readonly handover: Handover | undefined;
  readonly sections = new Map<string, LiveSection>();
  /** Links are kept until they are destroyed: one that the app no longer refers to would detach when it is collected. */
  readonly links = new Set<{ destroy(): void }>();
  /** What is called when the session ends, the last that was added first. */
  readonly cleanup = new Set<() => void>();
  readonly #object: ObjectHandle | undefined;
  #state: "open" | "loaded" | "destroyed";
  /** Whether a load was begun. After a load that failed, libbpf has freed what later calls would change. */
  tried = false;

  constructor({ native, log, name, makeMap, object, handover }: SessionParts) {
    this.native = native;
    this.log = log;
    this.name = name;
    this.makeMap = makeMap;
    this.handover = handover;
    this.#object = object;
    this.#state = object === undefined ? "loaded" : "open";
  }

  /** How far the skeleton has come. */
  get state(): "open" | "loaded" | "destroyed" {
    return this.#state;
  }

  /**
   * The skeleton in the addon. All calls about it get it here, so that none reaches what is freed.
   *
   * @throws {@link StateError} once it is destroyed
   */
  get object(): ObjectHandle {
    if (this.#state === "destroyed")
      throw new StateError(this.name, `the skeleton ${this.name} is destroyed`, "Open it again.");
    if (this.#object === undefined) throw new StateError(this.name, `${this.name} belongs to no skeleton`);
    return this.#object;
  }

  /**
   * Notes that the skeleton is loaded.
   *
   * @throws {@link StateError} if it was destroyed meanwhile, as a callback for libbpf's log may have done
   */
  loaded(): void {
    void this.object;
    this.#state = "loaded";
  }

  /**
   * Undoes and frees everything. What one part throws keeps no other part from being undone.
   *
   * @throws `Error` or `AggregateError`, at the end: what the parts threw
   */
  end(): void {
    if (this.#state === "destroyed") return;
    this.#state = "destroyed";
    this.handover?.leave(this);
    const faults: unknown[] = [];
    const attempt = (part: () => void) => {
      try {
        part();
      } catch (fault) {
        faults.push(fault);
      }
    };
    for (const undo of [...this.cleanup].reverse()) attempt(undo);
    for (const link of [...this.links]) attempt(() => link.destroy());
    // Sections keep their last values, and programs write to them until they are detached.
    for (const section of this.sections.values()) attempt(() => section.destroy());
    const object = this.#object;
    if (object !== undefined) attempt(() => this.native.destroy(object));
    if (faults.length > 1) throw new AggregateError(faults, `${this.name} was destroyed, with errors`);
    if (faults.length === 1) throw faults[0];
  }

  /** The number of failed reserves, where the program counts them for a ring buffer; otherwise 0. */
  counter({ dropped }: MapSpec): bigint {
    const view = dropped && this.sections.get(dropped.section)?.view;
    return view ? Atomics.load(view.$m.u64, dropped.offset / 8) : 0n;
  }
}

/**
 * Calls libbpf.
 *
 * @param call - the name of libbpf's function
 * @param subject - the program or map that the call is about
 * @param body - makes the call; a negative number that it returns is an error
 * @throws {@link BpfError} if the call failed, with what libbpf logged meanwhile
 */
export function callLibbpf<T>(session: Session, call: string, subject: string, body: () => T | number): T {
  const { result, text } = session.log.during(body);
  if (typeof result === "number" && result < 0) throw failure(call, result, subject, text);
  return result as T;
}

/**
 * Calls libbpf to attach something. Where the place is taken in `bpf-app dev`, by the run of the app before this one, that
 * one is ended first.
 *
 * @throws {@link BpfError} if the call failed, with what libbpf logged meanwhile
 */
export function callAttach<T>(session: Session, call: string, subject: string, body: () => T | number): T {
  const { result, text } = session.log.during(body);
  if (typeof result !== "number" || result >= 0) return result as T;
  if ((result === EBUSY || result === EEXIST) && session.handover?.release())
    return callLibbpf(session, call, subject, body);
  throw failure(call, result, subject, text);
}
