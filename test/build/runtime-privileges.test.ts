// What the kernel is asked of, and what a process may: each test starts the app of trial/, with the capabilities it says.
import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import {
  allows,
  CAPABILITIES,
  type Capability,
  machineOf,
  neededCapabilities,
} from "../../toolchain/src/facts/capabilities.ts";
import type { App } from "./app.ts";
import { run } from "./app.ts";
import { buildTrial } from "./trial/make.ts";

/** Debian's user `nobody`. */
const NOBODY = 65_534;
const EVERYTHING = "delegate_cmds=any,delegate_maps=any,delegate_progs=any,delegate_attachs=any";

/** What an attempt of the app's ended with. */
interface Attempt {
  readonly value?: unknown;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
}

let app: App;
let folder: string;
let file: string;

before(() => {
  app = buildTrial();
  file = app.path("dist/trial");
  folder = join(dirname(app.dir), "tools");
  mkdirSync(folder);
  for (const tool of ["as", "token"]) {
    const source = join(import.meta.dirname, `trial/${tool}.c`);
    const made = run(folder, ["cc", "-Wall", "-Wextra", "-Werror", "-o", join(folder, tool), source]);
    assert.equal(made.status, 0, made.stderr);
  }
  // Others than root run the app, and a run of the tests has a folder that only root may enter.
  for (const one of [tmpdir(), dirname(app.dir), app.dir, join(app.dir, "dist")])
    chmodSync(one, (statSync(one).mode & 0o7777) | 0o011);
});

function lines(command: readonly string[], env: NodeJS.ProcessEnv = {}): Record<string, unknown>[] {
  const { status, stdout, stderr } = run(app.dir, command, env);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function trial(...args: string[]): Record<string, unknown>[] {
  return lines([file, ...args]);
}

it("the app's types are accepted, and what they must refuse is refused", () => {
  const { status, stdout } = run(app.dir, ["npm", "run", "--silent", "typecheck"]);
  assert.equal(status, 0, stdout);
});

describe("a probe by name", () => {
  const sections = [
    ...[
      "fentry/vfs_read",
      "fexit/vfs_read",
      "fentry/no_such_function",
      "kprobe/vfs_read",
      "kretprobe/vfs_read",
    ],
    ...["kprobe/no_such_function", "tp_btf/sched_switch", "tp_btf/no_such_tracepoint", "raw_tp/sched_switch"],
    ...["raw_tp/no_such_tracepoint", "tp/sched/sched_switch", "tp/sched/no_such_tracepoint"],
    ...["lsm/file_open", "lsm/no_such_hook"],
  ];

  it("says what happens when a real program is attached", () => {
    const told = trial("probe", ...sections);
    assert.equal(told.length, sections.length);
    for (const { section, why, refused, attached, error } of told) {
      assert.equal(refused, undefined, `${section}: ${refused}`);
      assert.equal(why === null, attached, `${section}: ${why}, but: ${error}`);
    }
    const why = Object.fromEntries(told.map(({ section, why }) => [section, why]));
    assert.match(String(why["fentry/no_such_function"]), /no function no_such_function \(ENOENT\)/);
    assert.match(String(why["tp_btf/no_such_tracepoint"]), /no tracepoint no_such_tracepoint/);
    assert.match(String(why["lsm/no_such_hook"]), /no security hook no_such_hook/);
    assert.equal(why["tp_btf/sched_switch"], null);
    if (!existsSync("/sys/bus/event_source/devices/kprobe"))
      assert.match(String(why["kprobe/vfs_read"]), /no kprobes/);
  });

  it("throws where this process may not try, instead of saying no, and names all that it takes", () => {
    const told = lines([
      join(folder, "as"),
      String(NOBODY),
      "39",
      file,
      "probe",
      "tp_btf/sched_switch",
      "tp/sched/sched_switch",
    ]);
    assert.match(
      String(told[0]!.refused),
      /may not try .*without CAP_PERFMON.*setcap cap_bpf,cap_perfmon\+ep/s,
    );
    assert.match(
      String(told[1]!.refused),
      /without CAP_PERFMON, CAP_DAC_READ_SEARCH.*setcap cap_bpf,cap_perfmon,cap_dac_read_search\+ep/s,
    );
  });

  it("knows structs and their members, without a privilege", () => {
    const types = [
      "task_struct",
      "struct task_struct:se.vruntime",
      "sock:__sk_common.skc_daddr",
      "task_struct:nope",
    ];
    const none = ["no_such_struct", "task_struct:se.nope", "task_struct:pid.nope"];
    // The addresses of a socket are in unions and structs without names.
    const nameless = ["sock_common:skc_daddr"];
    const command = [join(folder, "as"), String(NOBODY), "", file, "struct", ...types, ...none, ...nameless];
    const has = lines(command).map(({ has }) => (has as Attempt).value);
    assert.deepEqual(has, [true, true, true, false, false, false, false, true]);
  });
});

describe("choose", () => {
  it("takes the first group that attaches, and loads no other", () => {
    const [{ way, kind, only, loaded, late } = {}] = trial("choose");
    const [fentry, ksyscall] = trial("probe", "fentry/vfs_read", "kprobe/vfs_read").map(
      ({ attached }) => attached,
    );
    assert.deepEqual(way, { value: fentry ? "fentry" : ksyscall ? "ksyscall" : "tp" });
    assert.deepEqual(kind, { value: ksyscall ? "ksyscall" : "tp" });
    assert.deepEqual(only, { value: fentry ? "a" : "b" });
    assert.ok((loaded as string[]).includes("by_iter"));
    assert.ok((loaded as string[]).includes("by_raw_tp"), "a program of no group stays as it is");
    assert.equal((loaded as string[]).includes("by_fentry"), fentry);
    assert.equal((late as Attempt).name, "StateError");
  });

  it("says of each group why not, and changes nothing then", () => {
    const [{ none, empty, unknown, kind, autoload } = {}] = trial("none") as Record<string, Attempt>[];
    assert.equal(none!.code, "EOPNOTSUPP");
    assert.match(
      none!.message!,
      /^trial: this kernel \(Linux .*\) has none of the ways to attach: hook, tracepoint$/m,
    );
    assert.match(
      none!.message!,
      /^ {2}hook: by_missing_hook: this kernel has no security hook no_such_hook \(ENOENT\)$/m,
    );
    assert.match(
      none!.message!,
      /^ {2}tracepoint: by_missing_tp: this kernel has no tracepoint no_such_tracepoint/m,
    );
    assert.deepEqual([empty!.name, unknown!.name, kind!.name], ["RangeError", "RangeError", "RangeError"]);
    assert.match(unknown!.message!, /no program "by_nothing"; there are by_fentry, /);
    assert.deepEqual(autoload, []);
  });
});

describe("with exactly the capabilities that are computed", () => {
  const source = readFileSync(join(import.meta.dirname, "trial/trial.bpf.c"), "utf8");
  const programs = [...source.matchAll(/^PROGRAM\((\w+), "([^"]+)"/gm)].map(
    ([, name = "", section = ""]) => ({ name, section }),
  );
  /** What this kernel may refuse whoever asks, or attaches to a target that the section does not name. */
  const elsewhere = /^by_(?:fentry|fexit|lsm|missing_\w+|ksyscall|kprobe|kretprobe|netfilter|tc)$/;
  const machine = machineOf(release(), readFileSync("/proc/sys/kernel/perf_event_paranoid", "latin1"));

  function attach(name: string, capabilities: readonly Capability[]): Attempt {
    const numbers = capabilities.map((one) => CAPABILITIES[one]).join(",");
    return lines([join(folder, "as"), String(NOBODY), numbers, file, "as", name])[0] as Attempt;
  }

  assert.ok(programs.length > 20, "the programs are found in the source");
  for (const { name, section } of programs.filter(({ name }) => !elsewhere.test(name)))
    it(`${section} is attached; and without one of them the error names it and the whole set`, () => {
      const parts = { programs: [{ section }], maps: [{ type: "array" }], helpers: [], subtracts: false };
      const needed = neededCapabilities(parts, machine).map(({ capability }) => capability);
      assert.deepEqual(attach(name, needed), { value: true });
      for (const one of needed) {
        const rest = needed.filter((other) => other !== one);
        if (allows(new Set(rest), one)) continue;
        const { code, message = "" } = attach(name, rest);
        assert.ok(code === "EPERM" || code === "EACCES", `without ${one}: ${code} ${message}`);
        assert.match(message, new RegExp(`This process does not have ${one}: `));
        assert.ok(message.includes(`sudo setcap ${needed.join(",").toLowerCase()}+ep dist/trial`), message);
      }
    });

  it("nothing at all: the error names them all at once", () => {
    const { message = "" } = attach("by_tp", []);
    assert.match(message, /does not have CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH: /);
    assert.match(message, /setcap cap_bpf,cap_perfmon,cap_dac_read_search\+ep dist\/trial/);
    assert.doesNotMatch(message, /RLIMIT_MEMLOCK/, "what libbpf guesses is not repeated");
  });
});

describe("dropPrivileges", () => {
  type Thread = Readonly<Record<string, string>>;
  interface Dropped {
    readonly events: number;
    readonly counted: Attempt;
    readonly again: Attempt;
    readonly threads: readonly Thread[];
  }
  const NONE = "0000000000000000";

  function dropped(...command: string[]): Dropped {
    return lines(command)[0] as unknown as Dropped;
  }

  function haveNothing(threads: readonly Thread[], but = NONE): void {
    assert.ok(threads.length > 5, "Node's threads and a worker are there");
    for (const { name, effective, permitted, inheritable, ambient, bounding, noNewPrivileges } of threads) {
      assert.deepEqual([effective, permitted, inheritable, ambient], [but, but, NONE, NONE], name);
      assert.equal(noNewPrivileges, "1", name);
      assert.equal(bounding, but, name);
    }
  }

  it("leaves no thread a capability, while events flow and maps are read", () => {
    const { events, counted, again, threads } = dropped(file, "drop");
    haveNothing(threads);
    assert.ok(events > 0);
    assert.ok((counted.value as number) > 0, counted.message);
    assert.equal(again.code, "EPERM");
    assert.match(again.message!, /dropPrivileges\(\) has given up.*keep: \["CAP_BPF","CAP_PERFMON"\]/s);
  });

  it("reaches the thread that blocks every signal, which waits for a debugger in development", () => {
    const node = app.path(`node_modules/node-linux-${process.arch}/bin/node`);
    const { events, threads } = dropped(node, ".output/trial.cjs", "drop");
    assert.ok(threads.some(({ name }) => name === "SignalInspector"));
    haveNothing(threads);
    assert.ok(events > 0);
  });

  it("changes the user too, of every thread, and keeps what it is told to", () => {
    const { events, counted, threads } = dropped(file, "drop", String(NOBODY), "--keep-bpf");
    haveNothing(threads, "0000008000000000");
    for (const { uid } of threads) assert.equal(uid, String(NOBODY));
    assert.ok(events > 0);
    assert.ok((counted.value as number) > 0, counted.message);
  });

  it("works for a process that has only what it needs, and so not CAP_SETPCAP", () => {
    const { events, threads } = dropped(join(folder, "as"), String(NOBODY), "38,39", file, "drop");
    assert.ok(events > 0);
    for (const { name, effective, permitted, inheritable, ambient, noNewPrivileges } of threads)
      assert.deepEqual(
        [effective, permitted, inheritable, ambient, noNewPrivileges],
        [NONE, NONE, NONE, NONE, "1"],
        name,
      );
  });
});

describe("a BPF token, in a user namespace", () => {
  let place: string;
  let environment: NodeJS.ProcessEnv;
  before(() => {
    place = join(folder, "bpffs");
    mkdirSync(place);
    // The namespace has one user: the folders of all others are a stranger's to it.
    const temporary = join(folder, "temporary");
    mkdirSync(temporary);
    chownSync(temporary, NOBODY, NOBODY);
    chmodSync(folder, 0o755);
    environment = { TMPDIR: temporary };
  });

  function inside(options: string, token: boolean, ...args: string[]): Record<string, unknown>[] {
    const env = { ...environment, TRIAL_TOKEN: token ? place : undefined };
    return lines([join(folder, "token"), place, options, file, ...args], env);
  }

  for (const name of ["by_socket", "by_xdp", "by_raw_tp", "by_tp_btf", "by_iter"])
    it(`${name} is attached with it, and not without`, () => {
      assert.deepEqual(inside(EVERYTHING, true, "as", name), [{ value: true }]);
      const [{ code, message } = {}] = inside("", false, "as", name) as Attempt[];
      assert.equal(code, "EPERM");
      assert.match(
        message!,
        /in a user namespace .*A BPF token would do: .*delegate_progs.*open\(\{ tokenPath \}\)/s,
      );
    });

  it("what is not delegated is refused, and the error says to delegate it", () => {
    const some = EVERYTHING.replace("delegate_progs=any", "delegate_progs=socket_filter:xdp");
    assert.deepEqual(inside(some, true, "as", "by_xdp"), [{ value: true }]);
    const [{ code, message } = {}] = inside(some, true, "as", "by_raw_tp") as Attempt[];
    assert.equal(code, "EPERM");
    assert.match(message!, /the BPF token of .*bpffs does not allow this call.*Have .*delegated to/s);
    // libbpf begins with a program of this type, whatever those of the object are.
    const less = some.replace("socket_filter:", "");
    const [first] = inside(less, true, "as", "by_xdp") as Attempt[];
    assert.match(first!.message!, /delegate_progs, with socket_filter, which libbpf tries first/);
  });

  it("a tracepoint takes a perf event, for which there is no token", () => {
    const [{ code, message } = {}] = inside(EVERYTHING, true, "as", "by_tp") as Attempt[];
    assert.equal(code, "EACCES");
    assert.match(message!, /tracepoints, take more than a token: use fentry, tp_btf or raw_tp/);
  });

  it("probes try with it", () => {
    const sections = ["tp_btf/sched_switch", "raw_tp/sched_switch", "raw_tp/no_such_tracepoint"];
    const told = inside(EVERYTHING, true, "probe", ...sections);
    assert.deepEqual(
      told.map(({ attached }) => attached),
      [true, true, false],
    );
    for (const { why, refused, attached } of told) assert.equal(why === null, attached, String(refused));
    const [{ refused } = {}] = inside("", false, "probe", "raw_tp/sched_switch");
    assert.match(String(refused), /in a user namespace.*BPF token/s);
  });

  it("a folder that is no BPF file system, and one outside of a namespace, are told apart", () => {
    const [{ message } = {}] = inside("", true, "as", "by_xdp") as Attempt[];
    assert.match(message!, /At tokenPath is no BPF file system/);
    assert.equal(run(folder, ["mount", "-t", "bpf", "bpf", place]).status, 0);
    try {
      const [own] = lines([file, "as", "by_xdp"], { TRIAL_TOKEN: place }) as Attempt[];
      assert.equal(own!.code, "EOPNOTSUPP");
      assert.match(own!.message!, /tokens are for user namespaces/);
    } finally {
      assert.equal(run(folder, ["umount", place]).status, 0);
    }
  });
});
