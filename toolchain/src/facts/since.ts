import { before, type KernelVersion } from "./kernel-version.ts";
import type { MapType } from "./map-types.ts";
import type { ProgType } from "./prog-types.ts";
import { parseSection, type SectionName } from "./sections.ts";

/** The first kernel that loads programs of a type. Those that are left out are older than everything else here. */
const PROG_SINCE: Readonly<Partial<Record<ProgType, KernelVersion>>> = {
  kprobe: [4, 1],
  sched_cls: [4, 1],
  sched_act: [4, 1],
  tracepoint: [4, 7],
  xdp: [4, 8],
  perf_event: [4, 9],
  cgroup_skb: [4, 10],
  cgroup_sock: [4, 10],
  lwt_in: [4, 10],
  lwt_out: [4, 10],
  lwt_xmit: [4, 10],
  sock_ops: [4, 13],
  sk_skb: [4, 14],
  cgroup_device: [4, 15],
  sk_msg: [4, 17],
  raw_tracepoint: [4, 17],
  cgroup_sock_addr: [4, 17],
  lwt_seg6local: [4, 18],
  lirc_mode2: [4, 18],
  sk_reuseport: [4, 19],
  flow_dissector: [4, 20],
  cgroup_sysctl: [5, 2],
  raw_tracepoint_writable: [5, 2],
  cgroup_sockopt: [5, 3],
  tracing: [5, 5],
  struct_ops: [5, 6],
  ext: [5, 6],
  lsm: [5, 7],
  sk_lookup: [5, 9],
  syscall: [5, 14],
  netfilter: [6, 4],
};

/** The first kernel that has what a section asks for, where that is newer than the type of program. */
const SECTION_SINCE: Readonly<Partial<Record<SectionName, KernelVersion>>> = {
  fmod_ret: [5, 7],
  iter: [5, 8],
  "kprobe.multi": [5, 18],
  "kretprobe.multi": [5, 18],
  lsm_cgroup: [6, 0],
  tcx: [6, 6],
  "uprobe.multi": [6, 6],
  "uretprobe.multi": [6, 6],
  netkit: [6, 7],
  "kprobe.session": [6, 10],
  "uprobe.session": [6, 13],
};

/** The first kernel that has programs which may sleep: fentry, fexit, fmod_ret and lsm since 5.10. */
const SLEEPABLE: KernelVersion = [5, 10];

/** The first kernel that creates maps of a type. */
const MAP_SINCE: Readonly<Partial<Record<MapType, KernelVersion>>> = {
  prog_array: [4, 2],
  perf_event_array: [4, 3],
  percpu_hash: [4, 6],
  percpu_array: [4, 6],
  stack_trace: [4, 6],
  cgroup_array: [4, 8],
  lru_hash: [4, 10],
  lru_percpu_hash: [4, 10],
  lpm_trie: [4, 11],
  array_of_maps: [4, 12],
  hash_of_maps: [4, 12],
  devmap: [4, 14],
  sockmap: [4, 14],
  cpumap: [4, 15],
  xskmap: [4, 18],
  sockhash: [4, 18],
  cgroup_storage: [4, 19],
  reuseport_sockarray: [4, 19],
  percpu_cgroup_storage: [4, 20],
  queue: [4, 20],
  stack: [4, 20],
  sk_storage: [5, 2],
  devmap_hash: [5, 4],
  struct_ops: [5, 6],
  ringbuf: [5, 8],
  inode_storage: [5, 10],
  task_storage: [5, 11],
  bloom_filter: [5, 16],
  user_ringbuf: [6, 1],
  cgrp_storage: [6, 2],
  arena: [6, 9],
};

/** Global variables became memory that programs read and write directly. */
const GLOBALS: KernelVersion = [5, 2];

/** A kernel that something takes, and what takes it. */
export interface Floor {
  readonly kernel: KernelVersion;
  /** A program or map, with its kind: `the map rb (ringbuf)`. */
  readonly what: string;
}

/** What of an object decides on the oldest kernel that it is for. */
export interface DatedParts {
  readonly programs: readonly { readonly name: string; readonly section: string }[];
  readonly maps: readonly { readonly name: string; readonly type: string }[];
  /** The sections of its global variables. */
  readonly sections: readonly { readonly name: string }[];
}

/**
 * What an object takes of a kernel's version, the newest first. It is counted from types of programs, sections and types of
 * maps alone: what helpers and functions of the kernel a program calls, only a kernel tells.
 */
export function floors({ programs, maps, sections }: DatedParts): Floor[] {
  const found: Floor[] = [];
  const add = (kernel: KernelVersion | undefined, what: string) => {
    if (kernel) found.push({ kernel, what });
  };
  for (const { name, section } of programs) {
    const parsed = parseSection(section);
    if (!parsed) continue;
    const asked = [
      PROG_SINCE[parsed.type],
      SECTION_SINCE[parsed.name],
      parsed.sleepable ? SLEEPABLE : undefined,
    ];
    add(newest(asked), `the program ${name} (${section})`);
  }
  for (const { name, type } of maps) add(MAP_SINCE[type as MapType], `the map ${name} (${type})`);
  for (const { name } of sections) if (name !== ".kconfig") add(GLOBALS, `the global variables in ${name}`);
  return found.sort((a, b) => (before(a.kernel, b.kernel) ? 1 : before(b.kernel, a.kernel) ? -1 : 0));
}

function newest(versions: readonly (KernelVersion | undefined)[]): KernelVersion | undefined {
  return versions.reduce((best, one) => (one && (!best || before(best, one)) ? one : best), undefined);
}
