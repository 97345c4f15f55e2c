import { DEV_VARIABLE } from "../facts/handover.ts";
import {
  reportEnded,
  reportExclusive,
  reportKilled,
  reportNotTaken,
  reportRebuildFailed,
  reportRebuilt,
  reportReleased,
  reportWaiting,
} from "../report/dev.ts";
import { type AppProcess, startApp } from "./app-process.ts";
import type { Built } from "./dev.ts";
import type { Hub } from "./dev-hub.ts";
import { later, type Run } from "./dev-run.ts";

/** How long a run may take to open its first skeleton, in milliseconds, before it is taken for one that opens none. */
const BEGIN_TIME = 3000;
/** After what time it is said that the old run goes on, in milliseconds. */
const WAIT_TIME = 10_000;
/** How long the old run may take to detach its programs, in milliseconds, before it is asked to end all the same. */
const STOP_TIME = 1000;
/** How long a run may take to end, in milliseconds, before it is asked again, and then killed. */
const END_TIME = 5000;

/** Errors that mean that something can be had by one process only, such as a port. */
const EXCLUSIVE: ReadonlySet<string> = new Set(["EADDRINUSE", "EBUSY", "EEXIST"]);

/** A process of the app, and what it says to dev. */
interface Running {
  readonly process: AppProcess;
  readonly run: Run | undefined;
  /** Its exit status, once it has ended. */
  status: number | undefined;
  /** Whether dev has asked it to end. */
  asked: boolean;
  /** Whether it was said that it has ended by itself. */
  reported: boolean;
}

interface Parts {
  readonly root: string;
  /** Undefined where the app's addon cannot be loaded here: then a run ends before the next one begins. */
  readonly hub: Hub | undefined;
  readonly rebuild: () => Promise<Built>;
}

/** The runs of the app, one after the other: a run ends when the next one has taken its place. */
export class Reloads {
  readonly #root: string;
  readonly #hub: Hub | undefined;
  readonly #rebuild: () => Promise<Built>;
  #current: Running | undefined;
  #next: Running | undefined;
  /** Whether the app has turned out to need something that only one process can have. */
  #alone = false;
  #ending = false;
  #changed = later("changed");
  #looping: Promise<void> = Promise.resolve();
  #fail: (reason: unknown) => void = () => {};

  constructor({ root, hub, rebuild }: Parts) {
    this.#root = root;
    this.#hub = hub;
    this.#rebuild = rebuild;
    if (hub)
      hub.onRelease = async () => {
        if (this.#current?.status === undefined) reportReleased();
        await this.#stop(this.#current);
      };
  }

  /** Tells it that something has changed. */
  change(): void {
    this.#changed.resolve();
  }

  /**
   * Runs what was built, and builds and runs again after every change, until `end` is called.
   * @throws Failure sudo-missing, app-not-started
   */
  async run(first: Built): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.#looping = this.#loop(first);
    await Promise.race([failed, this.#looping]);
  }

  async #loop(first: Built): Promise<void> {
    await this.#replace(first, undefined);
    for (;;) {
      await this.#changed.promise;
      if (this.#ending) return;
      this.#changed = later("changed");
      const begin = performance.now();
      let built: Built;
      try {
        built = await this.#rebuild();
      } catch (error) {
        if (this.#ending) return;
        reportRebuildFailed((await import("./errors.ts")).errorText(error));
        continue;
      }
      await this.#replace(built, performance.now() - begin);
      if (this.#ending) return;
    }
  }

  /** Ends whatever runs. */
  async end(): Promise<void> {
    this.#ending = true;
    this.change();
    await Promise.all([this.#stop(this.#next), this.#stop(this.#current)]);
    // A build that was under way ends by the same signal.
    await Promise.allSettled([this.#looping]);
    await Promise.all([this.#stop(this.#next), this.#stop(this.#current)]);
  }

  #begin({ config, command }: Built): Running {
    const run = this.#hub?.begin(config);
    const variables = run && this.#hub ? { [DEV_VARIABLE]: this.#hub.variable(run) } : {};
    const running: Running = {
      process: startApp(this.#root, command, variables),
      run,
      status: undefined,
      asked: false,
      reported: false,
    };
    running.process.ended.then(
      (status) => this.#ended(running, status),
      (error) => this.#fail(error),
    );
    return running;
  }

  #ended(running: Running, status: number): void {
    running.status = status;
    if (running !== this.#current || running.asked || this.#ending) return;
    running.reported = true;
    reportEnded(status);
  }

  /** Starts what was built, in the place of the run that is there. `time` is what the build took; undefined for the first. */
  async #replace(built: Built, time: number | undefined): Promise<void> {
    const before = this.#current;
    if (before === undefined || this.#alone || !isConnected(before)) {
      await this.#stop(before);
      if (!this.#ending) this.#startAlone(built, time);
      return;
    }
    const next = this.#begin(built);
    this.#next = next;
    const outcome = await this.#outcome(next, before);
    if (this.#ending) return;
    if (outcome === "changed") {
      await this.#discard(next);
      return;
    }
    const failed = outcome === "ended" && next.status !== 0;
    if (failed && before.status === undefined) {
      await this.#failed(next, built, time);
      return;
    }
    await this.#takeOver(next, before);
    this.#report(next, failed ? undefined : time);
  }

  /** Starts a run while there is no other. It has the maps of the one before all the same. */
  #startAlone(built: Built, time: number | undefined): void {
    const next = this.#begin(built);
    this.#become(next);
    void this.#outcome(next).then((outcome) => {
      if (next.run) this.#hub?.go(next.run);
      if (outcome !== "ended" || next.status === 0) this.#report(next, time);
    });
  }

  #report(next: Running, time: number | undefined): void {
    if (time !== undefined && !this.#ending) reportRebuilt(time, next.run?.loaded ?? []);
    // Who ended before it had taken over was not the current one yet.
    if (next.status !== undefined && !next.asked && !next.reported) this.#ended(next, next.status);
  }

  /** Waits until a run has taken over, has ended, or has shown that it never opens a skeleton. */
  async #outcome(next: Running, before?: Running): Promise<"taken" | "ended" | "silent" | "changed"> {
    const { run, process } = next;
    if (run === undefined) return "silent";
    const ended = process.ended.then(
      () => "ended" as const,
      () => "ended" as const,
    );
    const timers: NodeJS.Timeout[] = [];
    const after = <T>(time: number, value: T) =>
      new Promise<T>((done) => timers.push(setTimeout(done, time, value)));
    try {
      const begun = await Promise.race([run.begun.promise, ended, after(BEGIN_TIME, "silent" as const)]);
      if (begun !== "begun") return begun;
      const rest = [run.taken.promise, ended, ...(before ? [this.#changed.promise] : [])];
      const soon = await Promise.race([...rest, after(WAIT_TIME, "late" as const)]);
      if (soon !== "late") return soon;
      if (before && before.status === undefined) reportWaiting();
      return await Promise.race(rest);
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Makes a run the current one, and ends the one before. */
  async #takeOver(next: Running, before: Running): Promise<void> {
    this.#become(next);
    if (before.status === undefined) {
      if (before.run && next.run && before.run.connection >= 0) {
        this.#hub?.stop(before.run, next.run);
        const late = new Promise((done) => setTimeout(done, STOP_TIME).unref());
        const stopped = await Promise.race([before.run.stopped.promise, before.process.ended, late]);
        if (stopped === "stopped") this.#hub?.go(next.run);
      }
      await this.#stop(before);
    }
    if (next.run) this.#hub?.go(next.run);
  }

  #become(next: Running): void {
    this.#current = next;
    this.#next = undefined;
    if (next.run) this.#hub?.commit(next.run);
  }

  /** After a run that ended before it had taken over: the old one goes on, unless that one is what is in the way. */
  async #failed(next: Running, built: Built, time: number | undefined): Promise<void> {
    const code = (next.run && this.#hub?.failure(next.run)) ?? "";
    await this.#discard(next);
    if (!EXCLUSIVE.has(code)) {
      reportNotTaken(next.status ?? 1);
      return;
    }
    reportExclusive(code);
    this.#alone = true;
    await this.#replace(built, time);
  }

  async #discard(next: Running): Promise<void> {
    this.#next = undefined;
    await this.#stop(next);
    if (next.run) this.#hub?.discard(next.run);
  }

  /** Asks a run to end, as ^C does, and waits until it has ended. One that does not end is killed. */
  async #stop(running: Running | undefined): Promise<void> {
    if (running === undefined || running.status !== undefined) return;
    running.asked = true;
    for (const name of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      running.process.signal(name);
      if (name === "SIGKILL") reportKilled();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((done) => {
        timer = setTimeout(done, END_TIME, "late");
      });
      const ended = running.process.ended.catch(() => 1);
      const how = await (name === "SIGKILL" ? ended : Promise.race([ended, late]));
      clearTimeout(timer);
      if (how !== "late") return;
    }
  }
}

/** Whether a run has opened a skeleton and still runs, so that the next one can begin beside it. */
function isConnected({ run, status }: Running): boolean {
  return status === undefined && run !== undefined && run.connection >= 0;
}
