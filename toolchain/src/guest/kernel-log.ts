/**
 * What a kernel log says: what nobody may overlook and, kept apart from it, what only says that the emulation is
 * slow.
 */
export interface Splats {
  /** First lines of warnings, oopses, panics and the like. */
  readonly faults: readonly string[];
  /** Stalls and lost time: expected now and then when one core emulates another. */
  readonly slow: readonly string[];
}

const SLOW = [
  /rcu: INFO: rcu_\w+ (self-)?detected/,
  /rcu: INFO: rcu_\w+ detected .*stall/,
  /BUG: (soft lockup|workqueue lockup)/,
  /watchdog: /i,
  /INFO: task .* blocked for more than/,
  /hrtimer: interrupt took/,
  /clocksource: .*(unstable|skew)/,
  /sched: RT throttling/,
  /INFO: NMI handler .* took too long/,
];

const FAULTS = [
  /\bWARNING: /,
  /\bBUG: /,
  /\bOops\b/,
  /general protection fault/,
  /Unable to handle kernel/,
  /kernel BUG at /,
  /Kernel panic/,
  /UBSAN: /,
  /INFO: possible (circular|recursive)/,
  /stack-protector: /,
  /refcount_t: /,
  /invalid opcode: /,
];

/** Scans a kernel log, from dmesg or a console. */
export function splats(log: string): Splats {
  const lines = log.split(/\r?\n/).map((line) => line.replace(/^(<\d+>)?\[[^\]]*\]\s*/, ""));
  const slow = lines.filter((line) => SLOW.some((re) => re.test(line)));
  const faults = lines.filter((line) => FAULTS.some((re) => re.test(line)) && !slow.includes(line));
  return { faults, slow };
}
