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
import type { HasFd } from "./descriptor.ts";
import { EEXIST } from "./errno.ts";
import { failure } from "./errors.ts";
import { type Attachment, Link, Undo } from "./link.ts";
import type { AttachCall, ProgInfo } from "./native.ts";
import { callLibbpf, type Session } from "./session.ts";
import { onEveryCpu } from "./syscall-entry.ts";

/** In the order of `enum probe_attach_mode`. */
const MODES: readonly AttachMode[] = ["default", "legacy", "perf", "link"];
/** XDP_FLAGS_… of linux/if_link.h. */
const XDP_FLAG = { update_if_noexist: 1, generic: 2, native: 4, offload: 8 } as const;
/** `enum bpf_tc_attach_point` of libbpf. */
const TC_POINT = { ingress: 1, egress: 2 } as const;

/**
 * The ways to attach a program by hand, which every {@link Program} has. What each returns detaches the program when it
 * is destroyed; the skeleton destroys it at the latest. Before `load()`, and after `destroy()`, each throws a
 * {@link StateError} or another {@link BpfError}.
 */
export abstract class AttachMethods {
  /** @internal */
  readonly session: Session;
  /** The program's name in the object. */
  readonly name: string;
  /** @internal */
  readonly index: number;

  /** @internal */
  constructor(session: Session, name: string, index: number) {
    this.session = session;
    this.name = name;
    this.index = index;
  }

  /** The program's file descriptor; -1 before load, and if the program was not to be loaded. */
  abstract get fd(): number;
  /** @internal */
  protected abstract get info(): ProgInfo;
  /**
   * The descriptor for a call that must have one: -1 in its place would detach what another program has attached.
   *
   * @throws {@link StateError} if the program is not loaded
   * @internal
   */
  protected abstract needFd(call: string): number;

  /**
   * Attaches a kprobe program to a function of the kernel.
   *
   * @param functionName - its name as in /proc/kallsyms
   * @throws {@link BpfError} with what libbpf or the kernel refused; its code is `ENOENT` if there is no such function
   */
  attachKprobe(functionName: string, options: KprobeOptions = {}): Link {
    return this.#link("attachKprobe", "bpf_program__attach_kprobe_opts", {
      ...options,
      function: functionName,
      attachMode: mode(options.attachMode),
    });
  }

  /**
   * Attaches a kprobe program to many functions of the kernel by one link. Needs Linux 5.18.
   *
   * @param functions - a glob of names, or a list of names or addresses
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachKprobeMulti(
    functions: string | { readonly symbols: readonly string[] } | { readonly addresses: readonly bigint[] },
    options: MultiOptions = {},
  ): Link {
    const what = typeof functions === "string" ? { pattern: functions } : functions;
    return this.#link("attachKprobeMulti", "bpf_program__attach_kprobe_multi_opts", { ...options, ...what });
  }

  /**
   * Attaches a kprobe program to a system call.
   *
   * @param syscall - its name without the architecture's prefix: `openat`
   * @param options - with `retprobe` it is attached to the call's return
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachKsyscall(syscall: string, options: Cookie & { readonly retprobe?: boolean } = {}): Link {
    return this.#link("attachKsyscall", "bpf_program__attach_ksyscall", { ...options, syscall });
  }

  /**
   * Attaches a uprobe program to a place in a binary, in one process or in all that run it.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachUprobe(options: UprobeOptions): Link {
    const { binary, function: name, offset = 0, attachMode } = options;
    const call = { ...options, attachMode: mode(attachMode) };
    const target = `${binary}:${name ?? `0x${offset.toString(16)}`}`;
    return this.#link("attachUprobe", "bpf_program__attach_uprobe_opts", call, target);
  }

  /**
   * Attaches a uprobe program to many places in a binary by one link. Needs Linux 6.6.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachUprobeMulti(options: UprobeMultiOptions): Link {
    return this.#link("attachUprobeMulti", "bpf_program__attach_uprobe_multi", { ...options });
  }

  /**
   * Attaches a usdt program to a statically defined probe of a binary.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachUsdt(options: UsdtOptions): Link {
    const target = `${options.binary}:${options.provider}:${options.name}`;
    return this.#link("attachUsdt", "bpf_program__attach_usdt", { ...options }, target);
  }

  /**
   * Attaches a tracepoint program.
   *
   * @param category - the folder of /sys/kernel/tracing/events that the tracepoint is in: `sched`
   * @param name - the tracepoint's name: `sched_process_exec`
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachTracepoint(category: string, name: string, options: Cookie = {}): Link {
    const call = { ...options, category, name };
    const link = this.#link("attachTracepoint", "bpf_program__attach_tracepoint_opts", call);
    return onEveryCpu(this.session, link, `${category}/${name}`);
  }

  /**
   * Attaches a raw_tp program, which gets a tracepoint's arguments as they are.
   *
   * @param name - the tracepoint's name, without its category: `sched_switch`
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachRawTracepoint(name: string, options: Cookie = {}): Link {
    return this.#link("attachRawTracepoint", "bpf_program__attach_raw_tracepoint", { ...options, name });
  }

  /**
   * Attaches a tp_btf, fentry, fexit or fmod_ret program to the target that SEC() or `setAttachTarget` names.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachTrace(options: Cookie = {}): Link {
    return this.#link("attachTrace", "bpf_program__attach_trace_opts", { ...options });
  }

  /**
   * Attaches an LSM program to the hook that SEC() or `setAttachTarget` names. BPF has to be among the active security
   * modules, see `probe.bpfLsm()`.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachLsm(): Link {
    return this.#link("attachLsm", "bpf_program__attach_lsm", {});
  }

  /**
   * Attaches an iterator program. It runs when the link is read, by `read` or `lines`: see {@link Link}.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   * @throws `Error` of Node's if the cgroup's directory cannot be opened
   */
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

  /**
   * Attaches a perf_event program, which runs at each sample.
   *
   * @returns one link for each CPU
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachPerfEvent(options: PerfEventOptions): Link[] {
    const { cpu = "all", pid = -1, type = 1, config = 0, frequency = 0, period = 0, cookie = 0 } = options;
    const cpus = cpu === "all" ? onlineCpus() : [cpu];
    const links: Link[] = [];
    try {
      for (const one of cpus) {
        const fd = callLibbpf<number>(this.session, "perf_event_open", `${this.name} (CPU ${one})`, () =>
          this.session.native.perfEventOpen({ type, config, frequency, period, pid, cpu: one }),
        );
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

  /**
   * Attaches an XDP program to a network interface.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
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

  /**
   * Attaches a classifier to the clsact qdisc of a network interface, which is made if it is not there. Since Linux 6.6
   * `attachTcx` is better.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
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

  /**
   * Attaches a classifier to a network interface by a BPF link. Needs Linux 6.6.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachTcx(device: Interface, options: OrderOptions = {}): Link {
    return this.#link("attachTcx", "bpf_program__attach_tcx", { ...options, ifindex: this.ifindex(device) });
  }

  /**
   * Attaches a program to a netkit interface. Needs Linux 6.7.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachNetkit(device: Interface, options: OrderOptions = {}): Link {
    return this.#link("attachNetkit", "bpf_program__attach_netkit", {
      ...options,
      ifindex: this.ifindex(device),
    });
  }

  /**
   * Attaches a netfilter program. Needs Linux 6.4.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachNetfilter(options: NetfilterOptions): Link {
    return this.#link("attachNetfilter", "bpf_program__attach_netfilter", { ...options });
  }

  /**
   * Attaches a program to a cgroup. The program's type and its expected attach type say to which of its hooks.
   *
   * @param path - the cgroup's directory, `/sys/fs/cgroup/…`
   * @throws {@link BpfError} with what libbpf or the kernel refused
   * @throws `Error` of Node's if the directory cannot be opened
   */
  attachCgroup(path: string, options: OrderOptions = {}): Link {
    const fd = openDirectory(path);
    try {
      return this.#link("attachCgroup", "bpf_program__attach_cgroup", { ...options, fd });
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Attaches a flow_dissector or sk_lookup program to a network namespace.
   *
   * @param path - the namespace's file, such as `/run/netns/NAME`; the caller's own namespace if not given
   * @throws {@link BpfError} with what libbpf or the kernel refused
   * @throws `Error` of Node's if the file cannot be opened
   */
  attachNetns(path = "/proc/self/ns/net"): Link {
    const fd = openSync(path, "r");
    try {
      return this.#link("attachNetns", "bpf_program__attach_netns", { fd });
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Attaches a socket filter.
   *
   * @param where - a network interface, for which a raw packet socket is opened that sees its traffic and is closed with
   * the attachment; or a socket that is open already
   * @returns the attachment, with the socket's file descriptor
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachSocketFilter(where: Interface | HasFd): Attachment & HasFd {
    const { native } = this.session;
    const program = this.needFd("setsockopt(SO_ATTACH_BPF)");
    const own = typeof where !== "object";
    const subject = `${this.name} to ${own ? where : `socket ${where.fd}`}`;
    const fd = own
      ? callLibbpf<number>(this.session, "socket(AF_PACKET)", subject, () =>
          native.packetSocket(this.ifindex(where)),
        )
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

  /**
   * Attaches a sk_msg, sk_skb/stream_parser or sk_skb/stream_verdict program to a map of sockets.
   *
   * @param map - a sockmap or sockhash
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachSockmap(map: HasFd): Attachment {
    const { native } = this.session;
    const fd = this.needFd("bpf_prog_attach");
    const { expectedAttachType: type } = this.info;
    callLibbpf(this.session, "bpf_prog_attach", `${this.name} to a sockmap`, () =>
      native.progAttach(fd, map.fd, type, 0),
    );
    return new Undo(this.session, () => native.progDetach(fd, map.fd, type));
  }

  /**
   * Attaches a freplace program in place of a global function of another program.
   *
   * @param target - the other program, which is loaded
   * @param functionName - the function's name in it
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachFreplace(target: HasFd, functionName: string): Link {
    return this.#link("attachFreplace", "bpf_program__attach_freplace", {
      target: target.fd,
      function: functionName,
    });
  }

  /** @internal */
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

function mode(name: AttachMode = "default"): number {
  return MODES.indexOf(name);
}

function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}
