import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  BpfError,
  type Codec,
  type HashMap,
  type Program,
  type Skeleton,
  type SkeletonClass,
  type SockMap,
  StateError,
  type StructOpsMap,
} from "../../toolchain/src/runtime/index.ts";
import { openDescriptors, Subject, skeleton, Target, targetPath } from "./runtime/make.ts";

interface Row {
  tid: number;
  tgid: number;
  comm: string;
}

interface Attach extends Skeleton {
  readonly maps: { readonly sockets: SockMap; readonly table: HashMap<number, bigint> };
  readonly progs: Readonly<
    Record<
      | "tracepoint"
      | "raw_tracepoint"
      | "entry"
      | "leave"
      | "many"
      | "probed"
      | "tasks"
      | "elements"
      | "sampled"
      | "on_xdp"
      | "on_tc"
      | "on_tcx"
      | "on_cgroup"
      | "on_netfilter"
      | "packet_filter"
      | "lookup"
      | "message"
      | "calls_replaceable",
      Program
    >
  >;
  readonly bss: {
    subject: number;
    cookie: bigint;
    tracepoints: number;
    raw_tracepoints: number;
    entries: number;
    returns: number;
    argument: bigint;
    result: bigint;
    multi: number;
    usdts: number;
    samples: number;
    packets: Uint32Array;
    socket_bytes: number;
  };
}

let skel: Attach;
/** Why this kernel has no iterator over a map's elements; undefined where it has one. */
let noElements: string | undefined;
let row: Codec<Row>;
let subject: Subject;
let target: Target;
before(async () => {
  const module = await skeleton<{ attach: SkeletonClass<Attach>; row: Codec<Row> }>("attach");
  ({ row } = module);
  [subject, target] = await Promise.all([Subject.start(), Target.start()]);
  noElements = refusal(module.attach);
  skel = opened(module.attach);
  skel.bss.subject = subject.pid;
  skel.load();
});
after(async () => {
  skel?.destroy();
  await subject?.[Symbol.asyncDispose]();
  await target?.[Symbol.asyncDispose]();
});

/** Hardened kernels have been seen that refuse this program alone, with EPERM and before the verifier looks at it. */
function refusal(attach: SkeletonClass<Attach>): string | undefined {
  using trial = attach.open();
  for (const [name, prog] of Object.entries(trial.progs)) prog.setAutoload(name === "elements");
  try {
    trial.load();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof BpfError && error.code === "EPERM", error as Error);
    return "this kernel refuses iterators over the elements of a map";
  }
}

function opened(attach: SkeletonClass<Attach>): Attach {
  const one = attach.open();
  one.progs.elements.setAutoload(noElements === undefined);
  return one;
}

/** Sends one packet over the loopback device. */
async function ping(): Promise<void> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const arrived = new Promise((resolve) => socket.once("message", resolve));
  socket.send("hello", socket.address().port, "127.0.0.1");
  await arrived;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

/** How far the counter at `index` goes up when one packet is sent. Other traffic may be counted with it. */
async function counted(index: number): Promise<number> {
  const before = skel.bss.packets[index]!;
  await ping();
  return skel.bss.packets[index]! - before;
}

test("tracepoints, with a cookie; a destroyed link sees nothing", async () => {
  const link = skel.progs.tracepoint.attachTracepoint("syscalls", "sys_enter_getpgid", { cookie: 77n });
  assert.ok(link.fd > 0);
  await subject.call("getpgid", 3);
  assert.equal(skel.bss.tracepoints, 3);
  assert.equal(skel.bss.cookie, 77n);
  link.destroy();
  link.destroy();
  assert.equal(link.fd, -1);
  await subject.call("getpgid", 3);
  assert.equal(skel.bss.tracepoints, 3);
  assert.throws(() => link.detach(), { code: "EBADF" });
});

test("raw tracepoints", async () => {
  using _link = skel.progs.raw_tracepoint.attachRawTracepoint("sys_enter");
  await subject.call("getpgid", 3);
  assert.ok(skel.bss.raw_tracepoints >= 3);
});

test("uprobes and uretprobes, by function name, of one process, with a cookie", async () => {
  const binary = targetPath();
  using _entry = skel.progs.entry.attachUprobe({ binary, function: "work_on", pid: target.pid, cookie: 5 });
  using _return = skel.progs.leave.attachUprobe({ binary, function: "work_on", retprobe: true });
  await target.work(21);
  assert.deepEqual([skel.bss.entries, skel.bss.argument, skel.bss.cookie], [1, 21n, 5n]);
  assert.deepEqual([skel.bss.returns, skel.bss.result], [1, 42n]);
  assert.throws(
    () => skel.progs.entry.attachUprobe({ binary, function: "not_there" }),
    (error: Error) => /not_there/.test(error.message) && /nothing of that name/.test(error.message),
  );
});

test("many uprobes at once", async () => {
  using _link = skel.progs.many.attachUprobeMulti({ binary: targetPath(), pattern: "work_*" });
  await target.work(1);
  assert.equal(skel.bss.multi, 2);
});

test("USDT probes, with their arguments and a cookie", async () => {
  using _link = skel.progs.probed.attachUsdt({
    binary: targetPath(),
    provider: "bpf_app",
    name: "working",
    cookie: 9,
  });
  await target.work(33);
  assert.deepEqual([skel.bss.usdts, skel.bss.argument, skel.bss.cookie], [1, 33n, 9n]);
});

test("task iterator: a stream of structs, complete", async () => {
  using link = skel.progs.tasks.attachIter();
  const own = [...link.read(row)].filter(({ tgid }) => tgid === process.pid);
  assert.ok(own.length >= 1);
  assert.ok(
    own.some(
      ({ tid, comm }) => tid === process.pid && comm === readFileSync("/proc/self/comm", "utf8").trim(),
    ),
  );
  let count = 0;
  for await (const { tgid } of link.read(row)) if (tgid === subject.pid) count++;
  assert.equal(count, 1);
  using one = skel.progs.tasks.attachIter({ tid: subject.pid });
  assert.deepEqual(
    [...one.read(row)].map(({ tid }) => tid),
    [subject.pid],
  );
});

test("map iterator: lines of text", (t) => {
  if (noElements !== undefined) return t.skip(noElements);
  skel.maps.table.set(3, 4n);
  skel.maps.table.set(5, 6n);
  using link = skel.progs.elements.attachIter({ map: skel.maps.table });
  assert.deepEqual([...link.lines()].sort(), ["3=4", "5=6"]);
});

test("iterators that are not read to the end close what they opened", () => {
  using link = skel.progs.tasks.attachIter();
  const before = openDescriptors();
  for (const _ of link.read(row)) break;
  assert.equal(openDescriptors(), before);
});

test("an iterator's stream that nobody read closes with the skeleton; one that was read is over", async () => {
  const before = openDescriptors();
  const own = opened((await skeleton<{ attach: SkeletonClass<Attach> }>("attach")).attach);
  own.load();
  const link = own.progs.tasks.attachIter();
  const stream = link.read(row);
  const read = link.read(row);
  assert.ok([...read].length > 0);
  assert.throws(() => [...read], StateError);
  own.destroy();
  assert.equal(openDescriptors(), before);
  assert.throws(() => [...stream], StateError);
});

test("perf events on every CPU, by frequency, as one attachment", async () => {
  const before = openDescriptors();
  const perf = skel.progs.sampled.attachPerfEvent({ frequency: 997 });
  assert.equal(perf.links.length, cpus().length);
  for (let i = 0; i < 50 && skel.bss.samples === 0; i++) await subject.call("getpgid", 20_000);
  assert.ok(skel.bss.samples > 0);
  perf.destroy();
  perf.destroy();
  for (const link of perf.links) assert.equal(link.fd, -1);
  assert.equal(openDescriptors(), before);
  const seen = skel.bss.samples;
  await subject.call("getpgid", 20_000);
  assert.equal(skel.bss.samples, seen);
});

test("a perf event of one thread is one link, which follows it; one of a single CPU is one, too", async () => {
  skel.bss.samples = 0;
  {
    using perf = skel.progs.sampled.attachPerfEvent({ frequency: 997, pid: subject.pid });
    assert.equal(perf.links.length, 1);
    for (let i = 0; i < 50 && skel.bss.samples === 0; i++) await subject.call("getpgid", 20_000);
    assert.ok(skel.bss.samples > 0);
  }
  using one = skel.progs.sampled.attachPerfEvent({ frequency: 10, cpu: 0 });
  assert.equal(one.links.length, 1);
  using both = skel.progs.sampled.attachPerfEvent({ frequency: 10, pid: subject.pid, cpu: "all" });
  assert.equal(both.links.length, cpus().length);
});

test("perf events that cannot be had leave nothing open", () => {
  const before = openDescriptors();
  assert.throws(() => skel.progs.sampled.attachPerfEvent({ type: 99 }), { code: "ENOENT" });
  assert.throws(() => skel.progs.sampled.attachPerfEvent({ frequency: 10, cpu: 4095 }), /CPU 4095/);
  assert.throws(() => skel.progs.on_xdp.attachPerfEvent({ frequency: 10 }), { code: "EINVAL" });
  assert.equal(openDescriptors(), before);
});

test("XDP, by a link and by netlink", async () => {
  for (const options of [{}, { mode: "generic" }] as const) {
    using _attached = skel.progs.on_xdp.attachXdp("lo", options);
    assert.ok((await counted(0)) > 0, JSON.stringify(options));
    assert.throws(() => skel.progs.on_xdp.attachXdp("lo", { mode: "generic" }), /bpf_xdp_attach/);
  }
  assert.equal(await counted(0), 0);
  assert.throws(() => skel.progs.on_xdp.attachXdp("no-such-device"), { code: "ENODEV" });
});

test("a program that is not loaded takes nobody else's place away", async () => {
  using other = (await skeleton<{ attach: SkeletonClass<Attach> }>("attach")).attach.open();
  using _attached = skel.progs.on_xdp.attachXdp("lo", { mode: "generic" });
  const late = { name: "StateError", message: /not loaded/ };
  assert.throws(() => other.progs.on_xdp.attachXdp("lo", { mode: "generic", replace: true }), late);
  assert.ok((await counted(0)) > 0, "the other program was detached");
  assert.throws(() => other.progs.on_tc.attachTc("lo", { direction: "ingress" }), late);
  assert.throws(() => other.progs.packet_filter.attachSocketFilter("lo"), late);
  assert.throws(() => other.progs.message.attachSockmap(skel.maps.sockets), late);
  assert.throws(() => other.progs.on_tc.testRun({ dataIn: new Uint8Array(64) }), late);
});

test("tc and tcx", async () => {
  {
    using _filter = skel.progs.on_tc.attachTc("lo", { direction: "ingress", destroyHook: true });
    assert.ok((await counted(1)) > 0);
  }
  assert.equal(await counted(1), 0);
  {
    using _link = skel.progs.on_tcx.attachTcx("lo");
    assert.ok((await counted(2)) > 0);
  }
  assert.equal(await counted(2), 0);
});

test("cgroups", async () => {
  const root = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((path) =>
    existsSync(`${path}/cgroup.procs`),
  );
  assert.ok(root, "there is no cgroup2 file system");
  using _link = skel.progs.on_cgroup.attachCgroup(root);
  assert.ok((await counted(3)) > 0);
});

test("what is no cgroup of version 2 is said to be none, and not to be closed", () => {
  const before = openDescriptors();
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  try {
    assert.throws(
      () => skel.progs.on_cgroup.attachCgroup(folder),
      (error: BpfError) =>
        error.code === "EBADF" &&
        error.message.includes(`${folder} is an ordinary directory, and not a cgroup of version 2`) &&
        /from \/\S*cgroup\S* on/.test(error.message) &&
        !/closed|destroyed/.test(error.message),
    );
    execFileSync("mount", ["-t", "cgroup", "-o", "none,name=bpf-app-test", "cgroup", folder]);
    try {
      assert.throws(
        () => skel.progs.on_cgroup.attachCgroup(folder),
        (error: BpfError) =>
          error.code === "EBADF" && error.message.includes(`${folder} is a cgroup of version 1`),
      );
    } finally {
      execFileSync("umount", [folder]);
    }
  } finally {
    rmdirSync(folder);
  }
  assert.throws(() => skel.progs.on_cgroup.attachCgroup("/proc/version"), { code: "ENOTDIR" });
  assert.equal(openDescriptors(), before);
});

test("netfilter", async () => {
  using _link = skel.progs.on_netfilter.attachNetfilter({ family: 2, hook: 1, priority: -100 });
  assert.ok((await counted(4)) > 0);
});

test("socket filter, on a packet socket that closes with it", async () => {
  const before = openDescriptors();
  const filter = skel.progs.packet_filter.attachSocketFilter("lo");
  assert.equal(openDescriptors(), before + 1);
  await ping();
  assert.ok(skel.bss.socket_bytes > 0);
  filter.destroy();
  assert.equal(openDescriptors(), before);
});

test("network namespaces and sockmaps", () => {
  using link = skel.progs.lookup.attachNetns();
  assert.ok(link.fd > 0);
  using attached = skel.progs.message.attachSockmap(skel.maps.sockets);
  attached.destroy();
});

test("programs run on made-up packets", () => {
  const { retval, dataOut } = skel.progs.on_tc.testRun({ dataIn: new Uint8Array(64).fill(7), repeat: 10 });
  assert.equal(retval, 0);
  assert.deepEqual(dataOut, new Uint8Array(64).fill(7));
  assert.equal(skel.progs.calls_replaceable.testRun({ dataIn: new Uint8Array(64) }).retval, 1);
  assert.throws(() => skel.progs.on_tc.testRun({ dataIn: new Uint8Array(1) }), {
    call: "bpf_prog_test_run_opts",
  });
});

test("struct_ops: the kernel takes the table, for as long as it is attached", async () => {
  const { congestion } = await skeleton<{
    congestion: SkeletonClass<
      Skeleton & { maps: { slow: StructOpsMap }; links: { slow: { fd: number } | undefined } }
    >;
  }>("congestion");
  const known = () =>
    readFileSync("/proc/sys/net/ipv4/tcp_available_congestion_control", "utf8").includes("bpf_app_slow");
  {
    using skel = congestion.openAndLoad();
    assert.equal(known(), false);
    skel.attach();
    assert.ok(skel.links.slow);
    assert.equal(known(), true);
  }
  assert.equal(known(), false);
});

test("links can be updated, pinned links need a BPF file system", () => {
  using link = skel.progs.on_xdp.attachXdp("lo") as ReturnType<Program["attachTcx"]>;
  link.update(skel.progs.calls_replaceable);
  link.update(skel.progs.on_xdp);
  assert.throws(() => link.update(skel.progs.on_tc), { call: "bpf_link__update_program" });
  assert.throws(() => link.pin("/tmp/not-a-bpf-file-system"), { call: "bpf_link__pin" });
  link.detach();
});
