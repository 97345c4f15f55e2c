import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { gzipSync } from "node:zlib";
import type { App } from "../../toolchain/src/doctor/app.ts";
import { examineMachine } from "../../toolchain/src/doctor/examine.ts";
import { allWell, type Finding } from "../../toolchain/src/doctor/finding.ts";
import { machineAt } from "../../toolchain/src/doctor/machine.ts";
import type { MapReport, ObjectReport } from "../../toolchain/src/inspect/object.ts";
import { findingsText } from "../../toolchain/src/report/findings.ts";
import { colours, paintIf, plain } from "../../toolchain/src/report/paint.ts";
import { folderWith } from "../app.ts";

/** An app with programs in these sections. */
function app(
  sections: readonly (readonly [section: string, type: string])[],
  more: Partial<ObjectReport> & { readonly adapts?: boolean } = {},
): App {
  const { adapts = false, ...parts } = more;
  const programs = sections.map(([section, type], at) => ({
    name: `prog${at}`,
    section,
    type,
    instructions: 2,
    optional: false,
  }));
  const object: ObjectReport = {
    ...{ name: "it", size: 1, sha256: "", programs, maps: [], sections: [], helpers: [] },
    ...{ subtracts: false, kernelTypes: false, ...parts },
  };
  return { file: "dist/it", objects: [object], adapts };
}

const map = (name: string, type: string, maxEntries = 1): MapReport => ({
  ...{ name, type, keySize: 4, valueSize: 4, maxEntries, flags: 0, pinned: false },
});

const EVERYTHING = 0x1ffffffffffn;

/** The files of a machine on which everything is well. */
const WELL: Readonly<Record<string, string>> = {
  "proc/sys/kernel/osrelease": "6.12.9-amd64\n",
  "sys/kernel/btf/vmlinux": "",
  "proc/sys/net/core/bpf_jit_enable": "1\n",
  "sys/kernel/security/lockdown": "[none] integrity confidentiality\n",
  "proc/sys/kernel/unprivileged_bpf_disabled": "2\n",
  "proc/sys/kernel/perf_event_paranoid": "2\n",
  "proc/self/status": `Name:\tit\nCapEff:\t${EVERYTHING.toString(16)}\n`,
  "proc/self/uid_map": "         0          0 4294967295\n",
  "proc/self/mounts": "tracefs /sys/kernel/tracing tracefs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
  "sys/kernel/security/lsm": "capability,landlock,bpf",
  "boot/config-6.12.9-amd64": [
    ...["BPF_SYSCALL", "DEBUG_INFO_BTF", "BPF_JIT", "BPF_EVENTS", "KPROBE_EVENTS", "UPROBE_EVENTS", "FPROBE"],
    ...["FUNCTION_TRACER", "BPF_LSM", "PERF_EVENTS", "CGROUP_BPF", "XDP_SOCKETS"],
  ]
    .map((name) => `CONFIG_${name}=y\n`)
    .concat("CONFIG_NET_CLS_BPF=m\n# CONFIG_BPF_LIRC_MODE2 is not set\n")
    .join(""),
};

/** What is found on a machine that differs from a good one in these files; undefined takes one away. */
function examine(of: App, changes: Readonly<Record<string, string | undefined>> = {}): Finding[] {
  const files = Object.entries({ ...WELL, ...changes }).filter(([, text]) => text !== undefined);
  return examineMachine(of, machineAt(folderWith(Object.fromEntries(files) as Record<string, string>)));
}

const about = (findings: readonly Finding[], subject: string) => {
  const found = findings.find((one) => one.subject === subject);
  assert.ok(found, `nothing was found about ${subject}`);
  return found;
};

/** Whether a file can be taken away, and what is then said. */
function lacking(of: App, subject: string, changes: Readonly<Record<string, string | undefined>>): Finding {
  assert.equal(about(examine(of), subject).state, "ok", "it is well before");
  return about(examine(of, changes), subject);
}

const FENTRY = app([["fentry/vfs_read", "tracing"]], { kernelTypes: true });
const TRACEPOINT = app([["tp/sched/sched_switch", "tracepoint"]]);
const XDP = app([["xdp", "xdp"]]);

describe("the doctor of an executable", () => {
  it("finds nothing wrong where nothing is, whatever the program is", () => {
    for (const of of [
      FENTRY,
      TRACEPOINT,
      XDP,
      app([["lsm/file_open", "lsm"]], { kernelTypes: true }),
      app([["tcx/ingress", "sched_cls"]]),
      app([["cgroup_skb/egress", "cgroup_skb"]]),
    ])
      assert.deepEqual(
        examine(of).filter(({ state }) => state !== "ok"),
        [],
      );
  });

  it("compares the kernel's version with what programs and maps take", () => {
    const of = app([["kprobe.multi/vfs_*", "kprobe"]], { maps: [map("rb", "ringbuf")] });
    const old = lacking(of, "kernel", { "proc/sys/kernel/osrelease": "5.4.0-1\n" });
    assert.equal(old.state, "error");
    assert.match(old.detail, /Linux 5\.4\.0-1 is older than Linux 5\.18/);
    assert.match(
      old.why ?? "",
      /prog0 \(kprobe\.multi\/vfs_\*\) needs Linux 5\.18; the map rb \(ringbuf\) needs Linux 5\.8/,
    );
    const adapting = { ...of, adapts: true };
    assert.equal(
      about(examine(adapting, { "proc/sys/kernel/osrelease": "5.4.0-1\n" }), "kernel").state,
      "warn",
    );
  });

  it("misses the kernel's types only where something needs them", () => {
    const gone = lacking(FENTRY, "kernel BTF", { "sys/kernel/btf/vmlinux": undefined });
    assert.equal(gone.state, "error");
    assert.match(gone.fix ?? "", /CONFIG_DEBUG_INFO_BTF/);
    assert.equal(
      about(examine(TRACEPOINT, { "sys/kernel/btf/vmlinux": undefined }), "kernel BTF").state,
      "ok",
    );
  });

  it("is content where the file brings BTF for this kernel, unless a program is attached by the kernel's own", () => {
    const gone = { "sys/kernel/btf/vmlinux": undefined, "proc/sys/kernel/osrelease": "5.4.0-42-generic\n" };
    const fitted = app([["kprobe/vfs_read", "kprobe"]], { kernelTypes: true });
    const bringing = (of: App, release: string): App => ({
      ...of,
      btf: of.objects.map(({ name }) => ({ name, kernels: [{ release }] })),
    });
    const found = (of: App) => about(examine(of, gone), "kernel BTF");
    assert.match(found(fitted).fix ?? "", /or build it with BTF of Linux 5\.4\.0-42-generic/);
    assert.equal(found(bringing(fitted, "5.4.0-48-generic")).state, "error");
    const { state, detail } = found(bringing(fitted, "5.4.0-42-generic"));
    assert.equal(state, "ok");
    assert.match(detail, /this file brings its own for Linux 5\.4\.0-42-generic/);
    const attached = found(bringing(FENTRY, "5.4.0-42-generic"));
    assert.equal(attached.state, "error");
    assert.doesNotMatch(attached.fix ?? "", /build it/);
  });

  it("knows what takes the JIT compiler, and where only root may see it", () => {
    const off = { "proc/sys/net/core/bpf_jit_enable": "0\n" };
    assert.equal(lacking(FENTRY, "JIT compiler", off).state, "error");
    assert.equal(lacking(TRACEPOINT, "JIT compiler", off).state, "warn");
    const hidden = lacking(FENTRY, "JIT compiler", { "proc/sys/net/core/bpf_jit_enable": undefined });
    assert.match(hidden.detail, /only root may read/);
  });

  it("says what lockdown forbids", () => {
    const locked = (mode: string) => ({ "sys/kernel/security/lockdown": `none [${mode}]\n` });
    assert.equal(lacking(TRACEPOINT, "lockdown", locked("confidentiality")).state, "error");
    assert.equal(lacking(TRACEPOINT, "lockdown", locked("integrity")).state, "ok");
    assert.equal(lacking(XDP, "lockdown", locked("confidentiality")).state, "ok");
    const writing = app([["kprobe/vfs_read", "kprobe"]], { helpers: [36] });
    assert.match(lacking(writing, "lockdown", locked("integrity")).why ?? "", /bpf_probe_write_user/);
  });

  it("compares the kernel's configuration, from wherever it is, and says where it cannot", () => {
    const of = app([["lsm/file_open", "lsm"]], { kernelTypes: true });
    const text = WELL["boot/config-6.12.9-amd64"]!;
    const config = (changed: string | undefined) => ({ "boot/config-6.12.9-amd64": changed });
    const off = lacking(
      of,
      "kernel config",
      config(text.replace("CONFIG_BPF_LSM=y", "# CONFIG_BPF_LSM is not set")),
    );
    assert.equal(off.state, "error");
    assert.match(off.detail, /^off: CONFIG_BPF_LSM /);
    assert.match(off.why ?? "", /CONFIG_BPF_LSM lets programs be security hooks/);
    const hidden = lacking(of, "kernel config", config(undefined));
    assert.equal(hidden.state, "warn");
    assert.match(hidden.detail, /cannot be read/);
    assert.equal(about(examine(of, config("nothing of sense")), "kernel config").state, "warn");
  });

  it("reads a compressed configuration, and is not taken in by one that is damaged or endless", () => {
    const { "boot/config-6.12.9-amd64": text = "", ...others } = WELL;
    const root = folderWith(others);
    const found = (bytes: Uint8Array) => {
      writeFileSync(join(root, "proc/config.gz"), bytes);
      return about(examineMachine(XDP, machineAt(root)), "kernel config");
    };
    assert.match(found(gzipSync(text)).detail, /are on \(\/proc\/config\.gz\)/);
    assert.equal(found(gzipSync(text).subarray(0, 30)).state, "warn");
    assert.equal(found(gzipSync(Buffer.alloc(64 << 20, "CONFIG_A=y\n"))).state, "warn");
  });

  it("names every capability that is missing, why, and the one line that gives them", () => {
    const none = lacking(TRACEPOINT, "capabilities", { "proc/self/status": "CapEff:\t0000000000000000\n" });
    assert.equal(none.state, "error");
    assert.match(none.detail, /^missing: CAP_BPF, CAP_PERFMON, CAP_DAC_READ_SEARCH$/);
    assert.match(none.fix ?? "", /sudo setcap cap_bpf,cap_perfmon,cap_dac_read_search\+ep dist\/it/);
    // CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON.
    const admin = { "proc/self/status": `CapEff:\t${((1n << 21n) | (1n << 2n)).toString(16)}\n` };
    assert.equal(about(examine(TRACEPOINT, admin), "capabilities").state, "ok");
    const paranoid = {
      "proc/sys/kernel/perf_event_paranoid": "3\n",
      "proc/self/status": "CapEff:\tc000000004\n",
    };
    assert.match(about(examine(TRACEPOINT, paranoid), "capabilities").fix ?? "", /perf_event_paranoid=2/);
    const rootless = lacking(XDP, "capabilities", { "proc/self/uid_map": "0 1000 1\n" });
    assert.match(rootless.detail, /user namespace/);
  });

  it("misses file systems that the app needs, and no others", () => {
    const none = { "proc/self/mounts": "proc /proc proc rw 0 0\n" };
    assert.match(lacking(TRACEPOINT, "tracefs", none).fix ?? "", /^mount -t tracefs/);
    assert.equal(lacking(app([["cgroup/dev", "cgroup_device"]]), "cgroup2", none).state, "error");
    const pinning = app([["xdp", "xdp"]], { maps: [{ ...map("shared", "hash"), pinned: true }] });
    assert.match(about(examine(pinning), "bpf").fix ?? "", /^mount -t bpf/);
    const printing = app([["xdp", "xdp"]], { helpers: [6] });
    assert.equal(lacking(printing, "tracefs", none).state, "error");
    assert.deepEqual(
      examine(XDP, none).filter(({ state }) => state !== "ok"),
      [],
    );
  });

  it("asks for the BPF LSM where a program is a security hook", () => {
    const of = app([["lsm/file_open", "lsm"]], { kernelTypes: true });
    const off = lacking(of, "BPF LSM", { "sys/kernel/security/lsm": "capability,yama" });
    assert.match(off.fix ?? "", /lsm=capability,yama,bpf/);
    assert.equal(lacking(of, "BPF LSM", { "sys/kernel/security/lsm": undefined }).state, "warn");
    assert.ok(!examine(XDP).some(({ subject }) => subject === "BPF LSM"));
  });

  it("counts locked memory before Linux 5.11 only", () => {
    const of = app([["xdp", "xdp"]], { maps: [map("big", "hash", 1 << 20)] });
    const limits = "Max locked memory         65536                65536                bytes     \n";
    const old = { "proc/sys/kernel/osrelease": "5.10.0\n", "proc/self/limits": limits };
    const raisable = about(examine(of, old), "locked memory");
    assert.equal(raisable.state, "ok");
    const fixed = about(
      examine(of, { ...old, "proc/self/status": "CapEff:\tc000001000\n" }),
      "locked memory",
    );
    assert.equal(fixed.state, "error");
    assert.match(fixed.fix ?? "", /ulimit -l unlimited/);
    assert.ok(!examine(of).some(({ subject }) => subject === "locked memory"));
  });

  it("gets by where no file can be read at all", () => {
    const findings = examineMachine(FENTRY, machineAt(folderWith({})));
    assert.ok(!allWell(findings));
    for (const { detail } of findings) assert.doesNotMatch(detail, /undefined|NaN/);
  });
});

describe("findings as text", () => {
  const findings: Finding[] = [
    { subject: "kernel", state: "ok", detail: "Linux 6.12" },
    { subject: "JIT compiler", state: "warn", detail: "off", why: "It is slow.\nVery.", fix: "sysctl" },
    { subject: "tracefs", state: "error", detail: "not mounted" },
  ];

  it("are aligned, with why and what to do below each", () => {
    assert.equal(
      findingsText(findings, plain),
      [
        "  ok     kernel        Linux 6.12",
        "  warn   JIT compiler  off",
        "                       It is slow.",
        "                       Very.",
        "                       → sysctl",
        "  error  tracefs       not mounted\n",
      ].join("\n"),
    );
  });

  it("are green, yellow and red where that is wanted, and take the same room", () => {
    const painted = findingsText(findings, paintIf(true));
    for (const colour of ["\x1b[32mok", "\x1b[33mwarn", "\x1b[31merror"]) assert.ok(painted.includes(colour));
    assert.equal(stripVTControlCharacters(painted), findingsText(findings, plain));
  });

  it("have colours by FORCE_COLOR, NO_COLOR and the terminal, in this order", () => {
    assert.equal(colours({}, true), true);
    assert.equal(colours({}, false), false);
    assert.equal(colours({ NO_COLOR: "1" }, true), false);
    assert.equal(colours({ NO_COLOR: "" }, true), true);
    assert.equal(colours({ NO_COLOR: "1", FORCE_COLOR: "1" }, false), true);
    assert.equal(colours({ FORCE_COLOR: "0" }, true), false);
    assert.equal(colours({ TERM: "dumb" }, true), false);
  });
});
