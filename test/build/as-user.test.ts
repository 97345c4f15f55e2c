import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { App, run } from "./app.ts";

/** Debian's user `nobody`. */
const USER = 65_534;

/** Stands for sudo with a user who may do everything: makes itself root and runs the command. */
const SUDO = `#include <unistd.h>
int main(int argc, char **argv) {
  if (argc < 2 || setgid(0) || setuid(0)) return 125;
  execvp(argv[1], argv + 1);
  return 126;
}
`;

/** A bpf-app that a user runs, and what it has printed. */
interface Verb {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** The PID of the app that printed its PID last, once more than `before` have. */
  readonly app: (before?: number) => Promise<number>;
  readonly ended: Promise<number | null>;
}

/** A folder of programs, or one of links to all of them but sudo where it holds that. */
function withoutSudo(folder: string, parent: string): string {
  if (!existsSync(join(folder, "sudo"))) return folder;
  const links = mkdtempSync(join(parent, "tools-"));
  chmodSync(links, 0o755);
  for (const name of readdirSync(folder))
    if (name !== "sudo") symlinkSync(join(folder, name), join(links, name));
  return links;
}

describe("a user who is not root", () => {
  let app: App;
  let path: string;
  before(() => {
    app = App.make("minimal");
    const built = app.build();
    assert.equal(built.status, 0, built.stderr);
    const folder = join(dirname(app.dir), "bin");
    mkdirSync(folder);
    writeFileSync(join(folder, "sudo.c"), SUDO);
    const sudo = join(folder, "sudo");
    assert.equal(run(folder, ["cc", "-o", sudo, `${sudo}.c`]).status, 0);
    assert.equal(run(folder, ["chown", "-R", `${USER}:${USER}`, app.dir, dirname(app.dir)]).status, 0);
    assert.equal(run(folder, ["sh", "-c", `chown 0:0 ${sudo} && chmod 4755 ${sudo}`]).status, 0);
    path = `${folder}:${process.env.PATH}`;
    // A run of the tests has a folder for temporary files that only root may enter.
    if ((statSync(tmpdir()).mode & 0o001) === 0) chmodSync(tmpdir(), 0o711);
  });

  function bpfApp(...args: readonly string[]): Verb {
    const node = app.path(`node_modules/node-linux-${process.arch}/bin/node`);
    const child = spawn(node, [app.path("node_modules/bpf-app/dist/cli.js"), ...args], {
      cwd: app.dir,
      uid: USER,
      gid: USER,
      env: { PATH: path, HOME: app.dir, BPF_APP_CACHE: "off", TMPDIR: dirname(app.dir) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const pids = () => [...said.matchAll(/as PID (\d+)/g)].map((match) => Number(match[1]));
    const appPid = async (before = 0) => {
      for (let tries = 0; tries < 600; tries++) {
        const pid = pids().at(-1);
        if (pids().length > before) return pid as number;
        await delay(100);
      }
      throw new Error(`no app started:\n${said}`);
    };
    return { child, said: () => said, app: appPid, ended };
  }

  const owner = (pid: number) => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const sockets = () => readdirSync(dirname(app.dir)).filter((name) => name.startsWith("bpf-app-"));

  it("ends an app that start runs through sudo by ending start", async () => {
    const before = sockets();
    const verb = bpfApp("start");
    const pid = await verb.app();
    assert.equal(owner(pid), "0");
    assert.deepEqual(sockets(), before, "the socket stays no longer than it takes to connect");
    verb.child.kill("SIGTERM");
    assert.equal(await verb.ended, 0, verb.said());
    assert.ok(!existsSync(`/proc/${pid}`));
    assert.deepEqual(sockets(), before);
  });

  it("gets an edited app restarted by dev, and both ended", async () => {
    const verb = bpfApp("dev");
    const first = await verb.app();
    assert.equal(owner(first), "0");
    const source = app.path("src/minimal.ts");
    writeFileSync(source, `${readFileSync(source, "utf8")}\n// edited\n`);
    const second = await verb.app(1);
    assert.notEqual(second, first);
    for (let tries = 0; existsSync(`/proc/${first}`) && tries < 100; tries++) await delay(100);
    assert.ok(!existsSync(`/proc/${first}`), "the old app runs on beside the new one");
    for (let tries = 0; !verb.said().includes("rebuilt") && tries < 100; tries++) await delay(100);
    assert.match(verb.said(), /rebuilt in [\d.]+ s: kept \.bss\n/);
    verb.child.kill("SIGINT");
    assert.equal(await verb.ended, 0, verb.said());
    assert.ok(!existsSync(`/proc/${second}`));
    assert.equal(statSync(app.path(".output")).uid, USER);
  });

  it("leaves no app behind when dev itself is killed", async () => {
    const verb = bpfApp("dev");
    const pid = await verb.app();
    verb.child.kill("SIGKILL");
    for (let tries = 0; existsSync(`/proc/${pid}`) && tries < 100; tries++) await delay(100);
    assert.ok(!existsSync(`/proc/${pid}`), "the app outlives dev");
  });

  it("is told what is missing where there is no sudo", () => {
    const node = app.path(`node_modules/node-linux-${process.arch}/bin/node`);
    const cli = app.path("node_modules/bpf-app/dist/cli.js");
    const folders = (process.env.PATH ?? "")
      .split(":")
      .map((folder) => withoutSudo(folder, dirname(app.dir)));
    const as = ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups"];
    const env = [`PATH=${folders.join(":")}`, `HOME=${app.dir}`, "BPF_APP_CACHE=off"];
    const { status, stderr } = run(app.dir, [...as, "env", "-i", ...env, node, cli, "start"]);
    assert.equal(status, 1);
    assert.match(stderr, /needs root's privileges[\s\S]*sudo was not found/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
});
