import type { Stats } from "./protocol.ts";

/** The log level at which the verifier writes its counts and nothing else: BPF_LOG_STATS, since Linux 5.2. */
export const LOG_STATS = 4;

const PROCESSED =
  /^processed (\d+) insns \(limit \d+\)(?: max_states_per_insn \d+)?(?: total_states (\d+))?(?: peak_states (\d+))?/m;
const STACK = /^stack depth (\d+(?:\+\d+)*)/m;

/**
 * Reads the counts at the end of a verifier's log. All kernels write the first two numbers; what comes after them differs.
 * @returns undefined if the log has none
 */
export function readStats(log: string): Stats | undefined {
  const [found, insns, total, peak] = PROCESSED.exec(log) ?? [];
  if (found === undefined) return undefined;
  const stack = STACK.exec(log)?.[1]?.split("+").map(Number);
  return {
    insns: Number(insns),
    ...(total === undefined ? {} : { totalStates: Number(total) }),
    ...(peak === undefined ? {} : { peakStates: Number(peak) }),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** What libbpf's messages say of one program: the verifier's log, and whether its load failed. */
export interface Section {
  readonly log: string;
  readonly failed: boolean;
}

/** Finds the last log of a program among libbpf's messages; undefined if the verifier has not seen it. */
export function sectionOf(program: string, messages: string): Section | undefined {
  const begin = `prog '${program}': -- BEGIN PROG LOAD LOG --\n`;
  const at = messages.lastIndexOf(begin);
  if (at < 0) return undefined;
  const end = messages.indexOf("-- END PROG LOAD LOG --", at);
  const log = messages.slice(at + begin.length, end < 0 ? undefined : end);
  return { log, failed: messages.includes(`prog '${program}': BPF program load failed`) };
}

/** The programs whose load failed, by libbpf's messages. */
export function failedPrograms(messages: string): string[] {
  return [...messages.matchAll(/prog '([^']+)': BPF program load failed/g)].map(([, name = ""]) => name);
}
