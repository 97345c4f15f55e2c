// A file with capabilities or the setuid bit, run by nobody, who sets every variable that has Node, OpenSSL, ICU or the
// dynamic linker load or write something: none has an effect. The same variables do have one on a file without privileges.
import assert from "node:assert/strict";
import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { rootCertificates } from "node:tls";
import { notRoot } from "../app.ts";
import { nodePackage } from "./nodes.ts";
import { makeExecutable, makeGuarded, makePlanted, privileged, type Way } from "./sea/guarded-make.ts";
import { hostArch, VERSIONS, workFolder } from "./sea/make.ts";

/** Debian's user `nobody`. */
const NOBODY = 65_534;
const folder = workFolder();
const traps = join(folder, "traps");
const mark = join(traps, "loaded");
const executables: Record<string, string> = {};
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  await makeGuarded(folder);
  for (const version of VERSIONS) executables[version] = await makeExecutable(folder, version);
});

/** Plants everything anew, and returns the environment that leads to it. */
function plant(): NodeJS.ProcessEnv {
  rmSync(traps, { recursive: true, force: true });
  mkdirSync(traps);
  const place = (name: string) => {
    mkdirSync(join(traps, name), { recursive: true });
    chmodSync(join(traps, name), 0o777);
    return join(traps, name);
  };
  const file = (name: string, text: string) => {
    writeFileSync(join(traps, name), text);
    return join(traps, name);
  };
  const library = makePlanted(traps, mark);
  for (const name of ["modules/legacy.so", "engines/planted.so", "gconv/PLANTED.so", "libraries/libm.so.6"]) {
    place(name.split("/")[0]!);
    copyFileSync(library, join(traps, name));
  }
  const script = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`;
  place("node_path/planted");
  file("node_path/planted/index.js", script);
  place("home/.node_modules/planted");
  file("home/.node_modules/planted/index.js", script);
  // Whoever opens this to read waits for ever.
  execFileSync("mkfifo", ["-m", "666", join(place("zones"), "zoneinfo64.res")]);
  const conf = `nodejs_conf = init\nopenssl_conf = init\n[init]\nproviders = list\n[list]\nplanted = planted_section\n[planted_section]\nmodule = ${library}\nactivate = 1\n`;
  const env = {
    NODE_OPTIONS: `--require ${file("options.js", script)}`,
    NODE_PATH: join(traps, "node_path"),
    HOME: join(traps, "home"),
    NODE_REPL_EXTERNAL_MODULE: join(traps, "options.js"),
    NODE_EXTRA_CA_CERTS: file("authority.pem", rootCertificates[0]!),
    NODE_V8_COVERAGE: place("coverage"),
    NODE_COMPILE_CACHE: place("compiled"),
    NODE_REDIRECT_WARNINGS: join(place("warnings"), "file"),
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    OPENSSL_CONF: file("openssl.cnf", conf),
    OPENSSL_MODULES: join(traps, "modules"),
    OPENSSL_ENGINES: join(traps, "engines"),
    SSL_CERT_FILE: join(traps, "authority.pem"),
    SSLKEYLOGFILE: join(place("keys"), "file"),
    ICU_TIMEZONE_FILES_DIR: join(traps, "zones"),
    NODE_ICU_DATA: place("icu"),
    LD_PRELOAD: library,
    LD_AUDIT: library,
    LD_LIBRARY_PATH: join(traps, "libraries"),
    GCONV_PATH: join(traps, "gconv"),
    LOCPATH: place("locales"),
    GLIBC_TUNABLES: "glibc.malloc.check=3",
    TMPDIR: place("tmp"),
    XDG_RUNTIME_DIR: place("runtime"),
  };
  execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, traps]);
  return env;
}

interface Said {
  readonly names: readonly string[];
  readonly unnamed: readonly string[];
  readonly mapped: readonly string[];
  readonly tmpdir: string;
  readonly planted: boolean;
  readonly authorities: number;
  readonly variables: readonly string[];
  readonly execArgv: readonly string[];
  readonly connected: boolean;
}

interface Ended {
  readonly status: number | NodeJS.Signals | null;
  readonly said: Said | undefined;
  readonly stderr: string;
}

/** Runs a file as nobody. `before` is called with the process when it has said what it found. */
async function run(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  during?: (pid: number, stderr: () => string) => Promise<void> | void,
  more: SpawnOptions = {},
): Promise<Ended> {
  const options: SpawnOptions = { env, stdio: ["pipe", "pipe", "pipe"], ...more };
  const child = spawn(command[0]!, command.slice(1), options);
  let [stdout, stderr] = ["", ""];
  const ready = Promise.withResolvers<void>();
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (text.includes("\n")) ready.resolve();
  });
  // A process that waits at a trap never ends.
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const ended = new Promise<Ended["status"]>((done) =>
    child.once("close", (code, signal) => done(code ?? signal)),
  );
  if (during) {
    await Promise.race([ready.promise, ended]);
    await during(child.pid!, () => stderr);
  }
  child.stdin?.end();
  const status = await ended;
  clearTimeout(timer);
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  return { status, said: line === undefined ? undefined : JSON.parse(line), stderr };
}

const AS = { uid: NOBODY, gid: NOBODY, cwd: "/" };
const made = (name: string) => readdirSync(join(traps, name));
const WRITTEN = ["coverage", "compiled", "warnings", "keys", "tmp", "runtime"];

describe("the environment of a file that gives privileges", { skip: notRoot }, () => {
  it("has an effect where there are none: the traps are real", async () => {
    const env = plant();
    const file = privileged(executables[VERSIONS[1]]!, "nothing");
    const { LD_PRELOAD, LD_AUDIT, LD_LIBRARY_PATH: _library, ...rest } = env;
    for (const one of [{ LD_PRELOAD }, { LD_AUDIT }, { OPENSSL_CONF: rest.OPENSSL_CONF }]) {
      rmSync(mark, { force: true });
      await run([file], one, undefined, AS);
      assert.ok(existsSync(mark), Object.keys(one)[0]);
    }
    rmSync(mark);
    const { OPENSSL_CONF: _conf, NODE_REPL_EXTERNAL_MODULE: _module, ...others } = rest;
    const { said, stderr } = await run([file], others, undefined, AS);
    assert.ok(said, stderr);
    assert.equal(said.planted, true);
    assert.ok(existsSync(mark), "NODE_PATH");
    assert.equal(said.authorities, 1);
    assert.equal(made("coverage").length, 1);
    assert.equal(made("warnings").length, 1);
    assert.ok(said.variables.includes("NODE_V8_COVERAGE"));
  });

  for (const version of VERSIONS)
    for (const way of ["capabilities", "setuid"] as const satisfies readonly Way[])
      it(`loads and writes nothing with ${way}, Node ${version}`, async () => {
        const env = plant();
        const { status, said, stderr } = await run(
          [privileged(executables[version]!, way)],
          env,
          undefined,
          AS,
        );
        assert.equal(status, 0, stderr);
        assert.ok(said);
        assert.equal(existsSync(mark), false, "something that was planted has been loaded");
        for (const name of WRITTEN) assert.deepEqual(made(name), [], name);
        assert.deepEqual(said.variables, []);
        assert.equal(said.planted, false);
        assert.equal(said.authorities, 0);
        assert.equal(said.tmpdir, "/tmp");
        assert.deepEqual(said.execArgv, []);
        assert.deepEqual(said.names, ["one"]);
        assert.equal(said.mapped.length, 1, said.mapped.join());
      });
});

describe("a file that gives privileges", { skip: notRoot }, () => {
  it("takes no directory that its caller chose, nor his own", async () => {
    const env = plant();
    const file = privileged(executables[VERSIONS[1]]!, "capabilities");
    const as = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const mounts = [
      "mount -t tmpfs -o noexec none /dev/shm",
      "mount -t tmpfs -o noexec none /var/tmp",
      "mount --bind /dev /dev && mount -o remount,bind,noexec /dev",
    ];
    const script = `set -e\n${mounts.join("\n")}\nchown ${NOBODY} ${folder}\nexec "$@"`;
    try {
      const started = await run(["unshare", "-m", "sh", "-c", script, "sh", ...as, file], {
        ...env,
        PATH: process.env.PATH,
        LD_PRELOAD: "",
        LD_AUDIT: "",
        LD_LIBRARY_PATH: "",
        OPENSSL_CONF: "",
      });
      assert.deepEqual(started.said?.unnamed, ["/tmp"], started.stderr);
    } finally {
      execFileSync("chown", ["0", folder]);
    }
  });

  for (const version of VERSIONS)
    it(`opens no debugger for who sends it SIGUSR1, Node ${version}`, async () => {
      const file = privileged(executables[version]!, "capabilities");
      const caught = (pid: number) =>
        /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
      const { status, stderr } = await run(
        [file],
        { GUARDED: "wait" },
        (pid) => {
          // Signal number 10 is bit 9.
          assert.equal((BigInt(`0x${caught(pid)}`) >> 9n) & 1n, 0n);
          const as = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
          execFileSync(as[0]!, [...as.slice(1), "kill", "-USR1", String(pid)]);
        },
        AS,
      );
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stderr, /[Dd]ebugger/);
    });

  it("reads nothing from the channel that its caller gives it", async () => {
    const file = privileged(executables[VERSIONS[1]]!, "capabilities");
    for (const [path, connected] of [
      [privileged(executables[VERSIONS[1]]!, "nothing"), true],
      [file, false],
    ] as const) {
      const { said, stderr } = await run([path], { GUARDED: "" }, undefined, {
        ...AS,
        stdio: ["pipe", "pipe", "pipe", "ipc"],
      });
      assert.equal(said?.connected, connected, stderr);
    }
  });
});

/** What binutils say of a file that protects it: its type, what may be written or run, and what is bound at once. */
function protections(file: string) {
  const said = (option: string) =>
    execFileSync("readelf", ["-W", option, file], { encoding: "utf8", stdio: "pipe" });
  const segments = [
    ...said("-l").matchAll(/^ {2}(\w+) +0x\w+ (0x\w+) 0x\w+ 0x\w+ (0x\w+) ([RWE ]{3})/gm),
  ].map(([, type = "", address, size, flags = ""]) => ({
    type,
    address,
    size,
    flags: flags.replaceAll(" ", ""),
  }));
  const of = (type: string) => segments.filter((one) => one.type === type);
  const dynamic = said("-d");
  return {
    type: /Type:\s+(\w+)/.exec(said("-h"))?.[1],
    relro: of("GNU_RELRO"),
    stack: of("GNU_STACK").map(({ flags }) => flags),
    properties: of("GNU_PROPERTY"),
    loads: of("LOAD"),
    bound: /BIND_NOW|Flags:.*NOW/.test(dynamic),
    odd: /TEXTREL|RPATH|RUNPATH/.test(dynamic),
  };
}

interface Load {
  readonly address?: string | undefined;
  readonly size?: string | undefined;
  readonly flags: string;
}

/** Whether a segment is a part of another one in memory, and may be used in the same ways. */
function isWithin(part: Load, whole: Load): boolean {
  const [from, to] = [part, whole].map(({ address = "0" }) => BigInt(address)) as [bigint, bigint];
  const ends = [part, whole].map(({ address = "0", size = "0" }) => BigInt(address) + BigInt(size));
  return part.flags === whole.flags && from >= to && ends[0]! <= ends[1]!;
}

describe("an executable is as protected as its Node", () => {
  for (const version of VERSIONS)
    it(`Node ${version}`, async () => {
      const node = protections((await nodePackage(hostArch(), version)).node);
      const made = protections(executables[version]!);
      // What was left out of Node divides its segments. No part of one may be written or run that could not be before.
      const added = made.loads.filter((one) => !node.loads.some((other) => isWithin(one, other)));
      assert.deepEqual(
        added.map(({ flags }) => flags),
        ["R"],
      );
      const covered = made.loads.filter((one) => !added.includes(one));
      for (const { flags } of node.loads)
        assert.ok(
          covered.some((one) => one.flags === flags),
          flags,
        );
      assert.deepEqual({ ...made, loads: [] }, { ...node, loads: [] });
      assert.equal(made.relro.length, 1);
      assert.deepEqual(made.stack, ["RW"]);
      assert.equal(made.bound, true);
      assert.equal(made.odd, false);
      assert.deepEqual(
        made.loads.filter(({ flags }) => /W.*E/.test(flags)),
        [],
      );
    });

  it("and is laid out elsewhere at each start, where the kernel does that", async () => {
    const addresses = async () => {
      let maps = "";
      const env = { GUARDED: "wait" };
      await run([executables[VERSIONS[1]]!], env, (pid) => {
        maps = readFileSync(`/proc/${pid}/maps`, "utf8");
      });
      const start = (pattern: RegExp) =>
        maps
          .split("\n")
          .find((line) => pattern.test(line))
          ?.split("-")[0];
      return [start(/libc\.so/), start(/\/#\d+ \(deleted\)$/), start(/\[stack\]/), start(/\[heap\]/)];
    };
    const [one, other] = [await addresses(), await addresses()];
    const chosen = readFileSync("/proc/sys/kernel/randomize_va_space", "latin1").trim() === "2";
    one.forEach((address, at) => {
      assert.ok(address);
      assert.equal(address !== other[at], chosen);
    });
  });
});
