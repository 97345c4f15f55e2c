import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { leftovers, present, type Thing } from "./compare.ts";
import { type Mark, makeMark, markedEnvironment } from "./mark.ts";
import { objects } from "./objects.ts";
import { markedProcesses, processes } from "./processes.ts";
import { devices, files, held, loops, mounts, pins } from "./system.ts";

/**
 * Times in milliseconds. `own`: a process that is told to end needs a moment. `others`: tests of other people have
 * programs attached for some seconds. `every`: how often the watch looks who holds BPF objects.
 */
const PATIENCE = { own: 3_000, others: 30_000, every: 1_000 };

/** Looks at the machine before a stage and after it; and in between, for what belongs to others. */
export class Watch {
  readonly #mark: Mark;
  readonly #before: readonly Thing[];
  readonly #patience: typeof PATIENCE;
  /** BPF objects that a process without the mark has held: not this stage's, whatever becomes of them. */
  readonly #foreign = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(name: string, patience: Partial<typeof PATIENCE> = {}) {
    this.#patience = { ...PATIENCE, ...patience };
    this.#mark = makeMark(name);
    this.#before = unmarked();
    this.#timer = setInterval(() => this.#look(), this.#patience.every).unref();
  }

  /** What is added to the environment of everything that the stage starts. */
  get environment(): NodeJS.ProcessEnv {
    return markedEnvironment(this.#mark);
  }

  /** What the stage left, in words. What carries its mark is then ended, unmounted and removed. */
  async end(): Promise<string[]> {
    const began = Date.now();
    clearInterval(this.#timer);
    // What appears from now on is not the stage's: it has ended.
    let others = leftovers(this.#before, unmarked()).filter(({ id }) => !this.#foreign.has(id));
    for (;;) {
      const own = marked(this.#mark);
      const waited = Date.now() - began;
      const settled = own.length === 0 || waited > this.#patience.own;
      if (settled && (others.length === 0 || waited > this.#patience.others)) {
        this.#clean();
        return [...own, ...others].map(({ title }) => title);
      }
      await sleep(100);
      if (others.length > 0) others = present(others, unmarked());
    }
  }

  #look(): void {
    // The order matters: one of our own processes that starts in between is then in neither list.
    const all = processes();
    const ours = new Set(markedProcesses(this.#mark).map(({ pid }) => pid));
    const others = all.filter((pid) => !ours.has(pid));
    for (const id of held(others)) this.#foreign.add(id);
  }

  #clean(): void {
    for (const { pid } of markedProcesses(this.#mark)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    // The innermost mount goes first.
    for (const { place } of mounts(this.#mark).toReversed()) spawnSync("umount", [place]);
    // A folder that is still mounted on is left as it is, with what was mounted there.
    if (mounts(this.#mark).length === 0) rmSync(this.#mark.folder, { recursive: true, force: true });
  }
}

/** What is known to be the stage's own. */
function marked(mark: Mark): Thing[] {
  return [
    ...markedProcesses(mark).map(({ thing }) => thing),
    ...mounts(mark),
    ...loops(mark),
    ...files(mark),
  ];
}

/** What anybody on this machine may have made. */
function unmarked(): Thing[] {
  return [...devices(), ...pins(), ...objects()];
}
