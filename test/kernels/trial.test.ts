// What the runtime says that a kernel has, against what attaches there; and the capabilities that are computed for it. The
// app is that of test/build/trial.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  allows,
  CAPABILITIES,
  type Capability,
  machineOf,
  neededCapabilities,
} from "../../toolchain/src/facts/capabilities.ts";
import { type Disk, makeDisk } from "../../toolchain/src/guest/disk.ts";
import { prepareKernels } from "../../toolchain/src/guest/kernels.ts";
import { type GuestCell, runGuest } from "../../toolchain/src/guest/run-guest.ts";
import { buildTrial } from "../build/trial/make.ts";
import { compileHelper } from "./build.ts";

interface Attempt {
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/**
 * Functions of all sorts: some are in one version only. blk_account_io_start is listed in /proc/kallsyms of Linux 7.2, and
 * nothing can be attached to it; migrate_disable must not be traced; do_int3 is on the blacklist of kprobes.
 */
const SECTIONS = [
  ...["fentry/vfs_read", "fexit/vfs_read", "fentry/blk_account_io_start", "fentry/do_unlinkat"],
  ...[
    "fentry/filename_unlinkat",
    "fentry/no_such_function",
    "fentry/migrate_disable",
    "fentry/__x64_sys_getpgid",
  ],
  ...["kprobe/vfs_read", "kretprobe/vfs_read", "kprobe/blk_account_io_start", "kprobe/no_such_function"],
  ...["kprobe/do_int3", "kprobe/notifier_call_chain", "tp_btf/sched_switch", "tp_btf/no_such_tracepoint"],
  ...[
    "raw_tp/sched_switch",
    "raw_tp/no_such_tracepoint",
    "tp/sched/sched_switch",
    "tp/sched/no_such_tracepoint",
  ],
  ...["lsm/file_open", "lsm/no_such_hook", "lsm/vm_enough_memory"],
];

/** One program for each rule about capabilities that all these kernels have programs for. */
const PROGRAMS: Readonly<Record<string, string>> = {
  by_tp: "tp/syscalls/sys_enter_getpgid",
  by_raw_tp: "raw_tp/sys_enter",
  by_ksyscall: "ksyscall/getpgid",
  by_fentry: "fentry",
  by_lsm: "lsm/file_mprotect",
  by_uprobe: "uprobe",
  by_socket: "socket",
  by_xdp: "xdp",
};

const USER = "65534";
let work: string;
let disk: Disk;

before(async () => {
  work = await mkdtemp(join(tmpdir(), "trial-test-"));
  const source = await readFile(join(import.meta.dirname, "../build/trial/as.c"), "utf8");
  const files = { trial: buildTrial().path("dist/trial"), as: await compileHelper("as", source, work) };
  disk = await makeDisk(files, join(work, "disk.img"));
});
after(() => rm(work, { recursive: true }));

function parts(section: string) {
  return { programs: [{ section }], maps: [{ type: "array" }], helpers: [], subtracts: false };
}

function cell(name: string, ...argv: string[]): GuestCell {
  return { name, argv, stop: "none" };
}

function as(capabilities: readonly Capability[], program: string): GuestCell {
  const numbers = capabilities.map((one) => CAPABILITIES[one]).join(",");
  return cell(`${program} ${capabilities}`, "/app/as", USER, numbers, "/app/trial", "as", program);
}

const onKernel = (version: string) =>
  describe(`Linux ${version}, as Debian builds it`, () => {
    /** What each cell has printed, as lines of JSON. */
    const said = new Map<string, Record<string, unknown>[]>();
    // Debian's kernels leave perf events to CAP_SYS_ADMIN.
    const machine = machineOf(version, "3");
    const needed = (section: string) =>
      neededCapabilities(parts(section), machine).map(({ capability }) => capability);
    /** Sets from which one is missing for which no other one stands in. */
    const less = (section: string) =>
      needed(section)
        .map((one) => ({ one, rest: needed(section).filter((other) => other !== one) }))
        .filter(({ one, rest }) => !allows(new Set(rest), one));

    before(async () => {
      const { kernels } = await prepareKernels([version]);
      const cells = [
        cell("paranoid", "/bin/cat", "/proc/sys/kernel/perf_event_paranoid"),
        cell("probe", "/app/trial", "probe", ...SECTIONS),
        cell("choose", "/app/trial", "choose", "vfs_read"),
        cell("missing", "/app/trial", "choose", "no_such_function"),
        cell("none", "/app/trial", "none"),
        cell("drop", "/app/trial", "drop"),
        cell("keep", "/app/trial", "drop", USER, "--keep-bpf"),
        cell("module", "/app/trial", "probe", "fentry/veth_xmit", "kprobe/veth_xmit"),
        cell("module as user", "/app/as", USER, "38,39", "/app/trial", "probe", "fentry/veth_xmit"),
        ...Object.entries(PROGRAMS).flatMap(([name, section]) => [
          as(needed(section), name),
          ...less(section).map(({ rest }) => as(rest, name)),
        ]),
      ];
      const guest = await runGuest({ kernel: kernels[0]!, disk, cells });
      assert.ok(guest.finished, guest.console.slice(-2000));
      assert.deepEqual(guest.splats.faults, []);
      for (const [index, run] of guest.cells.entries()) {
        assert.equal(run.exit, 0, `${cells[index]!.name}: ${run.stdout}${run.stderr}`);
        said.set(
          cells[index]!.name,
          run.stdout
            .split("\n")
            .filter(Boolean)
            .map((line) => JSON.parse(line)),
        );
      }
    });

    it("says what attaches, and nothing else", () => {
      const told = said.get("probe")!;
      assert.equal(told.length, SECTIONS.length);
      for (const { section, why, refused, attached, error } of told) {
        assert.equal(refused, undefined, `${section}: ${refused}`);
        assert.equal(why === null, attached, `${section}: ${why}, but: ${error}`);
      }
      const can = Object.fromEntries(told.map(({ section, attached }) => [section, attached]));
      assert.ok(
        can["fentry/vfs_read"] &&
          can["kprobe/vfs_read"] &&
          can["tp_btf/sched_switch"] &&
          can["lsm/file_open"],
      );
      assert.equal(
        can["fentry/do_unlinkat"],
        !can["fentry/filename_unlinkat"],
        "one replaced the other in 7.0",
      );
      assert.equal(can["kprobe/do_int3"], false);
      if (version === "7.2")
        assert.equal(can["fentry/blk_account_io_start"], false, "it is listed, and refused");
    });

    it("chooses fentry where the function is, and kprobes where it is not", () => {
      assert.deepEqual(said.get("choose")![0]!.way, { value: "fentry" });
      const [{ none } = {}] = said.get("none") as Record<string, Attempt>[];
      assert.match(none!.message!, /hook: by_missing_hook: .*no security hook/);
    });

    it("a target that is not there is an error of setAttachTarget, as of libbpf", () => {
      const [{ way, only } = {}] = said.get("missing") as Record<string, Attempt>[];
      assert.equal(way!.code, "ESRCH");
      assert.deepEqual(only, { value: "b" }, "a program without a target cannot be loaded");
    });

    it("knows the functions of modules, which take CAP_SYS_ADMIN", () => {
      const [fentry, kprobe] = said.get("module")!;
      assert.equal(kprobe!.attached, true);
      assert.equal(kprobe!.why, null);
      // Modules have BTF since Linux 5.11.
      assert.equal(fentry!.attached, version !== "5.10", String(fentry!.error));
      assert.equal(fentry!.why === null, fentry!.attached);
      const [{ why, refused, attached } = {}] = said.get("module as user")!;
      assert.equal(attached, false);
      if (version === "5.10") assert.match(String(why), /BTF does not describe the function veth_xmit/);
      else
        assert.match(
          String(refused),
          /may not try .*without CAP_SYS_ADMIN.*cap_bpf,cap_perfmon,cap_sys_admin\+ep/s,
        );
    });

    it("drops its privileges in all threads, and reads on", () => {
      for (const name of ["drop", "keep"]) {
        const [{ events, threads, counted } = {}] = said.get(name)!;
        assert.ok((events as number) > 0);
        const kept = name === "keep" ? "0000008000000000" : "0000000000000000";
        assert.ok((threads as unknown[]).length > 5);
        for (const thread of threads as Record<string, string>[])
          assert.deepEqual([thread.effective, thread.permitted, thread.noNewPrivileges], [kept, kept, "1"]);
        // Before 5.19, kernel.unprivileged_bpf_disabled is about every call of bpf(2).
        const { value, code } = counted as Attempt;
        if (name === "drop" && version === "5.10") assert.equal(code, "EPERM");
        else if (name === "keep" || version !== "5.10") assert.ok((value as number) > 0, code);
      }
    });

    for (const [name, section] of Object.entries(PROGRAMS))
      it(`${section} attaches with exactly what is computed, and says all of it where one is missing`, () => {
        assert.deepEqual(said.get("paranoid"), [3]);
        assert.deepEqual(said.get(as(needed(section), name).name), [{ value: true }]);
        for (const { one, rest } of less(section)) {
          const [{ value, message = "" } = {}] = said.get(as(rest, name).name) as Attempt[];
          // Small maps fit into the limit of locked memory, and later updates of a kernel ask for more.
          if (value === true && one === "CAP_SYS_RESOURCE") continue;
          assert.equal(value, undefined, `${section} attaches without ${one}`);
          assert.match(message, new RegExp(`does not have .*${one}`));
          assert.ok(message.includes(`setcap ${needed(section).join(",").toLowerCase()}+ep`), message);
        }
      });
  });

// A guest has one processor, and the machine two.
describe("the runtime in guests", { concurrency: 2 }, () => {
  for (const version of ["5.10", "6.1", "6.12", "7.2"]) onKernel(version);
});
