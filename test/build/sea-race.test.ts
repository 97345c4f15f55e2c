// An executable is started again and again while another process plants and exchanges libraries, links, pipes and folders
// wherever its addon may be put, and tries to come at its open files. STARTS says how often an addon is loaded in
// all, and EACH how many a process loads, each as if it were the only one: a process is started and ends in a hundred times the
// time that loading takes.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { notRoot } from "../app.ts";
import { makeExecutable, makeGuarded, makePlanted, privileged } from "./sea/guarded-make.ts";
import { VERSIONS, workFolder } from "./sea/make.ts";
import type { Race, Raced } from "./sea/race.ts";

/** Debian's user `nobody`. */
const NOBODY = 65_534;
const STARTS = Number(process.env.STARTS ?? 10_000);
const EACH = Number(process.env.EACH ?? 100);
const folder = workFolder();
/** The same folder in the namespaces, in which memory lies on /tmp. */
const INSIDE = "/mnt";
const hostile = `${INSIDE}/hostile`;
const mark = join(folder, "marks/loaded");
let executable: string;
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  await makeGuarded(folder);
  executable = await makeExecutable(folder, VERSIONS[1]);
  for (const name of ["hostile", "marks", "scratch"]) mkdirSync(join(folder, name));
  makePlanted(folder, `${INSIDE}/marks/loaded`);
  execFileSync("mkfifo", [join(folder, "scratch/pipe")]);
  for (const name of ["hostile", "marks", "scratch"]) chmodSync(join(folder, name), 0o777);
  execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, join(folder, "scratch")]);
  for (const name of ["attacker.ts", "race.ts"])
    copyFileSync(fileURLToPath(new URL(`sea/${name}`, import.meta.url)), join(folder, name));
});

/** A memory file system that everybody may write to, as /tmp is. */
const open = (path: string, options = "") => `mount -t tmpfs -o mode=1777${options} none ${path}`;

/** Races in a mount namespace whose folders are made by the shell commands `mounts`. */
async function race(
  mounts: readonly string[],
  { executable: file = executable, ...rest }: Partial<Race>,
): Promise<Raced> {
  const whole: Race = {
    executable: `${INSIDE}/${basename(file)}`,
    loads: Math.ceil(STARTS / 3),
    each: EACH,
    user: 0,
    attacker: NOBODY,
    script: `${INSIDE}/attacker.ts`,
    scratch: `${INSIDE}/scratch`,
    library: `${INSIDE}/planted.so`,
    folders: [],
    env: {},
    ...rest,
  };
  // Node, too, may lie below a folder that something is mounted over.
  const node = `touch ${INSIDE}/node\nmount --bind ${process.execPath} ${INSIDE}/node`;
  const script = `set -e\nmount --bind ${folder} ${INSIDE}\n${node}\n${mounts.join("\n")}\nexec "$@"`;
  const command = [`${INSIDE}/node`, `${INSIDE}/race.ts`, JSON.stringify(whole)];
  const child = spawn("unshare", ["-m", "sh", "-c", script, "sh", ...command]);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await new Promise((done) => child.once("close", done));
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout) as Raced;
}

function check(raced: Raced, places: readonly string[]): void {
  assert.deepEqual(raced.odd, []);
  assert.equal(raced.own, raced.loads);
  assert.deepEqual(Object.keys(raced.places), places);
  assert.deepEqual(raced.left, []);
  assert.ok(raced.attack.planted > raced.processes, JSON.stringify(raced.attack));
  assert.ok(raced.attack.seen > 0, "the attacker has seen none of the processes");
  assert.equal(raced.attack.reached, 0);
  assert.equal(existsSync(mark), false, "something that was planted has been loaded");
}

describe(`${STARTS} loads beside an attacker`, { skip: notRoot }, () => {
  it("root's, from /dev/shm", async (context) => {
    const folders = ["/dev/shm", hostile, "/var/tmp"];
    const raced = await race(
      folders.map((path) => open(path)),
      { folders, env: { TMPDIR: hostile, XDG_RUNTIME_DIR: hostile } },
    );
    check(raced, ["/dev/shm"]);
    context.diagnostic(JSON.stringify(raced));
  });

  it("root's, from a TMPDIR that everybody may write to", async (context) => {
    const folders = [hostile, "/var/tmp"];
    const mounts = [open("/dev/shm", ",noexec"), ...folders.map((path) => open(path))];
    const raced = await race(mounts, { folders, env: { TMPDIR: hostile } });
    check(raced, [hostile]);
    context.diagnostic(JSON.stringify(raced));
  });

  it("nobody's, of a file with capabilities, attacked by himself", async (context) => {
    const file = privileged(executable, "capabilities");
    const folders = ["/tmp", "/var/tmp", hostile];
    const mounts = [open("/dev/shm", ",noexec"), ...folders.map((path) => open(path))];
    const raced = await race(mounts, {
      executable: file,
      user: NOBODY,
      folders,
      env: {
        TMPDIR: hostile,
        XDG_RUNTIME_DIR: hostile,
        NODE_V8_COVERAGE: hostile,
        LD_PRELOAD: `${INSIDE}/planted.so`,
      },
    });
    check(raced, ["/tmp"]);
    context.diagnostic(JSON.stringify(raced));
  });
});
