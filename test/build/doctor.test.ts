// The doctor in an executable where things are taken away from it: capabilities, each by itself; system calls, by seccomp; its
// view of the machine, in containers.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Finding } from "../../toolchain/src/doctor/finding.ts";
import { compileHelper } from "../kernels/build.ts";
import { App, type Ran, run } from "./app.ts";
import { Container } from "./podman.ts";

/** A user without privileges. */
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

let app: App;
let work: string;
let filtered: string;
let container: Container;
/** The capabilities that the app takes here, as the doctor computes them. */
let computed: readonly string[];

before(async () => {
  app = App.make("bootstrap");
  const built = app.build();
  assert.equal(built.status, 0, built.stderr);
  // So that nobody may come to the executable.
  for (const folder of [dirname(app.dir), app.dir]) chmodSync(folder, 0o755);
  work = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  const source = readFileSync(join(import.meta.dirname, "doctor/filtered.c"), "utf8");
  filtered = await compileHelper("filtered", source, work);
  container = new Container(app.path("dist/bootstrap"));
  computed = missing(said(doctor(NOBODY)).about("capabilities"));
});
after(() => {
  rmSync(work, { recursive: true, force: true });
  container.remove();
});

function missing({ detail }: Finding): string[] {
  const [, names = ""] = /^missing: (.*)$/.exec(detail) ?? [];
  return names.split(", ").filter(Boolean);
}

function doctor(before: readonly string[] = []): Ran {
  return run(app.dir, [...before, app.path("dist/bootstrap"), "--json"], { BPF_APP: "doctor" });
}

function said({ status, stdout, stderr }: Ran) {
  assert.equal(stderr, "");
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  assert.equal(status, ok ? 0 : 1);
  const has = (subject: string) => findings.some((one) => one.subject === subject);
  const about = (subject: string) => {
    const found = findings.find((one) => one.subject === subject);
    assert.ok(found, stdout);
    return found;
  };
  /** What is wrong, in the order in which it is said. */
  const errors = findings.filter(({ state }) => state === "error").map(({ subject }) => subject);
  return { ok, errors, about, has };
}

/** A set of capabilities as setpriv takes it. */
const set = (names: readonly string[]) =>
  ["-all", ...names.map((name) => `+${name.slice(4).toLowerCase()}`)].join(",");

/** Starts something as nobody, with these capabilities. */
const having = (names: readonly string[]) => [
  ...[...NOBODY, `--inh-caps=${set(names)}`],
  ...(names.length > 0 ? [`--ambient-caps=${set(names)}`] : []),
];

/** Starts something in a view of the machine's files that a command has changed. */
const where = (command: string) => ["unshare", "--mount", "sh", "-ec", `${command}; exec "$@"`, "sh"];

describe("capabilities, taken away", () => {
  it("are enough if they are those that were computed", () => {
    assert.ok(computed.length >= 3, String(computed));
    assert.ok(said(doctor(having(computed))).ok);
  });

  it("are named, each by itself", () => {
    for (const one of computed) {
      const { ok, about } = said(doctor(having(computed.filter((other) => other !== one))));
      assert.ok(!ok);
      assert.deepEqual(missing(about("capabilities")), [one]);
      assert.match(about("capabilities").fix ?? "", /sudo setcap cap_bpf,/);
    }
  });

  it("that nobody can get back are told from others", () => {
    const rest = computed.filter((one) => one !== "CAP_PERFMON");
    const bounded = said(doctor(["setpriv", `--bounding-set=${set(rest)}`, "--inh-caps=-all"]));
    assert.match(bounded.about("capabilities").fix ?? "", /has taken CAP_PERFMON for good/);
    const stuck = said(doctor([...NOBODY, "--no-new-privs"]));
    assert.match(stuck.about("capabilities").fix ?? "", /no_new_privs/);
    const nosuid = where("mount --bind dist dist; mount -o remount,bind,nosuid dist");
    const unheard = said(doctor([...nosuid, ...NOBODY]));
    assert.match(unheard.about("capabilities").fix ?? "", /\/dist is mounted nosuid/);
  });
});

describe("system calls, taken away by a filter", () => {
  for (const [name, error] of [
    ["EPERM", "1"],
    ["ENOSYS", "38"],
  ] as const)
    it(`that answers ${name} are not taken for a missing capability`, () => {
      const { errors, about } = said(doctor([filtered, error]));
      assert.equal(about("capabilities").state, "ok");
      assert.match(about("system calls").detail, /refuses bpf\(2\) and perf_event_open\(2\)$/);
      assert.match(about("system calls").fix ?? "", /SystemCallFilter=/);
      assert.deepEqual(errors.slice(0, 1), ["system calls"]);
    });

  it("are what the app itself names", () => {
    const { status, stderr } = run(app.dir, [filtered, "1", app.path("dist/bootstrap")]);
    assert.notEqual(status, 0);
    assert.match(stderr, /A seccomp filter refuses the system call bpf\(2\)/);
  });

  it("that kills do not kill the doctor", () => {
    const { errors, about } = said(doctor([filtered, "0"]));
    assert.match(about("system calls").detail, /kills a process that calls it/);
    assert.match(about("programs").detail, /^not tried/);
    assert.deepEqual(errors, ["system calls", "programs"]);
  });
});

describe("/proc and /sys, taken away", () => {
  it("are named first, and nothing is said that only they tell", () => {
    const { about, has } = said(doctor(where("mount -t tmpfs none /sys; umount -l /proc")));
    assert.match(about("/proc").fix ?? "", /^mount -t proc/);
    assert.match(about("kernel BTF").fix ?? "", /mount -t sysfs/);
    assert.equal(about("capabilities").state, "warn");
    assert.ok(!has("tracefs"));
  });
});

describe("in a container of Podman's", () => {
  const inside = (...options: string[]) => said(container.run(options, ["--json"], { BPF_APP: "doctor" }));
  const caps = () => ["--cap-drop", "all", "--cap-add", computed.map((name) => name.slice(4)).join(",")];
  const TRACEFS = ["-v", "/sys/kernel/tracing:/sys/kernel/tracing"];

  it("without privileges, it says with which options to start it", () => {
    const { errors, about } = inside("--cap-drop", "all");
    assert.match(about("container").detail, /^Podman/);
    assert.deepEqual(missing(about("capabilities")), computed);
    const added = computed.map((name) => ` --cap-add ${name.slice(4)}`).join("");
    assert.equal(about("capabilities").fix, `podman run${added} …`);
    assert.match(about("system calls").detail, /refuses bpf\(2\)/);
    assert.match(about("system calls").fix ?? "", /^podman run --security-opt seccomp=unconfined …$/m);
    assert.equal(about("tracefs").fix, `podman run ${TRACEFS.join(" ")} …`);
    assert.deepEqual(errors, ["capabilities", "system calls", "tracefs", "object bootstrap"]);
    const all = `podman run${added} --security-opt seccomp=unconfined ${TRACEFS.join(" ")} …`;
    assert.equal(about("container").fix, all);
  });

  it("with exactly the capabilities that are computed, the rest is told apart from them", () => {
    const { errors, about } = inside(...caps(), "--security-opt", "seccomp=unconfined");
    assert.equal(about("capabilities").state, "ok");
    assert.deepEqual(errors, ["tracefs"]);
    assert.match(about("program handle_exec").detail, /^loads/);
  });

  it("with all that it asks for, it runs", () => {
    assert.ok(inside(...caps(), "--security-opt", "seccomp=unconfined", ...TRACEFS).ok);
    const args = ["--duration", "1"];
    const ran = container.run([...caps(), "--security-opt", "seccomp=unconfined", ...TRACEFS], args, {});
    assert.equal(ran.status, 0, ran.stderr);
  });

  it("with --privileged, it misses the tracing file system alone", () => {
    assert.deepEqual(inside("--privileged").errors, ["tracefs"]);
    assert.ok(inside("--privileged", ...TRACEFS).ok);
  });

  it("as another user than root, to whom Podman hands on what is added", () => {
    // Nothing else in there is both writable for him and not mounted noexec.
    const user = ["--user", "1000", "--tmpfs", "/tmp:rw,exec,mode=1777"];
    const found = inside(...caps(), "--security-opt", "seccomp=unconfined", ...TRACEFS, ...user);
    assert.deepEqual(found.errors, []);
    assert.deepEqual(missing(inside(...user).about("capabilities")), computed);
  });
});
