import { PROG_TYPES } from "../facts/prog-types.ts";
import { parseSection } from "../facts/sections.ts";
import type { ProgramJob } from "./protocol.ts";

/** The kernel's answer to a type of program that it does not know. */
const EINVAL = -22;

/** What is known of a load that failed. */
export interface FailedLoad {
  readonly program: ProgramJob;
  /** The negative error. */
  readonly error: number;
  /** libbpf's messages. */
  readonly messages: string;
  /** The number of the program's type, and whether the kernel has it (1, 0, or a negative error). */
  readonly type: number;
  readonly probed: () => number;
  /** Whether the verifier has looked at the program. */
  readonly verified: boolean;
}

/** What stands in the way of a load, other than the program's own code. */
export interface Obstacle {
  /** Whose it is: the kernel lacks something, the app does something before load, or it is another program's fault. */
  readonly of: "kernel" | "app" | "program";
  /** Goes after the program's name and a colon. */
  readonly reason: string;
}

/** What is put before a target to find it among the kernel's types, and says nothing to a person. */
const PREFIX = /^(?:btf_trace_|bpf_lsm_|bpf_iter_|bpf_struct_ops_)/;

const PATTERNS: readonly (readonly [RegExp, Obstacle["of"], (match: RegExpExecArray) => string])[] = [
  [
    /failed to find valid kernel BTF|vmlinux BTF is not found|kernel BTF is missing/,
    "kernel",
    () => "this kernel has no BTF",
  ],
  [
    /no BTF-based attach target is specified/,
    "app",
    () => "its section names no target: the app sets it before load",
  ],
  [
    /failed to find kernel BTF type ID of '([^']+)'/,
    "kernel",
    ([, name = ""]) => `this kernel has no ${name.replace(PREFIX, "")} to attach to`,
  ],
  [/([\w.]+) is not found in (?:vmlinux|kernel) BTF/, "kernel", ([, name]) => `this kernel has no ${name}`],
];

/**
 * Why a load failed that says nothing of the program's code: the kernel lacks what it is for, or the app does something
 * before load that nobody else knows.
 * @returns undefined if it is the program's fault, or nobody knows whose
 */
export function environmental(failed: FailedLoad): Obstacle | undefined {
  const { program, messages } = failed;
  const section = parseSection(program.section);
  // libbpf asks for the program that is to be replaced before it hands this one to the kernel.
  if (section?.name === "freplace" && !failed.verified)
    return {
      of: "app",
      reason: "it replaces a function of another program, which the app names before load",
    };
  if (failed.verified) return undefined;
  for (const [pattern, of, words] of PATTERNS) {
    const match = pattern.exec(messages);
    if (match) return { of, reason: words(match) };
  }
  // To a process without privileges a kernel seems to have no type at all.
  if (failed.error === EINVAL && failed.probed() === 0)
    return { of: "kernel", reason: `this kernel has no programs of the type ${typeName(failed.type)}` };
  return undefined;
}

function typeName(number: number): string {
  const found = Object.entries(PROG_TYPES).find(([, value]) => value === number);
  return found?.[0] ?? String(number);
}
