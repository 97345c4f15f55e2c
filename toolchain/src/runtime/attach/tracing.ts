import type { HasFd } from "../descriptor.ts";
import type { Link } from "../link.ts";
import { withCgroup } from "./cgroup.ts";
import type { Cookie, IterOptions, PerfEventOptions } from "./options.ts";
import { type PerfLinks, perfLinks } from "./perf.ts";
import { ProbeMethods } from "./probes.ts";
import { onEveryCpu } from "./syscall-entry.ts";

/** The ways to attach a program to what the kernel tells of itself: tracepoints, BTF, iterators, samples. */
export abstract class TracingMethods extends ProbeMethods {
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
    const link = this.link("attachTracepoint", "bpf_program__attach_tracepoint_opts", call);
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
    return this.link("attachRawTracepoint", "bpf_program__attach_raw_tracepoint", { ...options, name });
  }

  /**
   * Attaches a tp_btf, fentry, fexit or fmod_ret program to the target that SEC() or `setAttachTarget` names.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachTrace(options: Cookie = {}): Link {
    return this.link("attachTrace", "bpf_program__attach_trace_opts", { ...options });
  }

  /**
   * Attaches an LSM program to the hook that SEC() or `setAttachTarget` names. BPF has to be among the active security
   * modules, see `probe.bpfLsm()`.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachLsm(): Link {
    return this.link("attachLsm", "bpf_program__attach_lsm", {});
  }

  /**
   * Attaches an iterator program. It runs when the link is read, by `read` or `lines`: see {@link Link}.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   * @throws `Error` of Node's if the cgroup's directory cannot be opened
   */
  attachIter(options: IterOptions = {}): Link {
    const { map, cgroup, ...rest } = options;
    const call = "bpf_program__attach_iter";
    const attach = (more: { readonly cgroup?: number }) =>
      this.link("attachIter", call, { ...rest, ...(map && { map: map.fd }), ...more });
    if (cgroup === undefined) return attach({});
    return withCgroup(cgroup, call, "v1 or v2", (fd) => attach({ cgroup: fd }));
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
    return this.link("attachFreplace", "bpf_program__attach_freplace", {
      target: target.fd,
      function: functionName,
    });
  }

  /**
   * Attaches a perf_event program, which runs at each sample: on every CPU that is online, or, where `pid` is given, on
   * whichever CPU that thread runs. A CPU that is brought online later has no samples until the program is attached again.
   *
   * @returns the links of all CPUs as one
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused; nothing is attached then. Its code is `ENOENT` if the
   * machine has no such event, as a virtual machine has none of the hardware's
   */
  attachPerfEvent(options: PerfEventOptions): PerfLinks {
    // Without a program there is no need to open events, which another error would tell of.
    this.needFd("bpf_program__attach_perf_event_opts");
    const { cookie = 0 } = options;
    return perfLinks(this.session.native, this.name, options, (fd) =>
      this.link("attachPerfEvent", "bpf_program__attach_perf_event_opts", { fd, cookie }),
    );
  }
}
