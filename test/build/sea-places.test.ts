// Where an executable's addon is loaded from on machines that lack something: each place in turn is noexec, the root is
// read-only, there is no /dev/shm, no memfd_create, no /proc, or a file system is served by somebody else.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { notRoot } from "../app.ts";
import { hostArch, makeApp, makeParts, VERSIONS, workFolder } from "./sea/make.ts";

const folder = workFolder();
const place = (name: string) => join(folder, name);
const app = place("own/app");
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  await makeParts(folder, hostArch(), ["one", "two"]);
  const made = await makeApp(folder, hostArch(), VERSIONS[1], ["one", "two"]);
  for (const name of ["own", "tmp", "runtime"]) mkdirSync(place(name));
  for (const name of ["", "own", "tmp", "runtime"]) chmodSync(place(name), 0o755);
  cpSync(made.path, app);
});

interface Said {
  readonly one?: string;
  readonly unnamed?: readonly string[];
  readonly code?: string;
  readonly message?: string;
  readonly attempts?: readonly { readonly directory: string; readonly reason: string }[];
}

interface Ran {
  readonly status: number | null;
  readonly said: Said;
  readonly stderr: string;
}

const ENV = { TMPDIR: place("tmp"), XDG_RUNTIME_DIR: place("runtime") };

/** Runs the app, by a command that stands before it, after shell commands in a mount namespace of its own. */
function run(mounts: readonly string[], env: NodeJS.ProcessEnv = ENV, before: readonly string[] = []): Ran {
  const script = ["set -e", ...mounts, 'exec "$@"'].join("\n");
  const { status, stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", script, "sh", ...before, app], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, SEA_TEST: "load", ...env },
  });
  return { status, said: stdout === "" ? {} : JSON.parse(stdout), stderr };
}

function loadsFrom(directory: string, ran: Ran): void {
  assert.equal(ran.stderr, "");
  assert.equal(ran.status, 0);
  assert.equal(ran.said.one, "one");
  assert.deepEqual(ran.said.unnamed, [directory, directory]);
}

/** The commands by which a place may not be executed from any more. */
function noexec(path: string): string {
  return path === "/dev" || path === place("own")
    ? `mount --bind ${path} ${path} && mount -o remount,bind,noexec ${path}`
    : `mount -t tmpfs -o noexec none ${path}`;
}

describe("an executable's addon", { skip: notRoot }, () => {
  const places = ["/dev/shm", place("tmp"), place("runtime"), "/var/tmp", "/dev"];
  places.forEach((directory, at) => {
    it(`is loaded from ${directory.replace(folder, "…")} where what is tried before is noexec`, () => {
      // On top of the machine's /dev, which may be noexec.
      const fresh = ["mount -t tmpfs none /dev", "mkdir /dev/shm", "mount -t tmpfs none /dev/shm"];
      // A mount on /dev hides what is mounted below it: so it is last.
      loadsFrom(directory, run([...fresh, ...places.slice(0, at).map(noexec)]));
    });
  });

  it("is loaded from /dev/shm where the root is read-only, by root and by nobody", () => {
    const mounts = [
      "mount --bind / /",
      "mount -o remount,bind,ro /",
      "mount -t tmpfs -o mode=1777 none /dev/shm",
    ];
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    for (const as of [[], nobody]) loadsFrom("/dev/shm", run(mounts, ENV, as));
  });

  it("is loaded from TMPDIR where there is no /dev/shm, by root and by nobody", () => {
    const mounts = ["mount -t tmpfs -o noexec none /dev", `mount -t tmpfs -o mode=1777 none ${place("tmp")}`];
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    for (const as of [[], nobody]) loadsFrom(place("tmp"), run(mounts, ENV, as));
  });

  it("needs no memfd_create", () => {
    const source = fileURLToPath(new URL("sea/without-memfd.c", import.meta.url));
    execFileSync("cc", ["-Wall", "-Wextra", "-Werror", source, "-o", place("without-memfd")]);
    loadsFrom("/dev/shm", run(["mount -t tmpfs none /dev/shm"], ENV, [place("without-memfd")]));
  });

  it("is not loaded from a file system that somebody else serves", () => {
    const source = fileURLToPath(new URL("sea/served.c", import.meta.url));
    const library = place("served.so");
    execFileSync("cc", ["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", source, "-o", library]);
    const mounts = ["mount -t tmpfs -o noexec none /dev/shm"];
    const env = { ...ENV, LD_PRELOAD: library, SERVED: place("tmp") };
    // The runtime directory is the next.
    loadsFrom(place("runtime"), run(mounts, env));
    const everywhere = run(mounts, { ...env, SERVED: "/" });
    assert.equal(everywhere.status, 1);
    const reasons = everywhere.said.attempts?.filter(({ directory }) => directory === place("tmp"));
    assert.match(reasons?.[0]?.reason ?? "", /^is served by another process or machine \(FUSE\)$/);
  });

  for (const [what, mounts] of [
    ["there is no /proc", ["umount -l /proc"]],
    ["/proc is a folder that somebody has made", ["mount -t tmpfs none /proc", "mkdir -p /proc/self/fd"]],
  ] as const)
    it(`says what to do where ${what}`, () => {
      const { status, said } = run(mounts);
      assert.equal(status, 1);
      assert.equal(said.code, "ERR_BPF_APP_ADDON");
      assert.equal(
        said.message,
        "The addon one.node cannot be loaded: /proc is not mounted, and without it there is no path to a file that has no name.\nMount it: mount -t proc proc /proc",
      );
      assert.deepEqual(said.attempts, []);
    });
});
