import type { Link } from "../link.ts";
import { AttachBase } from "./base.ts";
import type {
  AttachMode,
  Cookie,
  KprobeOptions,
  MultiOptions,
  UprobeMultiOptions,
  UprobeOptions,
  UsdtOptions,
} from "./options.ts";

/** In the order of `enum probe_attach_mode`. */
const MODES: readonly AttachMode[] = ["default", "legacy", "perf", "link"];

/** The ways to attach a program to a place in the code of the kernel or of a binary. */
export abstract class ProbeMethods extends AttachBase {
  /**
   * Attaches a kprobe program to a function of the kernel.
   *
   * @param functionName - its name as in /proc/kallsyms
   * @throws {@link BpfError} with what libbpf or the kernel refused; its code is `ENOENT` if there is no such function
   */
  attachKprobe(functionName: string, options: KprobeOptions = {}): Link {
    return this.link("attachKprobe", "bpf_program__attach_kprobe_opts", {
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
    return this.link("attachKprobeMulti", "bpf_program__attach_kprobe_multi_opts", { ...options, ...what });
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
    return this.link("attachKsyscall", "bpf_program__attach_ksyscall", { ...options, syscall });
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
    return this.link("attachUprobe", "bpf_program__attach_uprobe_opts", call, target);
  }

  /**
   * Attaches a uprobe program to many places in a binary by one link. Needs Linux 6.6.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachUprobeMulti(options: UprobeMultiOptions): Link {
    return this.link("attachUprobeMulti", "bpf_program__attach_uprobe_multi", { ...options });
  }

  /**
   * Attaches a usdt program to a statically defined probe of a binary.
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachUsdt(options: UsdtOptions): Link {
    const target = `${options.binary}:${options.provider}:${options.name}`;
    return this.link("attachUsdt", "bpf_program__attach_usdt", { ...options }, target);
  }
}

function mode(name: AttachMode = "default"): number {
  return MODES.indexOf(name);
}
