import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import {
  type BpfMap,
  type Link,
  type Program,
  type Skeleton,
  type SkeletonClass,
  StateError,
} from "../../toolchain/src/runtime/index.ts";
import type { Brief } from "./runtime/brief.ts";
import { buildPrograms, openDescriptors, Subject, skeleton } from "./runtime/make.ts";

interface Lifecycle extends Skeleton {
  readonly maps: Readonly<Record<"bss" | "data" | "data_hot" | "rodata" | "kconfig", BpfMap>>;
  readonly progs: { readonly on_getpgid: Program; readonly on_getpgrp: Program };
  readonly links: { on_getpgid: Link | undefined; on_getpgrp: Link | undefined };
  readonly rodata: { step: number; settings: { inner: number; text: string } };
  readonly bss: { subject: number; calls: number; hz: number };
  readonly data: { total: bigint };
  readonly data_hot: { hot: number };
  readonly kconfig: { CONFIG_HZ: number };
}

let lifecycle: SkeletonClass<Lifecycle>;
let subject: Subject;
before(async () => {
  ({ lifecycle } = await skeleton<{ lifecycle: SkeletonClass<Lifecycle> }>("lifecycle"));
  subject = await Subject.start();
});
after(() => subject?.[Symbol.asyncDispose]());

test("globals written before load reach the program, its writes are seen without a call", async () => {
  using skel = lifecycle.open();
  skel.rodata.step = 5;
  skel.bss.subject = subject.pid;
  skel.data.total = 100n;
  skel.load();
  skel.attach();
  await subject.call("getpgid", 3);
  assert.equal(skel.bss.calls, 3);
  assert.equal(skel.data.total, 115n);
  assert.equal(skel.data_hot.hot, 10);
  skel.bss.calls = 1000;
  await subject.call("getpgid");
  assert.equal(skel.bss.calls, 1001);
  assert.equal(skel.bss.hz, skel.kconfig.CONFIG_HZ);
  assert.ok(skel.kconfig.CONFIG_HZ >= 100);
});

test("what is written to a name that is not there is refused, before load and after", () => {
  using skel = lifecycle.open();
  const misspelt = {
    step: () => Object.assign(skel.rodata, { setp: 1 }),
    text: () => Object.assign(skel.rodata.settings, { txet: "x" }),
    calls: () => Object.assign(skel.bss, { call: 1 }),
    CONFIG_HZ: () => Object.assign(skel.kconfig, { CONFIG_H: 1 }),
    on_getpgid: () => Object.assign(skel.links, { on_getpid: undefined }),
  };
  for (const loaded of [false, true]) {
    if (loaded) skel.load();
    for (const [meant, write] of Object.entries(misspelt))
      assert.throws(write, { name: "TypeError", message: new RegExp(`did you mean ${meant}\\?$`) });
  }
  for (const parts of [skel, skel.maps, skel.progs])
    assert.throws(() => Object.assign(parts, { rodta: 1 }), /not extensible/);
});

test("a data section that load leaves out stays private memory, and its map says so", () => {
  const skel = lifecycle.open();
  skel.progs.on_getpgid.setAutoload(false);
  for (const section of ["data", "data_hot", "rodata", "kconfig"] as const)
    skel.maps[section].setAutocreate(false);
  skel.data.total = 41n;
  skel.load();
  // In place of these maps libbpf keeps an empty file, which could be mapped, but not read.
  assert.equal(skel.data.total, 41n);
  skel.data.total = 42n;
  assert.equal(skel.data_hot.hot, 7);
  assert.equal(skel.rodata.step, 1);
  assert.ok(skel.kconfig.CONFIG_HZ >= 100);
  assert.ok(skel.maps.bss.fd >= 0);
  assert.equal(skel.maps.data.fd, -1);
  assert.throws(() => skel.maps.data.pin("/sys/fs/bpf/data"), { name: "StateError", message: /left it out/ });
  skel.destroy();
  assert.equal(skel.data.total, 42n);
});

test("rodata is frozen by load, kconfig always, at any depth", () => {
  using skel = lifecycle.open();
  skel.rodata.settings.inner = 3;
  assert.throws(() => {
    skel.kconfig.CONFIG_HZ = 1;
  });
  skel.load();
  assert.throws(() => {
    skel.rodata.step = 2;
  }, /rodata is constant since load/);
  assert.throws(() => {
    skel.rodata.settings.inner = 4;
  }, StateError);
  assert.throws(() => {
    skel.rodata.settings.text = "x";
  }, StateError);
  assert.equal(skel.rodata.settings.inner, 3);
  assert.equal(skel.rodata.settings.text, "abc");
});

test("detach stops events and keeps the skeleton; attach starts them again", async () => {
  using skel = lifecycle.open();
  skel.bss.subject = subject.pid;
  skel.load();
  assert.equal(skel.links.on_getpgid, undefined);
  skel.attach();
  assert.ok(skel.links.on_getpgid);
  skel.detach();
  assert.equal(skel.links.on_getpgid, undefined);
  await subject.call("getpgid", 2);
  assert.equal(skel.bss.calls, 0);
  skel.attach();
  skel.attach();
  await subject.call("getpgid", 2);
  assert.equal(skel.bss.calls, 2);
});

test("programs can be left out of attach and of load", async () => {
  using skel = lifecycle.open();
  skel.bss.subject = subject.pid;
  skel.progs.on_getpgrp.setAutoAttach(false);
  skel.load();
  skel.attach();
  assert.equal(skel.links.on_getpgrp, undefined);
  await subject.call("getpgrp");
  assert.equal(skel.bss.calls, 0);
  using link = skel.progs.on_getpgrp.attach();
  await subject.call("getpgrp");
  assert.equal(skel.bss.calls, 100);
  link.destroy();
  await subject.call("getpgrp");
  assert.equal(skel.bss.calls, 100);

  using other = lifecycle.open();
  other.progs.on_getpgrp.setAutoload(false);
  other.load();
  assert.equal(other.progs.on_getpgrp.fd, -1);
  assert.ok(other.progs.on_getpgid.fd > 0);
  other.attach();
  assert.equal(other.links.on_getpgrp, undefined);
});

test("what comes at the wrong time says so", () => {
  const skel = lifecycle.open();
  assert.throws(() => skel.attach(), /before load/);
  skel.load();
  assert.throws(() => skel.load(), /loaded already/);
  assert.throws(() => skel.progs.on_getpgid.setAutoload(false), { code: "EINVAL" });
  skel.destroy();
  skel.destroy();
  assert.throws(() => skel.load(), /destroyed/);
  assert.throws(() => skel.attach(), /destroyed/);
  assert.throws(() => skel.progs.on_getpgid.fd, /destroyed/);
});

test("after destroy nothing reaches what is freed", async () => {
  const skel = lifecycle.openAndLoad();
  const link = skel.progs.on_getpgid.attach();
  const { maps } = skel as unknown as { maps: { bss: BpfMap } };
  skel.destroy();
  const late: Readonly<Record<string, () => unknown>> = {
    attach: () => skel.progs.on_getpgid.attach(),
    attachKprobe: () => skel.progs.on_getpgid.attachKprobe("schedule"),
    setAutoload: () => skel.progs.on_getpgid.setAutoload(false),
    setMaxEntries: () => maps.bss.setMaxEntries(1),
    setValueSize: () => maps.bss.setValueSize(64),
  };
  for (const [name, call] of Object.entries(late)) assert.throws(call, StateError, name);
  assert.throws(() => link.detach(), { code: "EBADF" });
  assert.equal(link.fd, -1);
  using other = lifecycle.openAndLoad();
  using live = other.progs.on_getpgid.attach();
  assert.throws(() => live.update(skel.progs.on_getpgid), StateError);
});

test("what libbpf would free or follow wrongly is refused", () => {
  using skel = lifecycle.open();
  const { maps } = skel as unknown as { maps: Readonly<Record<string, BpfMap>> };
  using other = lifecycle.open();
  const larger = (other as unknown as { maps: Readonly<Record<string, BpfMap>> }).maps.data_hot!;
  larger.setValueSize(8192);
  other.load();
  // Otherwise as many pages would be unmapped as the changed map has, although the section has one page.
  assert.throws(() => maps.bss!.setMaxEntries(4096), { code: "EINVAL" });
  assert.throws(() => maps.bss!.reuse(larger), { code: "EINVAL" });
  assert.throws(() => maps.bss!.setType("struct_ops"), { code: "EINVAL" });
  assert.throws(() => larger.reuse(maps.bss!), StateError);
  maps.bss!.setMaxEntries(1);
  skel.load();
});

test("an undo that throws keeps nothing from being freed, and is heard of", () => {
  const before = openDescriptors();
  const skel = lifecycle.openAndLoad();
  skel.attach();
  const { session } = skel.progs.on_getpgid;
  const fault = new Error("mine");
  let ran = false;
  session.cleanup.add(() => {
    ran = true;
  });
  session.cleanup.add(() => {
    throw fault;
  });
  assert.throws(() => skel.destroy(), fault);
  assert.equal(ran, true);
  assert.equal(openDescriptors(), before);
  assert.equal(skel.links.on_getpgid, undefined);
  skel.destroy();
});

test("a callback for the log may destroy the skeleton, and may throw", async () => {
  let loading = false;
  const skel: Lifecycle = lifecycle.open({
    logLevel: "debug",
    onLog() {
      if (loading) skel.destroy();
    },
  });
  loading = true;
  assert.throws(() => skel.load(), StateError);
  assert.throws(() => skel.attach(), /destroyed/);

  const script = `
    const { skeleton } = await import(${JSON.stringify(new URL("./runtime/make.ts", import.meta.url).href)});
    const { lifecycle } = await skeleton("lifecycle");
    let mine = 0;
    process.on("uncaughtException", (error) => { if (error.message === "mine") mine++; });
    const skel = lifecycle.open({ logLevel: "debug", onLog() { throw new Error("mine"); } });
    skel.load();
    skel.attach();
    await new Promise(setImmediate);
    console.log(mine > 0 && skel.links.on_getpgid !== undefined);
    skel.destroy();`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.equal(output.trim(), "true");
});

test("globals stay readable after destroy, with their last values", async () => {
  const skel = lifecycle.open();
  skel.bss.subject = subject.pid;
  skel.load();
  skel.attach();
  await subject.call("getpgid", 4);
  const { bss } = skel;
  skel.destroy();
  await subject.call("getpgid", 4);
  assert.equal(bss.calls, 4);
  bss.calls = 1;
  assert.equal(bss.calls, 1);
});

test("the array at the end of a section can be made longer", async () => {
  const { brief } = await skeleton<{ brief: SkeletonClass<Brief> }>("brief");
  using skel = brief.open();
  const { data_list } = skel;
  assert.equal(data_list.list.length, 1);
  data_list.list[0] = 5;
  skel.maps.data_list.setValueSize(64);
  assert.equal(data_list.list.length, 16);
  assert.equal(data_list.list[0], 5);
  data_list.list[15] = 9;
  skel.load();
  assert.equal(skel.maps.data_list.valueSize, 64);
  assert.equal(data_list.list[15], 9);
  assert.throws(() => skel.maps.data_list.setValueSize(128), StateError);
});

test("after a load that failed a section keeps its size: libbpf has freed what it would have to change", () => {
  using skel = lifecycle.open();
  const { maps } = skel as unknown as { maps: Readonly<Record<string, BpfMap>> };
  skel.progs.on_getpgid.setType(999);
  assert.throws(() => skel.load());
  assert.throws(() => maps.rodata!.setValueSize(8), StateError);
});

test("two of a kind live side by side", async () => {
  using first = lifecycle.open();
  using second = lifecycle.open();
  first.rodata.step = 10;
  first.bss.subject = subject.pid;
  second.bss.subject = subject.pid;
  for (const skel of [first, second]) {
    skel.load();
    skel.attach();
  }
  await subject.call("getpgid");
  assert.equal(first.data.total, 50n);
  assert.equal(second.data.total, 41n);
});

interface Types extends Skeleton {
  readonly progs: { readonly touch: Program };
  readonly data: { counter: bigint };
  readonly bss: {
    list: readonly { number: number }[];
    by_tag: { second: { number: number } };
    by_typedef: { first: bigint };
    unnamed: { inside: number };
    anonymous: { pid: number };
    color: number;
    united: { l: bigint };
    flag: boolean;
  };
}

test("globals of every kind of named type", async () => {
  const { types } = await skeleton<{ types: SkeletonClass<Types> }>("types");
  using skel = types.openAndLoad();
  assert.equal(skel.progs.touch.testRun().retval, 0);
  const { bss } = skel;
  assert.equal(skel.data.counter, 6n);
  assert.deepEqual(
    [
      bss.list[1]?.number,
      bss.by_tag.second.number,
      bss.by_typedef.first,
      bss.unnamed.inside,
      bss.anonymous.pid,
    ],
    [3, 7, 8n, 9, 10],
  );
  assert.deepEqual([bss.color, bss.united.l, bss.flag], [1, 11n, true]);
});

test("a section is printed as its fields", () => {
  using skel = lifecycle.open();
  assert.match(inspect(skel.bss), /^\{ .*calls: 0/s);
  assert.doesNotMatch(inspect(skel.bss), /Memory|buffer/);
});

test("the addon runs where Node runs: glibc 2.28, and no library that Node does not need", async () => {
  const addon = join(await buildPrograms(), ".output/lifecycle.node");
  const symbols = execFileSync("objdump", ["-T", addon], { encoding: "utf8" });
  const versions = [...symbols.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
  assert.ok(Math.max(...versions) <= 28, `GLIBC_2.${Math.max(...versions)}`);
  const dynamic = execFileSync("objdump", ["-p", addon], { encoding: "utf8" });
  const needed = [...dynamic.matchAll(/NEEDED +(\S+)/g)].map(([, name]) => name!);
  const allowed = /^(?:libc|libm|libdl|libpthread|libstdc\+\+|libgcc_s|ld-linux-[\w-]+)\.so\.\d+$/;
  assert.deepEqual(
    needed.filter((name) => !allowed.test(name)),
    [],
  );
});
