import { readFileSync } from "node:fs";
import { release } from "node:os";
import type { Capability, Needed } from "../facts/capabilities.ts";
import { kernelVersion } from "../facts/kernel-version.ts";
import { inUserNamespace, missing, needs, remedy, token } from "./needs.ts";
import { refusedByFilter } from "./seccomp.ts";

/** What is known of a call that was refused for want of a privilege. */
export interface Denied {
  readonly call: string;
  readonly code: string;
  readonly log: string;
}

/** What single calls take that an object does not tell: by libbpf's name for the call, or what is in it. */
const CALLS: readonly (readonly [RegExp, Capability, string])[] = [
  [/get_fd_by_id/, "CAP_SYS_ADMIN", "opens maps and programs by their id"],
  [/xdp|tc_|tcx|netkit|netfilter|cgroup|netns/, "CAP_NET_ADMIN", "changes what the network does"],
  [/AF_PACKET/, "CAP_NET_RAW", "opens packet sockets"],
  [/perf_buffer|perf ring/, "CAP_IPC_LOCK", "locks more memory for rings than kernel.perf_event_mlock_kb"],
  [/bpf_enable_stats/, "CAP_SYS_ADMIN", "turns on the statistics of programs"],
  [/pin/, "CAP_DAC_OVERRIDE", "writes to a BPF file system that is another user's"],
  [/perf_event|attach_(?:kprobe|uprobe|usdt|tracepoint|trace|lsm|iter)/, "CAP_PERFMON", "traces the kernel"],
];

/** Finds out why a call was refused with EPERM or EACCES, and what to do about it. */
export function permission(denied: Denied): { why: string; next: string } {
  if (inUserNamespace()) return namespace();
  const known = needs();
  const lacking = missing(known);
  if (lacking.length > 0) return lack(known, lacking);
  const special = CALLS.find(([call]) => call.test(denied.call));
  if (special) {
    const [, capability, reason] = special;
    const all = needs({ capability, reasons: [reason] });
    const one = missing(all);
    if (one.length > 0) return lack(all, one);
  }
  return forbidden(denied);
}

/**
 * What the verifier keeps from programs of a process without CAP_PERFMON, from whose results addresses could be told;
 * undefined if the process has it.
 */
export function secrets(): { why: string; next: string } | undefined {
  const needed = needs({ capability: "CAP_PERFMON", reasons: ["lets programs calculate with addresses"] });
  const lacking = missing(needed);
  return lacking.length > 0 ? lack(needed, lacking) : undefined;
}

/** The words for capabilities that a process lacks. */
export function lack(needed: readonly Needed[], lacking: readonly Needed[]): { why: string; next: string } {
  const names = lacking.map(({ capability }) => capability);
  const reasons = lacking.map(({ capability, reasons }) => `${capability} ${reasons.join(", and ")}`);
  return {
    why: `This process does not have ${enumerate(names)}: ${reasons.join("; ")}.`,
    next: remedy(needed),
  };
}

const DELEGATED =
  "the commands, maps, programs and ways to attach that the app uses (delegate_cmds, delegate_maps, delegate_attachs, and delegate_progs, with socket_filter, which libbpf tries first)";

/**
 * A BPF token counts in a user namespace only, and there it is the one thing that does.
 *
 * @param path where the token is taken from, or an empty text
 * @param tokens whether this kernel has tokens
 */
export function namespace(path = token(), tokens = tokensExist()): { why: string; next: string } {
  if (path !== "") {
    return {
      why: `This process is in a user namespace, and the BPF token of ${path} does not allow this call, or the process has no capability for it in the namespace.`,
      next: `Have ${DELEGATED} delegated to the BPF file system at ${path}. Perf events, and so kprobes, uprobes and tracepoints, take more than a token: use fentry, tp_btf or raw_tp.`,
    };
  }
  const why =
    "This process is in a user namespace (a rootless container, or unshare), where its capabilities do not count for BPF.";
  return tokens
    ? {
        why,
        next: `A BPF token would do: have a BPF file system mounted in the namespace to which root delegates ${DELEGATED}, and name it with open({ tokenPath }). Or run it outside of the namespace.`,
      }
    : { why, next: "Run it outside of the namespace. BPF tokens, which would do, came with Linux 6.9." };
}

function tokensExist(): boolean {
  const [major, minor] = kernelVersion(release());
  return major > 6 || (major === 6 && minor >= 9);
}

/**
 * What the kernel means when it makes no BPF token of a BPF file system (bpf_token_create of kernel/bpf/token.c).
 *
 * @returns undefined for an error that needs no explanation
 */
export function tokenRefused(code: string): { why: string; next: string } | undefined {
  if (code === "EOPNOTSUPP") {
    return {
      why: "BPF tokens are for user namespaces, and this file system was mounted in none.",
      next: "Leave tokenPath away outside of a user namespace.",
    };
  }
  if (code === "EINVAL" || code === "ENOENT") {
    return {
      why: "At tokenPath is no BPF file system to which something is delegated.",
      next: `Have one mounted there with ${DELEGATED}.`,
    };
  }
  return undefined;
}

/** Why a call is refused to a process that lacks nothing. */
export const FORBIDDEN = {
  lockdown: (mode: string) => ({
    why: `The kernel is locked down (${mode}).`,
    next: "Confidentiality mode forbids reading kernel memory; boot without lockdown= or Secure Boot.",
  }),
  filter: (call: string) => ({
    why: `A seccomp filter refuses the system call ${call}: that of a container, or of whatever else started this process. Capabilities do not help against it.`,
    next: "Start it without the filter (--security-opt seccomp=unconfined of Docker and Podman), or with one that allows bpf and perf_event_open.",
  }),
  attachment: {
    why: "All capabilities are there: the kernel itself does not allow this kind of attachment.",
    next: "Ask the kernel for this very thing (probe.fentry(name), probe.kprobe(name), probe.bpfLsm()), or let choose() take a kprobe or tracepoint instead.",
  },
  other: {
    why: "All capabilities are there: a security module or the kernel's configuration forbids it.",
    next: "Look at dmesg, and at the log of SELinux or AppArmor.",
  },
};

/** Nothing is missing, so it is the kernel's configuration. */
function forbidden({ call }: Denied): { why: string; next: string } {
  const refused = refusedByFilter(/perf|attach_(?:kprobe|uprobe|usdt|tracepoint|ksyscall)/.test(call));
  if (refused) return FORBIDDEN.filter(refused);
  const lockdown = read("/sys/kernel/security/lockdown");
  const mode = /\[(integrity|confidentiality)\]/.exec(lockdown ?? "")?.[1];
  if (mode) return FORBIDDEN.lockdown(mode);
  return /trace|lsm|freplace|load/i.test(call) ? FORBIDDEN.attachment : FORBIDDEN.other;
}

/** `A`, `A and B`, `A, B and C`. */
function enumerate(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
