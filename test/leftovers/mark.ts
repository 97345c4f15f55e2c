import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * Other people work on the machine while tests run, with the same tests even. What a stage leaves is told from what
 * they make by two marks that every child inherits, a daemon too: a variable, and a temporary folder of the stage's own.
 * The second reaches the commands of a build, which get TMPDIR but few other variables.
 */

const VARIABLE = "BPF_APP_TEST_RUN";

/** The mark by which a stage's processes, mounts and files are known. */
export interface Mark {
  readonly value: string;
  /** Stands for the machine's folder of temporary files as long as the stage runs. */
  readonly folder: string;
}

/** @throws Error when the temporary folder cannot be written to */
export function makeMark(name: string): Mark {
  const folder = mkdtempSync(join(tmpdir(), `bpf-app-${name}-`));
  // Some tests do things as another user, who has to get at what they made for him.
  chmodSync(folder, 0o711);
  // A test may run the tests: what those leave is left by the stage around them too.
  const outer = process.env[VARIABLE] ?? "";
  return { value: `${outer}/${name}.${process.pid}.${process.hrtime.bigint()}`, folder };
}

/** What to add to the environment of everything the stage starts. */
export function markedEnvironment({ value, folder }: Mark): NodeJS.ProcessEnv {
  return { [VARIABLE]: value, TMPDIR: folder };
}

/** @param environment a process's, as /proc/PID/environ has it */
export function isMarked({ value, folder }: Mark, environment: string): boolean {
  return environment
    .split("\0")
    .some(
      (entry) =>
        within(`${VARIABLE}=${value}`, entry) ||
        (entry.startsWith("TMPDIR=") && within(folder, entry.slice(7))),
    );
}

/** Whether a path is that folder or below it; Linux adds ` (deleted)` to the names of files that are gone. */
export function within(folder: string, path: string): boolean {
  return path === folder || path === `${folder} (deleted)` || path.startsWith(`${folder}/`);
}
