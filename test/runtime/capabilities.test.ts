import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  allows,
  CAPABILITIES,
  type Machine,
  machineOf,
  neededCapabilities,
  type ObjectParts,
  RULES,
  setcap,
  together,
  USUAL_MACHINE,
} from "../../toolchain/src/facts/capabilities.ts";
import { MAP_TYPES } from "../../toolchain/src/facts/map-types.ts";
import { parseSection, SECTIONS } from "../../toolchain/src/facts/sections.ts";

const NOTHING: ObjectParts = { programs: [], maps: [], helpers: [], subtracts: false };

function names(parts: Partial<ObjectParts>, machine: Machine = USUAL_MACHINE): string[] {
  return neededCapabilities({ ...NOTHING, ...parts }, machine).map(({ capability }) => capability);
}

const section = (text: string): Partial<ObjectParts> => ({ programs: [{ section: text }] });

describe("the capabilities of an object", () => {
  it("are CAP_BPF for every one, and more by the kinds of programs", () => {
    assert.deepEqual(names({}), ["CAP_BPF"]);
    assert.deepEqual(names(section("sk_reuseport")), ["CAP_BPF"]);
    assert.deepEqual(names(section("fentry/vfs_read")), ["CAP_BPF", "CAP_PERFMON"]);
    assert.deepEqual(names(section("?raw_tp/sched_switch")), ["CAP_BPF", "CAP_PERFMON"]);
    assert.deepEqual(names(section("tp/sched/sched_switch")), [
      "CAP_BPF",
      "CAP_PERFMON",
      "CAP_DAC_READ_SEARCH",
    ]);
    assert.deepEqual(names(section("socket")), ["CAP_BPF", "CAP_NET_RAW"]);
    assert.deepEqual(names(section("xdp.frags")), ["CAP_BPF", "CAP_NET_ADMIN"]);
    assert.deepEqual(names(section("cgroup/connect4")), ["CAP_BPF", "CAP_NET_ADMIN"]);
    assert.deepEqual(names(section("freplace/parse")), [
      "CAP_BPF",
      "CAP_PERFMON",
      "CAP_NET_ADMIN",
      "CAP_SYS_ADMIN",
    ]);
  });

  it("go by its maps, by the helpers that are called, and by what is done with pointers", () => {
    assert.deepEqual(names({ maps: [{ type: "sockmap" }] }), ["CAP_BPF", "CAP_NET_ADMIN"]);
    assert.deepEqual(names({ maps: [{ type: "perf_event_array" }] }), ["CAP_BPF", "CAP_PERFMON"]);
    assert.deepEqual(names({ helpers: [113] }), ["CAP_BPF", "CAP_PERFMON"]);
    assert.deepEqual(names({ helpers: [6] }), ["CAP_BPF", "CAP_PERFMON", "CAP_DAC_READ_SEARCH"]);
    assert.deepEqual(names({ helpers: [67] }), ["CAP_BPF", "CAP_SYSLOG"]);
    assert.deepEqual(names({ ...section("xdp"), subtracts: true }), [
      "CAP_BPF",
      "CAP_PERFMON",
      "CAP_NET_ADMIN",
    ]);
  });

  it("go by the kernel: root's before 5.8, and the limit of locked memory before 5.11", () => {
    const at = (release: string) => names(section("xdp"), machineOf(release, "2"));
    assert.deepEqual(at("5.7.19"), ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"]);
    assert.deepEqual(at("5.8.0-1-amd64"), ["CAP_BPF", "CAP_NET_ADMIN", "CAP_SYS_RESOURCE"]);
    assert.deepEqual(at("5.10.0-46"), ["CAP_BPF", "CAP_NET_ADMIN", "CAP_SYS_RESOURCE"]);
    assert.deepEqual(at("5.11.0"), ["CAP_BPF", "CAP_NET_ADMIN"]);
    assert.deepEqual(at("10.0.1"), ["CAP_BPF", "CAP_NET_ADMIN"]);
  });

  it("have CAP_SYS_ADMIN among them where perf events are root's, and the command that lets others have them", () => {
    const [needed] = neededCapabilities(
      { ...NOTHING, ...section("kprobe/vfs_read") },
      machineOf("6.1.0-44-cloud-amd64", "3\n"),
    ).slice(-1);
    assert.equal(needed?.capability, "CAP_SYS_ADMIN");
    assert.match(needed?.instead ?? "", /^sysctl kernel\.perf_event_paranoid=2$/);
    assert.ok(!names(section("fentry/vfs_read"), machineOf("6.1.0", "3")).includes("CAP_SYS_ADMIN"));
    // A uprobe takes it by itself, so that the sysctl alone is not enough.
    const uprobe = neededCapabilities({ ...NOTHING, ...section("uprobe") }, machineOf("6.1.0", "3"));
    assert.equal(uprobe.at(-1)?.instead, undefined);
    assert.equal(uprobe.at(-1)?.reasons.length, 2);
  });

  it("of uprobes are more than those of USDT, since libbpf attaches the latter in another way", () => {
    assert.ok(names(section("uprobe"), machineOf("6.18.0", "2")).includes("CAP_SYS_ADMIN"));
    assert.ok(names(section("usdt"), machineOf("6.5.0", "2")).includes("CAP_SYS_ADMIN"));
    assert.deepEqual(names(section("usdt"), machineOf("6.6.0", "2")), ["CAP_BPF", "CAP_PERFMON"]);
  });

  it("are those of all objects together, each of them once", () => {
    const both = together([
      { ...NOTHING, ...section("xdp") },
      { ...NOTHING, ...section("tc"), helpers: [113] },
    ]);
    assert.deepEqual(names(both), ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"]);
  });

  it("have a reason each, and every rule is of something that there is", () => {
    for (const { reason, types, maps, capability } of RULES) {
      assert.match(reason, /^[a-z].*[^.]$/);
      assert.ok(capability in CAPABILITIES);
      for (const type of types ?? [])
        assert.ok(
          type === "raw_tracepoint_writable" ||
            Object.values(SECTIONS).some((kind) => kind.type === type) ||
            Object.keys(SECTIONS).some((name) => parseSection(name)?.type === type) ||
            ["cgroup_sock", "cgroup_device", "cgroup_sysctl", "cgroup_sockopt"].includes(type),
          type,
        );
      for (const map of maps ?? []) assert.ok(map in MAP_TYPES, map);
    }
  });

  it("are written as setcap(8) takes them", () => {
    assert.equal(setcap(["CAP_BPF", "CAP_NET_ADMIN"], "dist/x"), "setcap cap_bpf,cap_net_admin+ep dist/x");
    assert.ok(allows(new Set(["CAP_SYS_ADMIN"]), "CAP_PERFMON"));
    assert.ok(!allows(new Set(["CAP_SYS_ADMIN"]), "CAP_NET_ADMIN"));
  });
});

describe("a section", () => {
  it("is taken apart", () => {
    const { name, target, sleepable, type } = parseSection("?fentry.s/vfs_read") ?? {};
    assert.deepEqual([name, target, sleepable, type], ["fentry", "vfs_read", true, "tracing"]);
    assert.equal(parseSection("tp/sched/sched_switch")?.target, "sched/sched_switch");
    assert.equal(parseSection("kprobe.multi/vfs_*")?.name, "kprobe.multi");
    assert.equal(parseSection("uprobe.multi.s/x:y")?.name, "uprobe.multi");
    assert.equal(parseSection("xdp.frags/devmap")?.type, "xdp");
    assert.equal(parseSection("raw_tp.w/x")?.type, "raw_tracepoint_writable");
    assert.equal(parseSection("cgroup/getsockopt")?.type, "cgroup_sockopt");
    assert.equal(parseSection("cgroup/sock_create")?.type, "cgroup_sock");
    assert.equal(parseSection("cgroup/sendmsg4")?.type, "cgroup_sock_addr");
    assert.equal(parseSection("toString"), undefined);
    assert.equal(parseSection("no_such_section/x"), undefined);
  });
});
