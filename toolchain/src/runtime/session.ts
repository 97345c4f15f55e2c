import { failure } from "./errors.ts";
import { Log } from "./log.ts";
import type { BpfMap } from "./maps/map.ts";
import type { Native, ObjectHandle } from "./native.ts";
import type { Section } from "./section.ts";
import type { MapSpec } from "./spec.ts";

/** What the parts of one opened skeleton have in common. */
export class Session {
  readonly native: Native;
  readonly object: ObjectHandle;
  readonly log: Log;
  readonly name: string;
  readonly sections = new Map<string, Section>();
  /** Kept until they are destroyed: one that the app no longer refers to would detach when it is collected. */
  readonly links = new Set<object>();
  /** Run when the skeleton is destroyed, latest first. */
  readonly cleanup = new Set<() => void>();
  /** Set by maps/create.ts, which knows every kind of map: maps of maps make such. */
  makeMap!: (session: Session, spec: MapSpec, fd: number) => BpfMap;
  state: "open" | "loaded" | "destroyed" = "open";

  /** Of a map that belongs to no skeleton: one that was pinned, or an inner map. */
  static standalone(native: Native, name: string): Session {
    const session = new Session(native, undefined as never, new Log(native, {}), name);
    session.state = "loaded";
    return session;
  }

  constructor(native: Native, object: ObjectHandle, log: Log, name: string) {
    this.native = native;
    this.object = object;
    this.log = log;
    this.name = name;
  }

  /** The counter of failed reserves that the program keeps for a ring buffer. */
  counter({ dropped }: MapSpec): bigint {
    const view = dropped && this.sections.get(dropped.section)?.view;
    return view ? Atomics.load(view.$m.u64, dropped.offset / 8) : 0n;
  }
}

/**
 * Calls libbpf and throws its error, which carries what it logged meanwhile.
 *
 * @param call libbpf's function
 * @param subject the program or map concerned
 */
export function run<T>(session: Session, call: string, subject: string, body: () => T | number): T {
  const { result, text } = session.log.during(body);
  if (typeof result === "number" && result < 0) throw failure(call, result, subject, text);
  return result as T;
}
