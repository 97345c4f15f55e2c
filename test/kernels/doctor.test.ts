// What a built file says of a machine from which things are taken away that only another kernel, or another boot, can lack.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Finding } from "../../toolchain/src/doctor/finding.ts";
import { type Disk, makeDisk } from "../../toolchain/src/guest/disk.ts";
import { prepareKernels } from "../../toolchain/src/guest/kernels.ts";
import type { CellRun } from "../../toolchain/src/guest/protocol.ts";
import { type GuestCell, runGuest } from "../../toolchain/src/guest/run-guest.ts";
import { App } from "../build/app.ts";
import { compileHelper } from "./build.ts";

let work: string;
let disk: Disk;
before(async () => {
  work = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  const app = App.make("minimal");
  for (const file of ["needy.bpf.c", "needy.ts"])
    cpSync(join(import.meta.dirname, "doctor", file), app.path(`src/${file}`));
  const built = app.build(["needy"]);
  assert.equal(built.status, 0, built.stdout + built.stderr);
  const source = readFileSync(join(import.meta.dirname, "../build/trial/as.c"), "utf8");
  const files = { needy: app.path("dist/needy"), as: await compileHelper("as", source, work) };
  disk = await makeDisk(files, join(work, "disk.img"));
});
after(() => rmSync(work, { recursive: true, force: true }));

/** Asks the file for its findings in a guest. */
function doctor(name: string, setup = "", before: readonly string[] = []): GuestCell {
  const argv = [...before, "/app/needy", "--json"];
  return { name, argv, env: { BPF_APP: "doctor" }, setup, stop: "none" };
}

/** The capabilities that the app takes on Linux 5.10 of Debian's, but the one that raises the limit of locked memory. */
const CAPS = "2,12,21,34,38,39";

/** Starts something as nobody, with capabilities by their numbers, and a limit of locked memory in KiB. */
const limited = (limit: string, capabilities: string) => [
  ...["/bin/sh", "-c", `ulimit -l ${limit}; exec "$@"`, "sh"],
  ...["/app/as", "65534", capabilities],
];

class Said {
  readonly #run: CellRun;
  readonly findings: readonly Finding[];

  constructor(run: CellRun | undefined) {
    assert.ok(run, "the guest has not come to it");
    this.#run = run;
    const { ok, findings } = JSON.parse(run.stdout) as { ok: boolean; findings: Finding[] };
    this.findings = findings;
    assert.equal(run.exit, ok ? 0 : 1);
  }

  about(subject: string): Finding {
    const found = this.findings.find((one) => one.subject === subject);
    assert.ok(found, this.#run.stdout);
    return found;
  }

  get errors(): string[] {
    return this.findings.filter(({ state }) => state === "error").map(({ subject }) => subject);
  }
}

/** Boots a kernel and runs the cells. */
async function boot(version: string, cells: readonly GuestCell[], cmdline = "") {
  const { kernels } = await prepareKernels([version]);
  const [kernel] = kernels;
  assert.ok(kernel, `no kernel ${version}`);
  const guest = await runGuest({ kernel, disk, cells, cmdline });
  assert.ok(guest.finished, guest.console.slice(-2000));
  assert.deepEqual(guest.splats.faults, []);
  const run = (name: string) => guest.cells.find((one) => one.name === name);
  return { run, said: (name: string) => new Said(run(name)) };
}

describe("the doctor in guests", () => {
  test("Linux 5.10: locked memory, settings, and file systems that are not mounted", async () => {
    const sysctl = (name: string, value: string) => `echo ${value} > /proc/sys/${name}; `;
    const { run, said } = await boot("5.10", [
      doctor("all is there"),
      doctor("little memory", "", limited("64", CAPS)),
      { ...doctor("the app", "", limited("64", CAPS)), env: {} },
      doctor(
        "taken away",
        `${sysctl("kernel/kptr_restrict", "2")}${sysctl("net/core/bpf_jit_enable", "0")}
        for at in kernel/tracing kernel/debug fs/bpf fs/cgroup; do umount /sys/$at; done`,
      ),
      { ...doctor("interpreted", "mount -t bpf bpf /sys/fs/bpf"), env: {} },
    ]);

    const all = said("all is there");
    assert.deepEqual(all.errors, []);
    assert.match(all.about("locked memory").detail, /which the app may raise$/);
    for (const name of ["on_exec", "on_read", "on_open", "on_packet"])
      assert.match(all.about(`program ${name}`).detail, /^loads \(/);
    const absent = (name: string) => all.about(`program ${name}`).detail;
    assert.match(absent("at_no_function"), /^loads, but the function no_such_function is not there/);
    assert.match(absent("at_no_tracepoint"), /^loads, but the tracepoint sched\/no_such_tracepoint/);
    assert.match(absent("at_no_program"), /^loads, but the file \/no\/such\/program/);
    assert.match(absent("in_no_function"), /^this kernel has no no_such_function/);

    const little = said("little memory");
    assert.deepEqual(little.errors, ["capabilities", "locked memory", "object needy"]);
    assert.equal(little.about("capabilities").detail, "missing: CAP_SYS_RESOURCE");
    assert.match(little.about("locked memory").detail, /^65536 bytes$/);
    assert.equal(run("the app")?.exit, 1);
    assert.match(run("the app")?.stderr ?? "", /does not have CAP_SYS_RESOURCE/);

    const bare = said("taken away");
    assert.deepEqual(bare.errors, ["tracefs", "cgroup2", "bpf"]);
    assert.equal(bare.about("kernel addresses").state, "warn");
    assert.equal(bare.about("JIT compiler").state, "warn");
    // A security hook runs without the compiler, too.
    assert.equal(run("interpreted")?.stdout, "opened some\n");
  });

  test("Linux 6.12: lockdown, and no BPF among the security modules", async () => {
    const { said } = await boot("6.12", [doctor("locked")], "lockdown=confidentiality lsm=lockdown,yama");
    const locked = said("locked");
    const about = (subject: string) => locked.about(subject);
    assert.deepEqual(locked.errors, ["lockdown", "BPF LSM", "program on_read"]);
    assert.equal(about("lockdown").detail, "confidentiality");
    assert.match(about("BPF LSM").fix ?? "", /^Boot with lsm=lockdown,.*,bpf on the kernel's command line/);
    assert.match(about("program on_read").why ?? "", /cannot use helper bpf_probe_read/);
    assert.match(about("program on_exec").detail, /^loads/);
  });
});
