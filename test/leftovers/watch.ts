import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { leftovers, present, type Thing } from "./compare.ts";
import { type Mark, makeMark, markedEnvironment } from "./mark.ts";
import { objects } from "./objects.ts";
import { markedProcesses } from "./processes.ts";
import { devices, files, loops, mounts, pins } from "./system.ts";

/** In milliseconds. Told to end, a process needs a moment; and others' tests have programs attached for some seconds. */
const PATIENCE = { own: 3_000, others: 30_000 };

/** Looks at the machine before a stage and after it. */
export class Watch {
  readonly #mark: Mark;
  readonly #before: readonly Thing[];
  readonly #patience: typeof PATIENCE;

  constructor(name: string, patience = PATIENCE) {
    this.#patience = patience;
    this.#mark = makeMark(name);
    this.#before = unmarked();
  }

  /** For everything that the stage starts. */
  get environment(): NodeJS.ProcessEnv {
    return markedEnvironment(this.#mark);
  }

  /** What the stage left, in words. What carries its mark is then ended, unmounted and removed. */
  async end(): Promise<string[]> {
    const began = Date.now();
    // What appears from now on is not the stage's: it has ended.
    let others = leftovers(this.#before, unmarked());
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

  #clean(): void {
    for (const { pid } of markedProcesses(this.#mark)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    // The innermost first.
    for (const { place } of mounts(this.#mark).toReversed()) spawnSync("umount", [place]);
    // A folder that is still mounted on is left as it is, with what was mounted there.
    if (mounts(this.#mark).length === 0) rmSync(this.#mark.folder, { recursive: true, force: true });
  }
}

/** What is known for a stage's own. */
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
