import { closeSync, constants, openSync } from "node:fs";
import type {
  AttachMode,
  Cookie,
  Interface,
  IterOptions,
  KprobeOptions,
  MultiOptions,
  NetfilterOptions,
  OrderOptions,
  PerfEventOptions,
  TcOptions,
  UprobeMultiOptions,
  UprobeOptions,
  UsdtOptions,
  XdpOptions,
} from "./attach-options.ts";
import { onlineCpus } from "./cpus.ts";
import { failure } from "./errors.ts";
import { type Attachment, Link, Undo } from "./link.ts";
import type { AttachCall, ProgInfo } from "./native.ts";
import { callLibbpf, type Session } from "./session.ts";
import { onEveryCpu } from "./syscall-entry.ts";

const MODES: readonly AttachMode[] = ["default", "legacy", "perf", "link"];
/** linux/if_link.h */
const XDP_FLAG = { update_if_noexist: 1, generic: 2, native: 4, offload: 8 } as const;
/** `enum bpf_tc_attach_point` */
const TC_POINT = { ingress: 1, egress: 2 } as const;

/**
 * The ways to attach a program by hand. Each throws a BpfError; what it returns detaches when destroyed, which the
 * skeleton does at the latest.
 */
export abstract class AttachMethods {
  readonly session: Session;
  readonly name: string;
  readonly index: number;

  constructor(session: Session, name: string, index: number) {
    this.session = session;
    this.name = name;
    this.index = index;
  }

  abstract get fd(): number;
  protected abstract get info(): ProgInfo;
  /** @throws StateError if the program is not loaded: -1 in its place would detach what another one attached */
  protected abstract needFd(call: string): number;

  attachKprobe(functionName: string, options: KprobeOptions = {}): Link {
    return this.#link("attachKprobe", "bpf_program__attach_kprobe_opts", {
      ...options,
      function: functionName,
      attachMode: mode(options.attachMode),
    });
  }

  /** To every function the glob matches, or to those listed (Linux 5.18). */
  attachKprobeMulti(
    functions: string | { readonly symbols: readonly string[] } | { readonly addresses: readonly bigint[] },
    options: MultiOptions = {},
  ): Link {
    const what = typeof functions === "string" ? { pattern: functions } : functions;
    return this.#link("attachKprobeMulti", "bpf_program__attach_kprobe_multi_opts", { ...options, ...what });
  }

  /** `syscall` without the architecture's prefix: `openat`. */
  attachKsyscall(syscall: string, options: Cookie & { readonly retprobe?: boolean } = {}): Link {
    return this.#link("attachKsyscall", "bpf_program__attach_ksyscall", { ...options, syscall });
  }

  attachUprobe(options: UprobeOptions): Link {
    const { binary, function: name, offset = 0, attachMode } = options;
    const call = { ...options, attachMode: mode(attachMode) };
    const target = `${binary}:${name ?? `0x${offset.toString(16)}`}`;
    return this.#link("attachUprobe", "bpf_program__attach_uprobe_opts", call, target);
  }

  /** (Linux 6.6) */
  attachUprobeMulti(options: UprobeMultiOptions): Link {
    return this.#link("attachUprobeMulti", "bpf_program__attach_uprobe_multi", { ...options });
  }

  attachUsdt(options: UsdtOptions): Link {
    const target = `${options.binary}:${options.provider}:${options.name}`;
    return this.#link("attachUsdt", "bpf_program__attach_usdt", { ...options }, target);
  }

  attachTracepoint(category: string, name: string, options: Cookie = {}): Link {
    const call = { ...options, category, name };
    const link = this.#link("attachTracepoint", "bpf_program__attach_tracepoint_opts", call);
    return onEveryCpu(this.session, link, `${category}/${name}`);
  }

  attachRawTracepoint(name: string, options: Cookie = {}): Link {
    return this.#link("attachRawTracepoint", "bpf_program__attach_raw_tracepoint", { ...options, name });
  }

  /** tp_btf, fentry, fexit and fmod_ret, to the target given by SEC() or `setAttachTarget`. */
  attachTrace(options: Cookie = {}): Link {
    return this.#link("attachTrace", "bpf_program__attach_trace_opts", { ...options });
  }

  attachLsm(): Link {
    return this.#link("attachLsm", "bpf_program__attach_lsm", {});
  }

  /** Read the link to run it. */
  attachIter(options: IterOptions = {}): Link {
    const { map, cgroup, ...rest } = options;
    const directory = cgroup === undefined ? -1 : openDirectory(cgroup);
    try {
      return this.#link("attachIter", "bpf_program__attach_iter", {
        ...rest,
        ...(map && { map: map.fd }),
        ...(directory >= 0 && { cgroup: directory }),
      });
    } finally {
      if (directory >= 0) closeSync(directory);
    }
  }

  /** One link for each CPU. */
  attachPerfEvent(options: PerfEventOptions): Link[] {
    const { cpu = "all", pid = -1, type = 1, config = 0, frequency = 0, period = 0, cookie = 0 } = options;
    const cpus = cpu === "all" ? onlineCpus() : [cpu];
    const links: Link[] = [];
    try {
      for (const one of cpus) {
        const fd = callLibbpf(this.session, "perf_event_open", `${this.name} (CPU ${one})`, () =>
          this.session.native.perfEventOpen({ type, config, frequency, period, pid, cpu: one }),
        ) as number;
        // The link owns the descriptor once it exists.
        try {
          links.push(this.#link("attachPerfEvent", "bpf_program__attach_perf_event_opts", { fd, cookie }));
        } catch (error) {
          this.session.native.closeFd(fd);
          throw error;
        }
      }
    } catch (error) {
      for (const link of links) link.destroy();
      throw error;
    }
    return links;
  }

  attachXdp(device: Interface, options: XdpOptions = {}): Attachment {
    const { mode: how = "link", replace = false } = options;
    if (how === "link")
      return this.#link("attachXdp", "bpf_program__attach_xdp", { ifindex: this.ifindex(device) });
    const fd = this.needFd("bpf_xdp_attach");
    const ifindex = this.ifindex(device);
    const flags = XDP_FLAG[how] | (replace ? 0 : XDP_FLAG.update_if_noexist);
    const { native } = this.session;
    callLibbpf(this.session, "bpf_xdp_attach", `${this.name} to ${device}`, () =>
      native.xdpSet(ifindex, fd, flags, 0),
    );
    return new Undo(this.session, () => native.xdpSet(ifindex, -1, XDP_FLAG[how], fd));
  }

  /** The classifier of a clsact qdisc, which is made if it is not there; for kernels before tcx (6.6). */
  attachTc(device: Interface, options: TcOptions): Attachment {
    const { native } = this.session;
    const fd = this.needFd("bpf_tc_attach");
    const hook = { ifindex: this.ifindex(device), attachPoint: TC_POINT[options.direction] };
    const made = native.tcHookCreate(hook);
    if (made !== 0 && made !== EEXIST) throw failure("bpf_tc_hook_create", made, String(device));
    const { handle = 0, priority = 0, replace = false, destroyHook = false } = options;
    const leave = () => {
      // libbpf removes the qdisc when both directions are named.
      if (destroyHook && made === 0)
        native.tcHookDestroy({ ...hook, attachPoint: TC_POINT.ingress | TC_POINT.egress });
    };
    try {
      const filter = callLibbpf(this.session, "bpf_tc_attach", `${this.name} to ${device}`, () =>
        native.tcAttach({ ...hook, fd, handle, priority, replace }),
      );
      if (typeof filter === "number") throw failure("bpf_tc_attach", filter, String(device));
      return new Undo(this.session, () => {
        native.tcDetach({ ...hook, handle: filter.handle, priority: filter.priority });
        leave();
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** (Linux 6.6) */
  attachTcx(device: Interface, options: OrderOptions = {}): Link {
    return this.#link("attachTcx", "bpf_program__attach_tcx", { ...options, ifindex: this.ifindex(device) });
  }

  /** (Linux 6.7) */
  attachNetkit(device: Interface, options: OrderOptions = {}): Link {
    return this.#link("attachNetkit", "bpf_program__attach_netkit", {
      ...options,
      ifindex: this.ifindex(device),
    });
  }

  /** (Linux 6.4) */
  attachNetfilter(options: NetfilterOptions): Link {
    return this.#link("attachNetfilter", "bpf_program__attach_netfilter", { ...options });
  }

  /** @param path the cgroup's directory, `/sys/fs/cgroup/…` */
  attachCgroup(path: string, options: OrderOptions = {}): Link {
    const fd = openDirectory(path);
    try {
      return this.#link("attachCgroup", "bpf_program__attach_cgroup", { ...options, fd });
    } finally {
      closeSync(fd);
    }
  }

  /** Flow dissector and sk_lookup; the caller's own network namespace if no path is given. */
  attachNetns(path = "/proc/self/ns/net"): Link {
    const fd = openSync(path, "r");
    try {
      return this.#link("attachNetns", "bpf_program__attach_netns", { fd });
    } finally {
      closeSync(fd);
    }
  }

  /**
   * A socket filter, on a raw packet socket of its own that sees the device's traffic, or on a socket given by its
   * file descriptor.
   */
  attachSocketFilter(where: Interface | { readonly fd: number }): Attachment & { readonly fd: number } {
    const { native } = this.session;
    const program = this.needFd("setsockopt(SO_ATTACH_BPF)");
    const own = typeof where !== "object";
    const subject = `${this.name} to ${own ? where : `socket ${where.fd}`}`;
    const fd = own
      ? (callLibbpf(this.session, "socket(AF_PACKET)", subject, () =>
          native.packetSocket(this.ifindex(where)),
        ) as number)
      : where.fd;
    try {
      callLibbpf(this.session, "setsockopt(SO_ATTACH_BPF)", subject, () => native.socketFilter(fd, program));
    } catch (error) {
      if (own) native.closeFd(fd);
      throw error;
    }
    const undo = new Undo(this.session, () => (own ? native.closeFd(fd) : native.socketFilter(fd, -1)));
    return Object.assign(undo, { fd });
  }

  /** sk_msg, sk_skb/stream_parser and sk_skb/stream_verdict, to a sockmap or sockhash. */
  attachSockmap(map: { readonly fd: number }): Attachment {
    const { native } = this.session;
    const fd = this.needFd("bpf_prog_attach");
    const { expectedAttachType: type } = this.info;
    callLibbpf(this.session, "bpf_prog_attach", `${this.name} to a sockmap`, () =>
      native.progAttach(fd, map.fd, type, 0),
    );
    return new Undo(this.session, () => native.progDetach(fd, map.fd, type));
  }

  /** Replaces a global function of a loaded program. */
  attachFreplace(target: { readonly fd: number }, functionName: string): Link {
    return this.#link("attachFreplace", "bpf_program__attach_freplace", {
      target: target.fd,
      function: functionName,
    });
  }

  protected ifindex(device: Interface): number {
    if (typeof device === "number") return device;
    const index = this.session.native.ifindex(device);
    if (index < 0) throw failure("if_nametoindex", index, `the network interface ${device}`);
    return index;
  }

  #link(call: AttachCall, name: string, options: Record<string, unknown>, target?: string): Link {
    const { native, object } = this.session;
    const subject = target === undefined ? this.name : `${this.name} to ${target}`;
    const handle = callLibbpf(this.session, name, subject, () => native[call](object, this.index, options));
    return new Link(this.session, handle, this.name);
  }
}

const EEXIST = -17;

function mode(name: AttachMode = "default"): number {
  return MODES.indexOf(name);
}

function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}
