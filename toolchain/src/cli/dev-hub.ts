import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readIfThere } from "../base/replace-file.ts";
import type { Config } from "../config/load.ts";
import { type FreshMap, type FromApp, type FromDev, failureFile, type WantedMap } from "../facts/handover.ts";
import { type Fate, fates, type Held } from "../skeleton/handover/compare.ts";
import { Layouts } from "./dev-layouts.ts";
import { type Deposit, type Deposits, Run } from "./dev-run.ts";

/** What dev needs of an app's addon: sockets that descriptors can be sent through, which Node does not have. */
interface Sockets {
  handoverListen(path: string): number;
  handoverAccept(fd: number): number;
  handoverSend(fd: number, text: string, descriptors: readonly number[], milliseconds: number): number;
  handoverReceive(
    fd: number,
    milliseconds: number,
  ): { readonly text: string; readonly descriptors: readonly number[] } | null | number;
  closeFd(fd: number): number;
  pollOpen(fd: number, callback: () => boolean): object | number;
  pollStart(poll: object): number;
  pollClose(poll: object): void;
}

/** How long an app may take to read a message, in milliseconds, before it is taken for one that never will. */
const SEND_TIME = 1000;

/**
 * Holds the maps of the app that runs, and hands them to the next run of it. A map lives as long as somebody has a
 * descriptor of it, so that those which dev holds outlive an app that crashes. Links are not held: a program would stay
 * attached though nobody reads what it sends.
 */
export class Hub {
  readonly #sockets: Sockets;
  readonly #folder: string;
  readonly #listener: number;
  readonly #polls = new Map<number, object>();
  readonly #runs = new Map<number, Run>();
  readonly #byConnection = new Map<number, Run>();
  #held: Deposits = new Map();
  #current: Run | undefined;
  #last = 0;
  /** Is called when a run asks that the one before it ends, and resolves when that has ended. */
  onRelease: (run: Run) => Promise<void> = async () => {};

  private constructor(sockets: Sockets, folder: string, listener: number) {
    this.#sockets = sockets;
    this.#folder = folder;
    this.#listener = listener;
    this.#watch(listener, () => this.#accept());
  }

  /**
   * Opens the socket that apps connect to. It lies in a folder that only this user, and root, has access to.
   * @returns the reason, if that cannot be done
   */
  static open(addon: string): Hub | string {
    let folder: string | undefined;
    try {
      const module = { exports: {} };
      process.dlopen(module, addon);
      const sockets = module.exports as Sockets;
      folder = mkdtempSync(join(tmpdir(), "bpf-app-"));
      const listener = sockets.handoverListen(join(folder, "dev"));
      if (listener >= 0) return new Hub(sockets, folder, listener);
      rmSync(folder, { recursive: true, force: true });
      return `its socket in ${folder} cannot be opened (errno ${-listener})`;
    } catch (error) {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Prepares a run of what is built now. */
  begin(config: Config): Run {
    const run = new Run(++this.#last, new Layouts(config, this.#current?.layouts));
    this.#runs.set(run.number, run);
    return run;
  }

  /** The value of the environment variable that connects a run. */
  variable(run: Run): string {
    return `${run.number}:${join(this.#folder, "dev")}`;
  }

  /** Makes a run the one whose maps are held. */
  commit(run: Run): void {
    if (this.#current && this.#current !== run) this.#runs.delete(this.#current.number);
    this.#current = run;
    for (const [skeleton, maps] of run.deposits) this.#hold(run, skeleton, maps);
    run.deposits.clear();
  }

  /** Forgets a run that has failed before it had taken over. */
  discard(run: Run): void {
    for (const maps of run.deposits.values()) this.#close(maps);
    run.deposits.clear();
    this.#runs.delete(run.number);
  }

  /** The code of the error that has ended a run; empty if it had none. */
  failure({ number }: Run): string {
    return readIfThere(failureFile(join(this.#folder, "dev"), number)) ?? "";
  }

  /** Tells a run to detach its programs and to read no more, as another one has taken over. */
  stop(run: Run, by: Run): void {
    const kept = by.loaded.flatMap(({ skeleton, kept }) => kept.map((map) => `${skeleton}/${map}`));
    this.#send(run, { do: "stop", kept, links: by.links });
  }

  /** Tells a run that the one before it is over. */
  go(run: Run): void {
    this.#send(run, { do: "go" });
  }

  close(): void {
    for (const fd of [...this.#byConnection.keys(), this.#listener]) this.#drop(fd);
    for (const maps of this.#held.values()) this.#close(maps);
    for (const run of this.#runs.values()) this.discard(run);
    this.#held.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #watch(fd: number, ready: () => void): void {
    const poll = this.#sockets.pollOpen(fd, () => {
      ready();
      return this.#polls.has(fd);
    });
    if (typeof poll === "number") return;
    this.#polls.set(fd, poll);
    this.#sockets.pollStart(poll);
  }

  #drop(fd: number): void {
    const poll = this.#polls.get(fd);
    this.#polls.delete(fd);
    const run = this.#byConnection.get(fd);
    if (run) run.connection = -1;
    this.#byConnection.delete(fd);
    if (poll) this.#sockets.pollClose(poll);
    this.#sockets.closeFd(fd);
  }

  #accept(): void {
    const fd = this.#sockets.handoverAccept(this.#listener);
    if (fd >= 0) this.#watch(fd, () => this.#hear(fd));
  }

  #hear(fd: number): void {
    while (this.#polls.has(fd)) {
      const received = this.#sockets.handoverReceive(fd, 0);
      if (typeof received === "number" && received === -11) return;
      if (received === null || typeof received === "number") {
        this.#drop(fd);
        return;
      }
      this.#take(fd, JSON.parse(received.text) as FromApp, received.descriptors);
    }
  }

  #take(fd: number, message: FromApp, descriptors: readonly number[]): void {
    if (message.say === "begin") {
      const run = this.#runs.get(message.run);
      if (run === undefined) {
        this.#drop(fd);
        return;
      }
      this.#byConnection.set(fd, run);
      run.connection = fd;
      run.begun.resolve();
      return;
    }
    const run = this.#byConnection.get(fd);
    if (run === undefined) return;
    if (message.say === "map") this.#deposit(run, message, descriptors);
    else this.#answer(run, message);
  }

  #answer(run: Run, message: Exclude<FromApp, { say: "begin" | "map" }>): void {
    switch (message.say) {
      case "load":
        this.#offer(run, message.skeleton, message.maps);
        break;
      case "loaded":
        run.loaded.push({ ...message, carried: run.carried.get(message.skeleton) ?? [] });
        // What a skeleton no longer has is not held any more.
        run.deposits.set(message.skeleton, new Map());
        break;
      case "attached":
        run.attached.set(message.attached.key, message.attached);
        break;
      case "taken":
        run.links = message.links;
        run.taken.resolve();
        break;
      case "release":
        void this.onRelease(run).then(() => this.#send(run, { do: "released" }));
        break;
      case "stopped":
        run.stopped.resolve();
        break;
    }
  }

  #deposit(
    run: Run,
    { skeleton, map, shape }: Extract<FromApp, { say: "map" }>,
    fds: readonly number[],
  ): void {
    const [fd] = fds;
    if (fd === undefined) return;
    const waiting = run.deposits.get(skeleton) ?? new Map<string, Deposit>();
    run.deposits.set(skeleton, waiting);
    waiting.set(map, { fd, shape, run });
    // A skeleton that the app loads later on.
    if (run === this.#current) this.commit(run);
  }

  /** Holds the maps of a skeleton, in the place of those of the run before. A run deposits them one by one. */
  #hold(run: Run, skeleton: string, maps: ReadonlyMap<string, Deposit>): void {
    const held = new Map(maps);
    for (const [name, deposit] of this.#held.get(skeleton) ?? []) {
      if (deposit.run === run && !held.has(name)) held.set(name, deposit);
      else this.#sockets.closeFd(deposit.fd);
    }
    this.#held.set(skeleton, held);
  }

  #close(maps: ReadonlyMap<string, Deposit>): void {
    for (const { fd } of maps.values()) this.#sockets.closeFd(fd);
  }

  #offer(run: Run, skeleton: string, wanted: readonly WantedMap[]): void {
    const held = this.#held.get(skeleton);
    const fresh: FreshMap[] = [];
    const carried: string[] = [];
    for (const [map, fate] of held ? compare(held, skeleton, run, wanted) : []) {
      const deposit = held?.get(map);
      if (deposit === undefined) continue;
      const message = messageOf(map, fate);
      const sent = message !== undefined && this.#send(run, message, [deposit.fd]);
      if (fate.kept && !sent) fresh.push({ map, why: "what is to be said of it is too long" });
      if (!fate.kept) {
        fresh.push({ map, why: fate.why });
        if (sent) carried.push(map);
      }
    }
    run.carried.set(skeleton, carried);
    const attached = [...(this.#current?.attached.values() ?? [])];
    this.#send(run, { do: "end", fresh, attached });
  }

  #send(run: Run, message: FromDev, descriptors: readonly number[] = []): boolean {
    if (run.connection < 0) return false;
    return this.#sockets.handoverSend(run.connection, JSON.stringify(message), descriptors, SEND_TIME) === 0;
  }
}

function messageOf(map: string, fate: Fate): FromDev | undefined {
  if (fate.kept) {
    const { parts, edited } = fate;
    return { do: "map", map, ...(parts && { parts }), ...(edited && { edited }) };
  }
  if (fate.carried === undefined || fate.carried.length === 0) return undefined;
  return { do: "carry", map, carried: fate.carried };
}

function compare(
  held: ReadonlyMap<string, Deposit>,
  skeleton: string,
  run: Run,
  wanted: readonly WantedMap[],
): Map<string, Fate> {
  const now = run.layouts.of(skeleton);
  const before = new Map<string, Held>();
  for (const [name, { shape, run: owner }] of held) {
    const layout = owner.layouts.of(skeleton);
    if (layout) before.set(name, { shape, layout });
  }
  if (now) return fates(before, wanted, now);
  const why = "its types cannot be read";
  return new Map([...held.keys()].map((name) => [name, { kept: false, why }]));
}
