import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { gzipSync } from "node:zlib";
import type { App } from "../../toolchain/src/doctor/app.ts";
import { examineMachine } from "../../toolchain/src/doctor/examine.ts";
import { allWell, type Finding } from "../../toolchain/src/doctor/finding.ts";
import { type Given, machineAt } from "../../toolchain/src/doctor/machine.ts";
import { absentTarget } from "../../toolchain/src/doctor/targets.ts";
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
  return { file: "dist/it", path: "/opt/dist/it", objects: [object], adapts };
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
function examine(of: App, changes: Changes = {}, given: Given = {}): Finding[] {
  const files = Object.entries({ ...WELL, ...changes }).filter(([, text]) => text !== undefined);
  const root = folderWith(Object.fromEntries(files) as Record<string, string>);
  return examineMachine(of, machineAt(root, { environment: {}, user: 1000, ...given }));
}

type Changes = Readonly<Record<string, string | undefined>>;

/** What /proc/self/status says of a process with these capabilities. */
function status(bits: bigint, more: Readonly<Record<string, string>> = {}): Changes {
  const fields = { CapEff: bits.toString(16).padStart(16, "0"), ...more };
  const text = Object.entries(fields).map(([name, value]) => `${name}:\t${value}\n`);
  return { "proc/self/status": `Name:\tit\n${text.join("")}` };
}

/** Of a system call that a filter lets through: nothing is at the path (ENOENT), and the event is opened. */
const ALLOWED = { bpf: -2, perfEventOpen: 0 };
const FILTERED = { Seccomp: "2" };

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
    assert.equal(lacking(app([["freplace/f", "ext"]]), "JIT compiler", off).state, "error");
    assert.equal(lacking(FENTRY, "JIT compiler", off).state, "warn");
    assert.equal(lacking(TRACEPOINT, "JIT compiler", off).state, "warn");
    const hidden = lacking(FENTRY, "JIT compiler", { "proc/sys/net/core/bpf_jit_enable": undefined });
    assert.match(hidden.detail, /not to be seen from here whether it is on/);
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

  it("says what keeps a process from capabilities, where setcap and sudo do not help", () => {
    const fix = (changes: Changes, given: Given = {}) =>
      about(examine(TRACEPOINT, changes, given), "capabilities").fix ?? "";
    const bounded = status(0n, { CapBnd: "8000000004" });
    assert.match(fix(bounded), /has taken CAP_PERFMON for good.*CapabilityBoundingSet=/);
    assert.match(fix(status(0n, { CapBnd: "c000000004", NoNewPrivs: "1" })), /no_new_privs.*AmbientCap/);
    const nosuid = "/dev/sdb /opt ext4 rw,nosuid 0 0\n";
    const mounted = { "proc/self/mounts": `/dev/sda / ext4 rw 0 0\n${nosuid}${WELL["proc/self/mounts"]}` };
    assert.match(fix({ ...status(0n), ...mounted }), /\/opt is mounted nosuid/);
    // In a container it is given by whoever starts that.
    const podman = { ...bounded, "run/.containerenv": "" };
    assert.equal(fix(podman), "podman run --cap-add PERFMON …");
    const bare = { ...podman, "proc/self/mounts": "proc /proc proc rw 0 0\n" };
    assert.equal(
      about(examine(TRACEPOINT, bare), "container").fix,
      "podman run --cap-add PERFMON -v /sys/kernel/tracing:/sys/kernel/tracing …",
    );
    const docker = { ...bounded, ".dockerenv": "" };
    assert.equal(fix(docker), "docker run --cap-add PERFMON …");
    const pod = { environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } };
    assert.equal(fix(bounded, pod), "securityContext: { capabilities: { add: [PERFMON] } }");
    const nspawn = { environment: { container: "systemd-nspawn" } };
    assert.equal(fix(bounded, nspawn), "Have the container (systemd-nspawn) started with CAP_PERFMON.");
    assert.match(fix({ ...podman, ...status(0n, { CapBnd: "c000000004" }) }), /run it as root in there/);
  });

  it("says nothing of a container on a machine whose disk was made of an image", () => {
    const marked = { ".dockerenv": "" };
    assert.match(about(examine(XDP, marked), "container").detail, /^Docker: /);
    const root = folderWith({ ...WELL, ...marked });
    mkdirSync(join(root, "proc/self/ns"));
    for (const first of ["ipc:[4026531839]", "pid:[4026531836]", "uts:[4026531838]"])
      symlinkSync(first, join(root, "proc/self/ns", first.slice(0, 3)));
    const findings = examineMachine(XDP, machineAt(root, { environment: {} }));
    assert.ok(!findings.some(({ subject }) => subject === "container"));
  });

  it("tells a user namespace by the kernel's number for the first, and sees a BPF token in another", () => {
    const of = (changes: Changes, link?: string) => {
      const files = { ...WELL, ...changes } as Record<string, string>;
      const root = folderWith(files);
      mkdirSync(join(root, "proc/self/ns"));
      if (link) symlinkSync(link, join(root, "proc/self/ns/user"));
      return about(examineMachine(XDP, machineAt(root, { environment: {} })), "capabilities");
    };
    assert.equal(of({}, "user:[4026531837]").state, "ok");
    // One that maps every user to himself looks like the first.
    assert.match(of({}, "user:[4026532000]").detail, /^in a user namespace, where/);
    const token = "bpf /sys/fs/bpf bpf rw,delegate_cmds=any,delegate_progs=any 0 0\n";
    const delegated = of({ "proc/self/mounts": token }, "user:[4026532000]");
    assert.deepEqual(
      [delegated.state, delegated.detail],
      ["warn", "in a user namespace, with a BPF token from /sys/fs/bpf"],
    );
  });

  it("tells a seccomp filter from a missing capability", () => {
    const asked = (calls: Given["calls"], changes: Changes = {}) =>
      examine(TRACEPOINT, { ...status(EVERYTHING, FILTERED), ...changes }, { calls }).find(
        ({ subject }) => subject === "system calls",
      );
    assert.equal(about(examine(TRACEPOINT), "capabilities").state, "ok");
    assert.ok(!examine(TRACEPOINT).some(({ subject }) => subject === "system calls"), "no filter");
    assert.equal(asked(ALLOWED)?.state, "ok");
    assert.match(asked(undefined)?.detail ?? "", /was not tried$/);
    const both = asked({ bpf: -1, perfEventOpen: -1 });
    assert.equal(both?.state, "error");
    assert.match(both?.detail ?? "", /refuses bpf\(2\) and perf_event_open\(2\)$/);
    assert.match(both?.fix ?? "", /SystemCallFilter=bpf perf_event_open/);
    assert.match(asked({ bpf: -38, perfEventOpen: 0 })?.detail ?? "", /refuses bpf\(2\)$/);
    const inside = asked({ bpf: -1, perfEventOpen: 0 }, { "run/.containerenv": "" });
    assert.match(inside?.fix ?? "", /^podman run --security-opt seccomp=unconfined …\n/);
    assert.match(asked("killed")?.detail ?? "", /kills/);
    // An event that the kernel itself refuses ends with another error, and XDP takes none.
    assert.equal(asked({ bpf: -2, perfEventOpen: -13 })?.state, "ok");
    const xdp = examine(XDP, status(EVERYTHING, FILTERED), { calls: { bpf: -2, perfEventOpen: -1 } });
    assert.equal(about(xdp, "system calls").state, "ok");
    // Before Linux 5.19 the kernel says the same to everybody who lacks the capability.
    const old = { "proc/sys/kernel/osrelease": "5.10.0\n" };
    const nobody = asked({ bpf: -1, perfEventOpen: 0 }, { ...status(0n, FILTERED), ...old });
    assert.equal(nobody?.state, "warn");
    const open = { ...old, "proc/sys/kernel/unprivileged_bpf_disabled": "0\n" };
    assert.equal(asked({ bpf: -1, perfEventOpen: 0 }, { ...status(0n, FILTERED), ...open })?.state, "error");
  });

  it("says who may open perf events and see addresses, where the app does", () => {
    const paranoid = { "proc/sys/kernel/perf_event_paranoid": "4\n" };
    const limited = lacking(TRACEPOINT, "perf events", { ...paranoid, ...status(0xc000000004n) });
    assert.deepEqual([limited.state, limited.fix], ["warn", "sysctl kernel.perf_event_paranoid=2"]);
    assert.equal(about(examine(TRACEPOINT, paranoid), "perf events").state, "ok", "root passes");
    assert.ok(!examine(XDP, paranoid).some(({ subject }) => subject === "perf events"));
    const stacks = app([["tp/sched/sched_switch", "tracepoint"]], { helpers: [27] });
    assert.equal(
      lacking(stacks, "kernel addresses", { "proc/sys/kernel/kptr_restrict": "2\n" }).state,
      "warn",
    );
    assert.ok(!examine(XDP).some(({ subject }) => subject === "kernel addresses"));
  });

  it("says what is not there to be attached to, and nothing of what it may not see", () => {
    const absent = (section: string, files: Readonly<Record<string, string>> = {}) =>
      absentTarget(section, machineAt(folderWith(files)))?.what;
    const events = "sys/kernel/tracing/events";
    const traced = { [`${events}/header_page`]: "", [`${events}/sched/sched_switch/id`]: "1\n" };
    assert.equal(absent("tp/sched/sched_switch", traced), undefined);
    assert.equal(absent("tp/sched/on_mars", traced), "the tracepoint sched/on_mars");
    assert.equal(absent("tp/sched/on_mars"), undefined, "nothing is mounted");
    const symbols = { "proc/kallsyms": "0 T vfs_read\n0 t veth_xmit\t[veth]\n" };
    assert.equal(absent("kprobe/vfs_read+0x4", symbols), undefined);
    assert.equal(absent("kretprobe/veth_xmit", symbols), undefined);
    assert.equal(absent("?kprobe/vfs", symbols), "the function vfs");
    assert.equal(absent("kprobe/vfs"), undefined);
    assert.equal(absent("kprobe.multi/vfs_*", symbols), undefined);
    assert.equal(absent("uprobe//bin/app:main"), "the file /bin/app");
    assert.equal(absent("uprobe//bin/app:main", { "bin/app": "" }), undefined);
    assert.equal(absent("usdt/libc.so.6:libc:setjmp"), undefined);
  });

  it("misses file systems that the app needs, and no others", () => {
    const none = { "proc/self/mounts": "proc /proc proc rw 0 0\n" };
    assert.match(lacking(TRACEPOINT, "tracefs", none).fix ?? "", /^mount -t tracefs/);
    assert.equal(lacking(app([["cgroup/dev", "cgroup_device"]]), "cgroup2", none).state, "error");
    const pinning = app([["xdp", "xdp"]], { maps: [{ ...map("shared", "hash"), pinned: true }] });
    assert.match(about(examine(pinning), "bpf").fix ?? "", /^mount -t bpf/);
    const readOnly = { "proc/self/mounts": "bpf /sys/fs/bpf bpf ro 0 0\n" };
    assert.match(about(examine(pinning, readOnly), "bpf").detail, /only at \/sys\/fs\/bpf/);
    // libbpf looks in two places.
    const elsewhere = { "proc/self/mounts": "tracefs /mnt/a\\040b tracefs rw 0 0\n" };
    assert.match(about(examine(TRACEPOINT, elsewhere), "tracefs").detail, /only at \/mnt\/a b$/);
    const debugfs = { "proc/self/mounts": "debugfs /sys/kernel/debug debugfs rw 0 0\n" };
    assert.equal(about(examine(TRACEPOINT, debugfs), "tracefs").state, "ok");
    const inside = about(examine(TRACEPOINT, { ...none, "run/.containerenv": "" }), "tracefs");
    assert.equal(inside.fix, "podman run -v /sys/kernel/tracing:/sys/kernel/tracing …");
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
    // What raises the limit is missed only where the limit is too low.
    const room = { ...old, ...status(0xc000001000n) };
    assert.match(about(examine(of, room), "capabilities").detail, /^missing: CAP_SYS_RESOURCE$/);
    const unlimited = {
      "proc/self/limits": "Max locked memory         unlimited            unlimited            bytes\n",
    };
    assert.equal(about(examine(of, { ...room, ...unlimited }), "capabilities").state, "ok");
    assert.ok(!examine(of).some(({ subject }) => subject === "locked memory"));
  });

  it("gets by where no file can be read at all", () => {
    const findings = examineMachine(FENTRY, machineAt(folderWith({})));
    assert.ok(!allWell(findings));
    assert.equal(about(findings, "/proc").fix, "mount -t proc proc /proc");
    assert.equal(about(findings, "capabilities").state, "warn", "nobody can tell");
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
