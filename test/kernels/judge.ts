import type { Declared } from "../../toolchain/src/base/template.ts";
import { compareVersions } from "../../toolchain/src/guest/choose.ts";
import { splats } from "../../toolchain/src/guest/kernel-log.ts";
import type { CellRun, Outcome } from "../../toolchain/src/guest/protocol.ts";
import type { TemplateCheck } from "./check.ts";

/** What became of a template on a kernel. */
export interface CellResult {
  readonly template: string;
  readonly kernel: string;
  readonly result: "pass" | "declared" | "fail";
  /** For a declared cell, the reason why; for a failed one, what was seen. */
  readonly reason?: string;
}

/** A reason why a template is to fail on a kernel, and what it is to say then. */
export interface Expected {
  readonly reason: string;
  /** An expression that the error has to match. If it is left out, any error without a stack trace will do. */
  readonly error?: string;
}

/** What a template.json says of where it runs. */
export interface Claims {
  readonly kernel: string;
  readonly declared: readonly Declared[];
}

/** The reason why a template is to fail on a kernel with these lacks, if there is one. */
export function expectedFailure(
  claims: Claims,
  version: string,
  lacks: ReadonlySet<string>,
): Expected | undefined {
  for (const declared of claims.declared) {
    const holds = declared.kernel === undefined || inRange(version, declared.kernel);
    if (holds && (declared.when === undefined || lacks.has(declared.when))) return declared;
  }
  if (compareVersions(version, claims.kernel) < 0) return { reason: `needs Linux ${claims.kernel}` };
  return undefined;
}

/** Whether a version fulfils every comparison of a range such as `>=6.19 <7.2`. */
export function inRange(version: string, range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((part) => {
      const match = /^(<=|>=|<|>|=)?(\d+\.\d+)$/.exec(part);
      if (match === null) throw new Error(`"${range}" is not a range of kernel versions such as "<5.15"`);
      const order = compareVersions(version, match[2]!);
      const holds = { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0, "=": order === 0 };
      return holds[(match[1] ?? "=") as keyof typeof holds];
    });
}

const WHAT: Readonly<Record<Outcome, string>> = {
  ok: "all was seen",
  "setup-failed": "the set-up commands failed",
  "trigger-failed": "the trigger's commands failed",
  "cleanup-failed": "the clean-up commands failed",
  exited: "it ended by itself",
  "not-ready": "it did not say that it is ready",
  "not-seen": "the awaited output was not seen",
  "not-ended": "it did not end",
  "not-stopped": "it did not end after the signal",
  "guest-lost": "the guest died while it ran",
};

/** Judges a run: a reason if it is not what it should be. */
export function judge(
  run: CellRun | undefined,
  check: TemplateCheck,
  expected: Expected | undefined,
): string | undefined {
  if (run === undefined) return "the guest died before it ran";
  const { faults } = splats(run.log);
  if (faults.length > 0) return `the kernel's log says: ${faults[0]}`;
  if (run.taint !== 0) return `the kernel is tainted (0x${run.taint.toString(16)})`;
  const left = run.left.trim();
  if (left !== "") return `left behind: ${left.replaceAll("\n", "; ")}`;
  return expected ? judgeFailure(run, expected) : judgeSuccess(run, check);
}

function judgeSuccess(run: CellRun, check: TemplateCheck): string | undefined {
  if (run.outcome !== "ok") return `${WHAT[run.outcome]} (${ending(run)})${lastWords(run)}`;
  if (run.exit !== 0) return `${ending(run)}${lastWords(run)}`;
  return check.judge?.(run);
}

/** A clear error: an exit code, and a message that is not a stack trace. */
function judgeFailure(run: CellRun, expected: Expected): string | undefined {
  if (run.outcome === "ok" && run.exit === 0) return `works, though declared not to: ${expected.reason}`;
  if (run.outcome !== "exited" && run.outcome !== "ok") return `${WHAT[run.outcome]}${lastWords(run)}`;
  if (run.exit === undefined) return `${ending(run)} instead of an error${lastWords(run)}`;
  const message = run.stderr.trim();
  if (message === "") return `${ending(run)} without a message`;
  if (/^\s+at .*[:(]\d+:\d+/m.test(message)) return `a stack trace instead of a message${lastWords(run)}`;
  if (expected.error !== undefined && !new RegExp(expected.error).test(message)) {
    return `the message does not match /${expected.error}/${lastWords(run)}`;
  }
  return undefined;
}

function ending(run: CellRun): string {
  if (run.signal !== undefined) return `ended by signal ${run.signal}`;
  return run.exit === undefined ? "not ended" : `exit code ${run.exit}`;
}

function lastWords(run: CellRun): string {
  const tail = (name: string, text: string) => (text.trim() ? `\n${name}: ${text.trim().slice(-1500)}` : "");
  return tail("stderr", run.stderr) + tail("stdout", run.stdout) + tail("shell", run.shell);
}
