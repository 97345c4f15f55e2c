import { existsSync } from "node:fs";
import { onBpfFs } from "./bpf-fs.ts";
import { CAUSES, type Cause, VERIFIER_HINTS } from "./causes.ts";
import { withoutKernelBtf } from "./kernel-btf.ts";
import { permission, secrets, tokenRefused } from "./permission.ts";

/** What a person reads of an error: whole sentences, each of one line or more. */
export interface Advice {
  /** What failed: the call, what it was about, and the system's code. */
  readonly what: string;
  /** Why it failed; undefined where the cause is not known. */
  readonly why: string | undefined;
  /** What to do next; undefined where there is nothing better to say than the cause. */
  readonly next: string | undefined;
}

/** What is known of a failed call. */
export interface Failed {
  /** The function that failed, mostly one of libbpf's. */
  readonly call: string;
  /** The system's error, as a negative number; 0 if no system call failed. */
  readonly errno: number;
  /** The error's name: `EPERM`. */
  readonly code: string;
  /** The program, map or path that the call was about. */
  readonly subject: string;
  /** What libbpf logged meanwhile. */
  readonly log: string;
  /** Why the verifier refused a program, if that is what happened. */
  readonly rejection?: string;
  /** The whole wording, where whoever raises the error knows it already. */
  readonly words?: {
    readonly what: string;
    readonly why?: string | undefined;
    readonly next?: string | undefined;
  };
}

/** With this number the addon says that the libbpf it was built with is too old: -100000 - (major * 100 + minor). */
const NEEDS_LIBBPF = -100_000;

const WHOLE_LOG =
  "BPF_APP_LOG=verifier in the environment shows the whole log; in code it is the error's verifierLog.";

const SUMMARY: Readonly<Record<string, string>> = {
  bpf_object__open: "cannot open the skeleton",
  bpf_object__load: "cannot load",
};

/** Puts a failed call into words. All errors that libbpf and the kernel raise get theirs here. */
export function advise(failed: Failed): Advice {
  const { words, rejection, subject, code, call } = failed;
  if (words) return { what: words.what, why: words.why, next: words.next };
  if (rejection !== undefined) {
    const denied = /prohibited|leaks addr/.test(rejection) ? secrets() : undefined;
    return {
      what: `the kernel's verifier rejected ${subject}: ${rejection}\n`,
      why: denied?.why ?? verifierHint(rejection),
      next: denied?.next ?? WHOLE_LOG,
    };
  }
  if (failed.errno <= NEEDS_LIBBPF) {
    const version = NEEDS_LIBBPF - failed.errno;
    return {
      what: `${subject}: ${call} needs libbpf ${Math.floor(version / 100)}.${version % 100} or newer`,
      why: undefined,
      next: "Move vendor/libbpf to a newer tag and build again.",
    };
  }
  const summary = SUMMARY[call] ?? `${call} failed for`;
  const cause = reasons(failed);
  const said = firstWarning(failed.log);
  return {
    what: `${summary} ${subject}: ${code}${said ? ` (${said})` : ""}`,
    why: cause?.why,
    next: cause?.next,
  };
}

function reasons(failed: Failed): Cause | undefined {
  const { code, call, log } = failed;
  if (/failed to find valid kernel BTF|vmlinux BTF is not found|kernel BTF is missing/.test(log))
    return withoutKernelBtf(failed.subject);
  if (
    /failed to (?:find|resolve).*(?:BTF (?:type )?ID|kernel function|tracepoint)|is not found in vmlinux BTF/.test(
      log,
    )
  )
    return CAUSES["no-such-hook"];
  if (pinnedElsewhere(failed)) return CAUSES["no-bpf-fs"];
  const refused = /create BPF token/.test(log) ? tokenRefused(code) : undefined;
  if (refused) return refused;
  // Where libbpf attaches by the section's name, only its log says what kind of hook it is.
  const hook = `${call} ${log}`;
  if (code === "EPERM" || code === "EACCES")
    return /attach.*kprobe/s.test(hook) && noKprobes() ? CAUSES["no-kprobes"] : permission(failed);
  if (code === "ENOENT" && /attach.*(?:tracepoint|usdt|kprobe|uprobe|ksyscall)/s.test(hook))
    return nothingThere(hook);
  if (code === "EBADF") return CAUSES.closed;
  if (code === "ENOENT" && call === "bpf_tc_attach") return CAUSES["no-cls-bpf"];
  if (code === "ENOENT" && call === "bpf_tc_hook_create") return CAUSES["no-sch-ingress"];
  if (code === "ENOMEM" || (code === "E2BIG" && call.includes("map"))) return CAUSES["no-memory"];
  if (code === "EINVAL" && /map.*(?:create|failed)/.test(log)) return CAUSES["no-such-map"];
  if (/shared libraries without specific PID/.test(log)) return CAUSES["shared-library"];
  if (code === "ENOTSUPP" || code === "EOPNOTSUPP" || code === "ENOSYS") return CAUSES["no-support"];
  return undefined;
}

/**
 * Whether something was to be pinned where no BPF file system is. Libbpf looks before it pins and says so, if the folder
 * is there; otherwise it fails to make it. Maps are pinned without it: the kernel answers with ENOENT in the empty folder
 * that sysfs has for the file system, and with EPERM in any other.
 */
function pinnedElsewhere({ call, code, subject, log }: Failed): boolean {
  if (/is not on BPF FS/.test(log)) return true;
  const said =
    call === "bpf_map__pin" ? / at (\/.*)$/s.exec(subject) : /failed to mkdir (\/.*): \S+$/m.exec(log);
  return ["ENOENT", "EPERM"].includes(code) && said !== null && !onBpfFs(said[1]!);
}

function noKprobes(): boolean {
  return !existsSync("/sys/bus/event_source/devices/kprobe");
}

function nothingThere(hook: string): Cause {
  const tracefs = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].find((at) =>
    existsSync(`${at}/events`),
  );
  const kprobe = /kprobe|kretprobe|ksyscall/.test(hook);
  if (kprobe && noKprobes()) return CAUSES["no-kprobes"];
  if (tracefs === undefined) return CAUSES["no-tracefs"];
  if (kprobe) return CAUSES["no-such-function"];
  return /tracepoint/.test(hook) ? CAUSES["no-such-tracepoint"] : CAUSES["no-such-symbol"];
}

/** The first thing that libbpf said: it is the cause, and what follows is what came of it. */
function firstWarning(log: string): string | undefined {
  const lines = log.split("\n").filter((line) => line.startsWith("libbpf: "));
  const line = lines.find(
    (text) => !/LOG --|Retrying|RLIMIT_MEMLOCK|failed to load (?:object|BPF skeleton)/.test(text),
  );
  return line?.slice("libbpf: ".length).trim();
}

function verifierHint(rejection: string): string | undefined {
  return VERIFIER_HINTS.find(([pattern]) => pattern.test(rejection))?.[1];
}
