import { writeFileSync } from "node:fs";
import { isSea } from "node:sea";
import {
  type Attached,
  DEV_VARIABLE,
  type FreshMap,
  type FromDev,
  failureFile,
} from "../../facts/handover.ts";
import { onMainThread } from "../loaded.ts";
import type { Native } from "../native.ts";
import { Line, type Received } from "./line.ts";

/** A skeleton, as far as its end is concerned. */
interface Owner {
  readonly name: string;
  readonly links: Iterable<{ destroy(): void }>;
}

/** A map that events are read from. */
export interface Reading {
  readonly name: string;
  readonly session: Pick<Owner, "name">;
  /** How many bytes were not read yet. */
  readonly available: number;
  /** Tells the kernel how far reading has come, and reads no more. */
  pause(): void;
}

/** What dev has said of the maps of a skeleton that is about to be loaded. */
export interface Offer {
  readonly maps: readonly (Received & { readonly message: { readonly do: "map" | "carry" } })[];
  readonly fresh: readonly FreshMap[];
}

/** How long to wait for dev's answer, in milliseconds, and for the end of the app before. */
const ANSWER_TIME = 5000;
const RELEASE_TIME = 30_000;
/** How long reading goes on, at most, of what the next app does not read, in milliseconds. */
const DRAIN_TIME = 500;
/** After what time an app that attaches nothing and reads nothing counts as running, in milliseconds. */
const SETTLED = 1000;

/**
 * The part that an app plays in `bpf-app dev`. After an edit dev starts it anew, beside the run that is there, and the new
 * run begins where that one is:
 *
 * 1. at load it takes the maps that have not changed, as descriptors that dev holds;
 * 2. it attaches its programs, in the place of the old ones where the kernel can exchange the program of a link, and
 *    otherwise beside them, so that no event is missed;
 * 3. it says that it has taken over. The old run detaches its programs and stops reading, and only then this one reads
 *    the ring buffers that both have, so that each record goes to one of them.
 *
 * dev holds the maps and not the links: so the maps outlive a run that crashes, and its programs do not. A run that fails
 * before step 3 leaves the old one as it was.
 */
export class Handover {
  readonly #native: Native;
  readonly #line: Line;
  /** How far this run has come. */
  #state: "starting" | "taken" | "current" | "stopped" = "starting";
  #scheduled = false;
  readonly #owners = new Set<Owner>();
  readonly #readings = new Set<Reading>();
  /** The maps that are not to be read now, as `SKELETON/MAP`. */
  readonly #kept = new Set<string>();
  #waiting: (() => void)[] = [];
  /** What the run before has attached, by key. */
  readonly #before = new Map<string, Attached>();
  /** What this run has taken over, by key: how it is given back. */
  readonly #giveBack = new Map<string, () => void>();
  /** The keys of what the next run has taken over. */
  #passedOn = new Set<string>();
  readonly #asked = new Set<string>();

  constructor(native: Native, fd: number, run: number) {
    this.#native = native;
    this.#line = new Line(native, fd, () => this.#alone());
    this.#line.send({ say: "begin", run });
    this.#line.listen(() => this.#hear());
    process.once("exit", () => this.#undo());
  }

  /** Whether the run before is over, so that it is of no interest to dev why this one ends. */
  get over(): boolean {
    return !this.#uncommitted;
  }

  /** Whether what this run has taken over has to be given back if it ends: the run before may still be there. */
  get #uncommitted(): boolean {
    return this.#state === "starting" || this.#state === "taken";
  }

  /** Notes a skeleton, whose programs are detached when the next run has taken over. */
  join(owner: Owner): void {
    this.#owners.add(owner);
  }

  /** Forgets a skeleton, which ends: nothing of it can be detached or read any more. */
  leave(owner: Owner): void {
    this.#owners.delete(owner);
    for (const reading of this.#readings) if (reading.session === owner) this.#readings.delete(reading);
  }

  /**
   * Asks for the maps of a skeleton. Only the first of a name has them: a second one that is open at the same time has
   * maps of its own.
   *
   * @returns undefined if there are none to be had
   */
  offer(skeleton: string, ask: Parameters<Line["send"]>[0]): Offer | undefined {
    if (this.#asked.has(skeleton)) return undefined;
    this.#asked.add(skeleton);
    const maps: Received[] = [];
    const end = this.#answer(ask, "end", ANSWER_TIME, (other) => maps.push(other));
    if (end === undefined) {
      this.close(maps.flatMap(({ descriptors }) => descriptors));
      return undefined;
    }
    for (const attached of end.attached) this.#before.set(attached.key, attached);
    return { maps: maps as Offer["maps"], fresh: end.fresh };
  }

  close(descriptors: readonly number[]): void {
    for (const fd of descriptors) this.#native.closeFd(fd);
  }

  /** Says something that is not answered. */
  send(...message: Parameters<Line["send"]>): void {
    this.#line.send(...message);
  }

  /** After load: notes which maps are also read by the run before. */
  loaded(skeleton: string, kept: readonly string[]): void {
    if (this.#state === "starting") for (const map of kept) this.#kept.add(`${skeleton}/${map}`);
    setTimeout(() => this.#take(), SETTLED).unref();
  }

  /** What the run before has attached under that key and nobody has taken over yet. */
  attachedBefore(key: string): Attached | undefined {
    return this.#before.get(key);
  }

  /**
   * Notes that something of the run before was taken over.
   *
   * @param giveBack - puts the program of before back, if this run fails
   */
  tookOver(key: string, giveBack: () => void): void {
    this.#before.delete(key);
    this.#giveBack.set(key, giveBack);
  }

  /**
   * Gives something back that was taken over, unless this run has become the one that runs.
   *
   * @returns whether it did
   */
  giveBack(key: string): boolean {
    const giveBack = this.#giveBack.get(key);
    if (!this.#uncommitted || giveBack === undefined) return false;
    this.#giveBack.delete(key);
    giveBack();
    return true;
  }

  /**
   * Makes a function that undoes something, once, if this run fails. It is called at the process's end at the latest.
   */
  orBack(back: () => void): () => void {
    const key = `back ${this.#giveBack.size}`;
    this.#giveBack.set(key, back);
    return () => void this.giveBack(key);
  }

  /** Notes that something is attached. Once this turn of the event loop is over, everything that is to be attached is. */
  attached(attached?: Attached): void {
    if (attached) this.#line.send({ say: "attached", attached });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#take());
  }

  /** Whether the next run has taken over what was attached under that key, so that it is no longer this one's to undo. */
  passedOn(key: string): boolean {
    this.#hear();
    return this.#passedOn.has(key);
  }

  /**
   * Ends the run before, because it is in the way.
   *
   * @returns whether it has ended just now
   */
  release(): boolean {
    if (this.#state !== "starting") return false;
    const released = this.#answer({ say: "release" }, "released", RELEASE_TIME) !== undefined;
    if (released) this.#kept.clear();
    return released;
  }

  /** Notes a map that events are read from. */
  reads(reading: Reading): void {
    this.#readings.add(reading);
  }

  /** Whether the events of a map are another run's to read. */
  holds(reading: Pick<Reading, "name" | "session">): boolean {
    return this.#state === "stopped" || this.#kept.has(nameOf(reading));
  }

  /** Calls `resolve` when this run may read. */
  wait(resolve: () => void): void {
    this.#waiting.push(resolve);
    this.#line.referenced = true;
    this.attached();
  }

  endWait(resolve: () => void): void {
    const at = this.#waiting.indexOf(resolve);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    if (this.#waiting.length === 0) this.#line.referenced = false;
    resolve();
  }

  #take(): void {
    if (this.#state !== "starting") return;
    this.#state = "taken";
    this.#line.send({ say: "taken", links: [...this.#giveBack.keys()] });
  }

  #go(): void {
    if (this.#state === "stopped") return;
    this.#state = "current";
    this.#kept.clear();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#line.referenced = false;
    for (const resolve of waiting) resolve();
  }

  /** Takes what has come, without waiting. */
  #hear(): void {
    for (let received = this.#line.receive(0); received; received = this.#line.receive(0))
      this.#push(received);
  }

  /** Sends a question and waits for the answer; what dev says of its own accord meanwhile is done, too. */
  #answer<D extends FromDev["do"]>(
    question: Parameters<Line["send"]>[0],
    wanted: D,
    milliseconds: number,
    others: (received: Received) => void = () => {},
  ): Extract<FromDev, { do: D }> | undefined {
    this.#line.send(question);
    for (let received = this.#line.receive(milliseconds); received; ) {
      const { message } = received;
      if (message.do === wanted) return message as Extract<FromDev, { do: D }>;
      if (message.do === "map" || message.do === "carry") others(received);
      else this.#push(received);
      received = this.#line.receive(milliseconds);
    }
    return undefined;
  }

  #push({ message, descriptors }: Received): void {
    this.close(descriptors);
    if (message.do === "go") this.#go();
    if (message.do === "stop") {
      this.#passedOn = new Set(message.links);
      void this.#stop(new Set(message.kept));
    }
  }

  /** Detaches what the next run has attached anew, reads to its end what that one does not read, and reads no more. */
  async #stop(kept: ReadonlySet<string>): Promise<void> {
    for (const name of kept) this.#kept.add(name);
    for (const { links } of this.#owners) for (const link of [...links]) link.destroy();
    for (const reading of this.#readings) if (kept.has(nameOf(reading))) reading.pause();
    const rest = [...this.#readings].filter((reading) => !kept.has(nameOf(reading)));
    const end = performance.now() + DRAIN_TIME;
    while (rest.some(({ available }) => available > 0) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.#state = "stopped";
    for (const reading of rest) reading.pause();
    this.#line.send({ say: "stopped" });
  }

  #undo(): void {
    if (this.#uncommitted) for (const giveBack of this.#giveBack.values()) giveBack();
    this.#giveBack.clear();
  }

  /** dev has ended: whoever ended it wants the app to end too. */
  #alone(): void {
    this.#kept.clear();
    this.#wake();
    process.kill(process.pid, "SIGINT");
  }
}

function nameOf({ name, session }: Pick<Reading, "name" | "session">): string {
  return `${session.name}/${name}`;
}

/** Where dev listens, and the number of this run. */
interface Address {
  readonly path: string;
  readonly run: number;
}

/** Found when the app imports the runtime; undefined where dev does not run it. */
const address = readAddress();
let connected: Handover | null | undefined;

/**
 * An executable has none: whoever could set a variable of its environment would otherwise hand it maps. The variable is
 * taken out, because what the app starts is not the app.
 */
function readAddress(): Address | undefined {
  const value = process.env[DEV_VARIABLE];
  if (value === undefined || isSea() || !onMainThread()) return undefined;
  delete process.env[DEV_VARIABLE];
  const [, run, path] = /^(\d+):(.+)$/s.exec(value) ?? [];
  if (path === undefined) return undefined;
  // An app may fail before it has opened a skeleton, and with that the addon and its sockets: hence a file.
  process.on("uncaughtExceptionMonitor", (error: NodeJS.ErrnoException) => {
    if (!connected?.over) tell(failureFile(path, Number(run)), String(error?.code ?? ""));
  });
  return { path, run: Number(run) };
}

function tell(file: string, code: string): void {
  try {
    writeFileSync(file, code);
  } catch {
    // dev has ended, and nobody is there who could be told.
  }
}

/** The app's connection to `bpf-app dev`; undefined where that does not run it. */
export function handoverOf(native: Native): Handover | undefined {
  if (address === undefined) return undefined;
  if (connected === undefined) {
    const fd = native.handoverConnect(address.path);
    connected = fd < 0 ? null : new Handover(native, fd, address.run);
  }
  return connected ?? undefined;
}
