import type { HasFd } from "../descriptor.ts";

/** The cookie of an attachment. */
export interface Cookie {
  /** A 64-bit value that the program reads with bpf_get_attach_cookie(), to tell its attachments apart; 0 if not given. */
  readonly cookie?: bigint | number;
}

/** Where in a kernel function a kprobe goes, and how. */
export interface KprobeOptions extends Cookie {
  /** Attaches to the function's return; to its entry if not given. */
  readonly retprobe?: boolean;
  /** Bytes from the function's beginning; 0 if not given. */
  readonly offset?: bigint | number;
  /** How libbpf attaches the probe; the newest way that the kernel has if not given. */
  readonly attachMode?: AttachMode;
}

/**
 * How a probe is attached, as in `enum probe_attach_mode` of libbpf: by the newest way that the kernel has, by tracefs, by
 * perf_event_open(2) and an ioctl, or by a BPF link (which needs Linux 5.15).
 */
export type AttachMode = "default" | "legacy" | "perf" | "link";

/** How one program is attached to many functions by one link. */
export interface MultiOptions {
  /** Attaches to the functions' return; to their entry if not given. */
  readonly retprobe?: boolean;
  /** Runs the program at entry and at return, with a common state. Needs Linux 6.10, for uprobes 6.13. */
  readonly session?: boolean;
  /** The cookies, one for each symbol, address or offset, in the same order. */
  readonly cookies?: readonly (bigint | number)[];
}

/** Where in a binary a uprobe goes, and how. */
export interface UprobeOptions extends Cookie {
  /** The binary's path, or a library's name such as `libc.so.6`, which libbpf looks for where the linker does. */
  readonly binary: string;
  /** The function's name, as in the binary's symbol table; without it `offset` counts from the file's beginning. */
  readonly function?: string;
  /** Bytes into the function if one is named, otherwise into the file; 0 if not given. */
  readonly offset?: bigint | number;
  /** The process in which the probe is; 0 is the caller's own, and all processes have it if not given. */
  readonly pid?: number;
  /** Attaches to the function's return; to its entry if not given. */
  readonly retprobe?: boolean;
  /** Where in the file the semaphore is that the kernel counts up while the probe is there, in bytes. */
  readonly refCounterOffset?: bigint | number;
  /** How libbpf attaches the probe; the newest way that the kernel has if not given. */
  readonly attachMode?: AttachMode;
}

/** Where in a binary many uprobes go. One of `pattern`, `symbols` and `offsets` says which functions. */
export interface UprobeMultiOptions extends MultiOptions {
  /** The binary's path, or a library's name such as `libc.so.6`. */
  readonly binary: string;
  /** The process in which the probes are; 0 is the caller's own, and all processes have them if not given. */
  readonly pid?: number;
  /** A glob of functions' names. */
  readonly pattern?: string;
  /** The functions' names. */
  readonly symbols?: readonly string[];
  /** Places in the file, in bytes. */
  readonly offsets?: readonly (bigint | number)[];
  /** Where in the file the semaphores are, in bytes, in the order of the symbols or offsets. */
  readonly refCounterOffsets?: readonly (bigint | number)[];
}

/** A statically defined probe (USDT), as the notes of the binary name it: `readelf -n` shows them. */
export interface UsdtOptions extends Cookie {
  /** The binary's path, or a library's name such as `libc.so.6`. */
  readonly binary: string;
  /** The provider's name: `libc`. */
  readonly provider: string;
  /** The probe's name: `setjmp`. */
  readonly name: string;
  /** The process in which the probe is; 0 is the caller's own, and all processes have it if not given. */
  readonly pid?: number;
}

/** What an iterator program walks; all there is of its kind if nothing is given. */
export interface IterOptions {
  /** The map that iter/bpf_map_elem walks. */
  readonly map?: HasFd;
  /** The directory of the cgroup that iter/cgroup walks: `/sys/fs/cgroup/…`. */
  readonly cgroup?: string;
  /** The order in which cgroups are walked (`enum bpf_cgroup_iter_order`). */
  readonly order?: number;
  /** The one task that iter/task… walks, by its thread's number. */
  readonly tid?: number;
  /** The process whose tasks iter/task… walks. */
  readonly pid?: number;
}

/** The perf event that runs a program. The default is the CPU clock. See perf_event_open(2). */
export interface PerfEventOptions extends Cookie {
  /** The kind of event (`enum perf_type_id`); software (1) if not given. */
  readonly type?: number;
  /** Which event of its kind; for software events `enum perf_sw_ids`, and the CPU clock (0) if not given. */
  readonly config?: bigint | number;
  /** Samples per second. Give this or `period`. */
  readonly frequency?: number;
  /** Events per sample; of the CPU clock, nanoseconds. */
  readonly period?: bigint | number;
  /**
   * The number of one CPU; `all` for an event on each that is online; `any` for one event of a thread, which follows it.
   * If not given it is `any` where there is a `pid`, and `all` elsewhere.
   */
  readonly cpu?: number | "all" | "any";
  /** The thread whose events are counted, by its number, which is the process's for its first thread; all if not given. */
  readonly pid?: number;
}

/** How an XDP program is attached. */
export interface XdpOptions {
  /**
   * `link`, which is used if nothing is given, attaches by a BPF link and lets the kernel choose the mode. The others go
   * through netlink, as `ip link set xdp…` does, and are undone when the attachment is destroyed.
   */
  readonly mode?: "link" | "native" | "generic" | "offload";
  /** Replaces a program that is there already, where the mode is one of netlink's; refused if not given. */
  readonly replace?: boolean;
}

/** Where a program goes among those on the same hook: before or after another program or link. */
export interface OrderOptions {
  /** BPF_F_BEFORE, BPF_F_AFTER and the like, of linux/bpf.h. */
  readonly flags?: number;
  /** The file descriptor of the other program or link. */
  readonly relativeFd?: number;
  /** The id of the other program or link. */
  readonly relativeId?: number;
  /** The revision that the hook must have: the kernel refuses with ESTALE if somebody has changed it since. */
  readonly expectedRevision?: bigint | number;
}

/** How a classifier of traffic control is attached. */
export interface TcOptions {
  /** Whether it sees packets that arrive or packets that leave. */
  readonly direction: "ingress" | "egress";
  /** The filter's handle; chosen by the kernel if not given. */
  readonly handle?: number;
  /** The filter's priority, of which lower numbers run first; chosen by the kernel if not given. */
  readonly priority?: number;
  /** Replaces a filter that has the same handle and priority; refused if not given. */
  readonly replace?: boolean;
  /** Removes the clsact qdisc afterwards if it was not there before; it stays if not given, as others may use it too. */
  readonly destroyHook?: boolean;
}

/** The hook of netfilter that a program is attached to. */
export interface NetfilterOptions {
  /** `NFPROTO_IPV4` (2) or `NFPROTO_IPV6` (10). */
  readonly family: number;
  /** The hook's number (`enum nf_inet_hooks`). */
  readonly hook: number;
  /** The order among the programs on the hook, of which lower numbers run first. */
  readonly priority: number;
  /** BPF_F_NETFILTER_IP_DEFRAG, of linux/bpf.h, or 0, which it is if not given. */
  readonly flags?: number;
}

/** A network interface, by its name or its index. */
export type Interface = string | number;
