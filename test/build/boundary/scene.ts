import { join } from "node:path";
import { inspect } from "node:util";
import * as runtime from "../../../toolchain/src/runtime/index.ts";
import { CALLS, type Own } from "./calls.ts";
import { elementOf } from "./elements.ts";
import { job, say } from "./job.ts";
import { removeTable } from "./tables.ts";
import { type Member, membersOf, type Thing } from "./things.ts";

const { BpfError, BpfMap, Link, StructOpsMap } = runtime;

export interface Skel extends runtime.Skeleton {
  readonly maps: Readonly<Record<string, runtime.BpfMap>>;
  readonly progs: Readonly<Record<string, runtime.Program>>;
  readonly links: Readonly<Record<string, runtime.Link | undefined>>;
}

/** Which members were called, and how many calls were made in all. */
export const tally = { covered: new Set<string>(), calls: 0 };
let paths = 0;

/** What was not written by this project's runtime, but by the engine about it. */
const ENGINE =
  /undefined|null|is not (?:a function|iterable|a constructor)|^Cannot (?:read|convert|mix|set|access)/;

export function expected(error: unknown): boolean {
  if (error instanceof BpfError) return error.code !== "" && error.what !== "";
  if (error instanceof RangeError || error instanceof TypeError) return !ENGINE.test(error.message);
  // Node's own, of a path that is not there.
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** How many results of one kind are looked at further. */
const KEPT = 3;

/** One skeleton and what has come out of it. */
export class Scene {
  readonly things: Thing[] = [];
  readonly #waiting: Promise<unknown>[] = [];
  readonly #kept = new Map<string, number>();
  readonly #end = new AbortController();
  readonly skel: Skel;
  readonly #label: string;

  constructor(label: string, skel: Skel) {
    this.#label = label;
    this.skel = skel;
    for (const room of ["maps", "progs", "links"] as const)
      for (const [name, object] of Object.entries(skel[room]))
        if (object) this.things.push({ name: `${room}.${name}`, object });
    for (const [name, { stdout, stderr }] of Object.entries(skel.progs).slice(0, 1))
      for (const [stream, object] of Object.entries({ stdout, stderr }))
        this.things.push({ name: `progs.${name}.${stream}`, object });
    for (const [name, value] of Object.entries(skel))
      if (typeof value === "object" && value !== null && "$m" in value)
        this.things.push({ name, object: value });
  }

  own(thing: Thing): Own {
    const none = { key: undefined, value: undefined };
    return {
      ...(thing.object instanceof BpfMap ? elementOf(thing.object) : none),
      program: Object.values(this.skel.progs)[0]!,
      map: Object.values(this.skel.maps)[0] ?? { fd: -1 },
      path: join(job.folder, "pin"),
      pinPath: join(job.pins, `pin${paths++}`),
      signal: this.#end.signal,
    };
  }

  /** Every member of the thing, each twice. */
  sweep(thing: Thing): void {
    for (const member of members(thing))
      for (const list of argumentsOf(member, this.own(thing)))
        for (let time = 0; time < 2; time++) this.call(thing, member, list);
  }

  /** Whatever its arguments, what is thrown is at least an error. */
  call(thing: Thing, member: Member, list: readonly unknown[], wild = false): void {
    tally.calls++;
    tally.covered.add(member.id);
    const name = `${this.#label} ${thing.name} ${String(member.key)}`;
    say(
      `${name}${member.kind === "method" ? inspect(list, { breakLength: Number.POSITIVE_INFINITY, depth: 1 }) : ""}`,
    );
    try {
      const target = thing.object as Record<string | symbol, unknown>;
      if (member.kind === "getter") void target[member.key];
      else this.#digest(name, (target[member.key] as (...list: unknown[]) => unknown)(...list), wild);
    } catch (error) {
      this.#judge(name, error, wild);
    }
    if (member.key === "disconnect")
      for (const map of Object.values(this.skel.maps)) if (map instanceof StructOpsMap) removeTable(map);
  }

  #judge(name: string, error: unknown, wild = false): void {
    if (wild ? !(error instanceof Error) : !expected(error))
      throw new Error(`${name} threw`, { cause: error });
  }

  #digest(name: string, result: unknown, wild: boolean): void {
    if (Array.isArray(result)) for (const one of result.slice(0, 3)) this.#digest(name, one, wild);
    if (typeof result !== "object" || result === null) return;
    if (result instanceof Promise) this.#await(name, result, wild);
    else if (result instanceof BpfMap || result instanceof Link || "destroy" in result)
      this.#keep(name, result);
    else if (Symbol.iterator in result) this.#pull(name, result as Iterable<unknown>, wild);
    else if (Symbol.asyncIterator in result) {
      const iterator = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      this.#await(name, iterator.next(), wild);
    }
  }

  #keep(name: string, object: object): void {
    if (this.things.some((thing) => thing.object === object)) return;
    // Every program can be attached in the same ways; what comes of each way is looked at a few times.
    const way = `${object.constructor.name} of ${name.split(" ").at(-1)}`;
    const kept = (this.#kept.get(way) ?? 0) + 1;
    this.#kept.set(way, kept);
    if (kept <= KEPT) this.things.push({ name: `(${name})`, object });
    else if ("destroy" in object) (object as { destroy(): void }).destroy();
    else (object as runtime.BpfMap).close();
  }

  #pull(name: string, values: Iterable<unknown>, wild: boolean): void {
    if (ArrayBuffer.isView(values)) return;
    let count = 0;
    try {
      for (const _ of values) if (++count === 3) break;
    } catch (error) {
      this.#judge(name, error, wild);
    }
  }

  #await(name: string, promise: Promise<unknown>, wild: boolean): void {
    this.#waiting.push(promise.catch((error: unknown) => this.#judge(name, error, wild)));
  }

  /** Destroys the skeleton and sees that nothing waits for ever. */
  async end(): Promise<void> {
    this.skel.destroy();
    this.skel.destroy();
    // Inner maps and what was pinned belong to whoever asked for them.
    for (const { object } of this.things) if (object instanceof BpfMap) object.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, 10_000, "late");
    });
    const all = Promise.all(this.#waiting).then(() => "over");
    if ((await Promise.race([all, late])) === "late")
      throw new Error(`${this.#label}: something waits for ever`);
    clearTimeout(timer);
    this.#end.abort();
  }
}

/** Sections are swept through their own getters; everything else through what its classes declare. */
export function members(thing: Thing): Member[] {
  if (!("$m" in thing.object)) return membersOf(thing.object);
  const prototype = Object.getPrototypeOf(thing.object) as object;
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([key, { get }]): Member[] =>
    get ? [{ id: "section", kind: "getter", key, ends: false }] : [],
  );
}

export function argumentsOf(member: Member, own: Own): readonly (readonly unknown[])[] {
  if (member.kind !== "method") return [[]];
  const [Class, name] = member.id.split(".") as [string, string];
  if (typeof member.key === "symbol") return [[]];
  return CALLS[Class]![name]!(own);
}
