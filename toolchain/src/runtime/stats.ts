import { failure } from "./errors.ts";
import { anyNative } from "./native.ts";

/** What the kernel has counted of a program. */
export interface ProgramStats {
  /** How often the program has run, on all CPUs together, while statistics were on. */
  readonly runs: bigint;
  /** How long these runs took together, in nanoseconds. */
  readonly time: bigint;
  /**
   * How often the program was left out because it was running on that CPU already. The kernel counts this always, since
   * Linux 5.12, and only for some types of programs: those of tracing, kprobes and tracepoints among them.
   */
  readonly misses: bigint;
}

/**
 * Has the kernel count how often every program on the machine runs, and for how long, until the object is disposed of:
 * `using _ = enableStats()`. It costs each run some tens of nanoseconds. Others may have turned it on as well, and the
 * kernel counts until the last one is done. Some skeleton has to have been opened before. Needs Linux 5.8; on older ones
 * the setting kernel.bpf_stats_enabled does the same.
 *
 * @throws {@link StateError} before any skeleton has been opened
 * @throws {@link BpfError} with what the kernel refused; it takes CAP_SYS_ADMIN
 */
export function enableStats(): Disposable {
  const native = anyNative("bpf_enable_stats");
  let fd = native.enableStats();
  if (fd < 0) throw failure("bpf_enable_stats", fd, "run time");
  return {
    [Symbol.dispose]() {
      if (fd >= 0) native.closeFd(fd);
      fd = -1;
    },
  };
}
