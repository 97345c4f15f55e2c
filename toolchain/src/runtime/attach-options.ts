/** A value that the program reads with bpf_get_attach_cookie(). */
export interface Cookie {
  readonly cookie?: bigint | number;
}

export interface KprobeOptions extends Cookie {
  /** Attach to the function's return. */
  readonly retprobe?: boolean;
  /** Bytes into the function. */
  readonly offset?: bigint | number;
  readonly attachMode?: AttachMode;
}

/** `enum probe_attach_mode` of libbpf. */
export type AttachMode = "default" | "legacy" | "perf" | "link";

export interface MultiOptions {
  readonly retprobe?: boolean;
  /** Run at entry and return, with a common state (Linux 6.10; uprobes 6.13). */
  readonly session?: boolean;
  /** One for each symbol, address or offset. */
  readonly cookies?: readonly (bigint | number)[];
}

export interface UprobeOptions extends Cookie {
  /** A path, or a library's name such as `libc.so.6`. */
  readonly binary: string;
  readonly function?: string;
  /** Into the function if one is named, otherwise into the file. */
  readonly offset?: bigint | number;
  /** Only this process; all if not given. 0 is the caller's own. */
  readonly pid?: number;
  readonly retprobe?: boolean;
  readonly refCounterOffset?: bigint | number;
  readonly attachMode?: AttachMode;
}

export interface UprobeMultiOptions extends MultiOptions {
  readonly binary: string;
  readonly pid?: number;
  /** A glob of function names; or give `symbols` or `offsets`. */
  readonly pattern?: string;
  readonly symbols?: readonly string[];
  readonly offsets?: readonly (bigint | number)[];
  readonly refCounterOffsets?: readonly (bigint | number)[];
}

export interface UsdtOptions extends Cookie {
  readonly binary: string;
  readonly provider: string;
  readonly name: string;
  readonly pid?: number;
}

export interface IterOptions {
  /** The map that iter/bpf_map_elem walks. */
  readonly map?: { readonly fd: number };
  /** The cgroup that iter/cgroup walks: its path. */
  readonly cgroup?: string;
  /** `enum bpf_cgroup_iter_order`. */
  readonly order?: number;
  /** Only this task (iter/task*). */
  readonly tid?: number;
  /** Only the tasks of this process (iter/task*). */
  readonly pid?: number;
}

export interface PerfEventOptions extends Cookie {
  /** `enum perf_type_id`; software (1) if not given. */
  readonly type?: number;
  /** For software events `enum perf_sw_ids`; the CPU clock (0) if not given. */
  readonly config?: bigint | number;
  /** Samples per second; or `period`, in events. */
  readonly frequency?: number;
  readonly period?: bigint | number;
  /** One CPU, or all that are online. */
  readonly cpu?: number | "all";
  /** Only this process; all if not given. */
  readonly pid?: number;
}

export interface XdpOptions {
  /**
   * `link` (the default) attaches by a BPF link and lets the kernel choose the mode; the others go through netlink,
   * as `ip link set xdp…` does, and are undone on destroy.
   */
  readonly mode?: "link" | "native" | "generic" | "offload";
  /** Replace a program that is there (netlink modes only). */
  readonly replace?: boolean;
}

/** Where among programs on the same hook: `BPF_F_BEFORE` and so on, relative to a program's or link's fd or id. */
export interface OrderOptions {
  readonly flags?: number;
  readonly relativeFd?: number;
  readonly relativeId?: number;
  readonly expectedRevision?: bigint | number;
}

export interface TcOptions {
  readonly direction: "ingress" | "egress";
  /** Chosen by the kernel if not given. */
  readonly handle?: number;
  readonly priority?: number;
  readonly replace?: boolean;
  /** Remove the clsact qdisc afterwards if it was not there before; false if not given: others may use it too. */
  readonly destroyHook?: boolean;
}

export interface NetfilterOptions {
  /** `NFPROTO_IPV4` (2) or `NFPROTO_IPV6` (10). */
  readonly family: number;
  /** `enum nf_inet_hooks`. */
  readonly hook: number;
  readonly priority: number;
  readonly flags?: number;
}

/** A network interface, by name or index. */
export type Interface = string | number;
