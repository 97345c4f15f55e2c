import { closeSync, openSync } from "node:fs";
import type { TcFilter } from "../../facts/handover.ts";
import { EEXIST } from "../errno.ts";
import { failure } from "../errors.ts";
import { Place } from "../handover/links.ts";
import { type Attachment, type Link, Undo } from "../link.ts";
import type { Native } from "../native.ts";
import { callAttach } from "../session.ts";
import type { Interface, NetfilterOptions, OrderOptions, TcOptions, XdpOptions } from "./options.ts";
import { TracingMethods } from "./tracing.ts";

/** XDP_FLAGS_… of linux/if_link.h. */
const XDP_FLAG = { update_if_noexist: 1, generic: 2, native: 4, offload: 8 } as const;
/** `enum bpf_tc_attach_point` of libbpf. */
const TC_POINT = { ingress: 1, egress: 2 } as const;

/** The ways to attach a program to a network interface or a network namespace. */
export abstract class NetworkMethods extends TracingMethods {
  /**
   * Attaches an XDP program to a network interface.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachXdp(device: Interface, options: XdpOptions = {}): Attachment {
    const { mode: how = "link", replace = false } = options;
    if (how === "link")
      return this.link("attachXdp", "bpf_program__attach_xdp", { ifindex: this.ifindex(device) });
    const fd = this.needFd("bpf_xdp_attach");
    const ifindex = this.ifindex(device);
    const mode = XDP_FLAG[how];
    const { native } = this.session;
    const place = new Place(this, "bpf_xdp_attach", `interface ${ifindex} ${how}`);
    const put = (program: number, before: number) => native.xdpSet(ifindex, program, mode, before);
    const exchanged = place.exchange(
      (before) => put(fd, before),
      (before) => put(before, fd),
    );
    const flags = mode | (replace ? 0 : XDP_FLAG.update_if_noexist);
    if (!exchanged)
      callAttach(this.session, "bpf_xdp_attach", `${this.name} to ${device}`, () =>
        native.xdpSet(ifindex, fd, flags, 0),
      );
    place.tell();
    return new Undo(this.session, () => place.undo(() => native.xdpSet(ifindex, -1, mode, fd)));
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
    const { handle = 0, priority = 0, replace = false, destroyHook = false } = options;
    const where = `interface ${hook.ifindex} ${options.direction} ${handle} ${priority}`;
    const place = new Place(this, "bpf_tc_attach", where);
    const put = (program: number, filter: TcFilter | undefined) => {
      const done = native.tcAttach({ ...hook, ...filter, fd: program, replace: true });
      return typeof done === "number" ? done : 0;
    };
    const exchanged = place.exchange(
      (_, { filter }) => put(fd, filter),
      (before, { filter }) => put(before, filter),
    );
    const filter =
      exchanged?.filter ?? this.#addFilter(device, hook, { handle, priority, replace, destroyHook });
    place.tell(filter);
    return new Undo(this.session, () =>
      place.undo(() => {
        native.tcDetach({ ...hook, handle: filter.handle, priority: filter.priority });
        if (destroyHook && filter.made === 0) destroyQdisc(native, hook);
      }),
    );
  }

  #addFilter(
    device: Interface,
    hook: { readonly ifindex: number; readonly attachPoint: number },
    { destroyHook, ...options }: Required<Omit<TcOptions, "direction">>,
  ): TcFilter {
    const { native } = this.session;
    const fd = this.needFd("bpf_tc_attach");
    const made = native.tcHookCreate(hook);
    if (made !== 0 && made !== EEXIST) throw failure("bpf_tc_hook_create", made, String(device));
    try {
      const filter = callAttach(this.session, "bpf_tc_attach", `${this.name} to ${device}`, () =>
        native.tcAttach({ ...hook, ...options, fd }),
      );
      if (typeof filter === "number") throw failure("bpf_tc_attach", filter, String(device));
      return { handle: filter.handle, priority: filter.priority, made };
    } catch (error) {
      if (destroyHook && made === 0) destroyQdisc(native, hook);
      throw error;
    }
  }

  /**
   * Attaches a classifier to a network interface by a BPF link. Needs Linux 6.6.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachTcx(device: Interface, options: OrderOptions = {}): Link {
    return this.link("attachTcx", "bpf_program__attach_tcx", { ...options, ifindex: this.ifindex(device) });
  }

  /**
   * Attaches a program to a netkit interface. Needs Linux 6.7.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachNetkit(device: Interface, options: OrderOptions = {}): Link {
    return this.link("attachNetkit", "bpf_program__attach_netkit", {
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
    return this.link("attachNetfilter", "bpf_program__attach_netfilter", { ...options });
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
      return this.link("attachNetns", "bpf_program__attach_netns", { fd });
    } finally {
      closeSync(fd);
    }
  }

  /** @internal */
  protected ifindex(device: Interface): number {
    if (typeof device === "number") return device;
    const index = this.session.native.ifindex(device);
    if (index < 0) throw failure("if_nametoindex", index, `the network interface ${device}`);
    return index;
  }
}

/** libbpf removes the qdisc when both directions are named. */
function destroyQdisc(native: Native, hook: { readonly ifindex: number }): void {
  native.tcHookDestroy({ ...hook, attachPoint: TC_POINT.ingress | TC_POINT.egress });
}
