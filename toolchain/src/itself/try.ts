import type { App } from "../doctor/app.ts";
import type { Finding } from "../doctor/finding.ts";
import type { Machine } from "../doctor/machine.ts";
import { absentTarget } from "../doctor/targets.ts";
import { parseSection } from "../facts/sections.ts";
import type { ObjectReport, ProgramReport } from "../inspect/object.ts";
import { AddonError } from "../runtime/addon.ts";
import { BpfError, failure, VerifierError } from "../runtime/errors.ts";
import { loadNative, type Native } from "../runtime/native.ts";
import { loadAlone, type Outcome } from "../verdict/alone.ts";
import { loadPrograms, onBehalfOf, REFUSALS } from "../verdict/load.ts";
import type { SkeletonJob } from "../verdict/protocol.ts";

/** What the kernel said about a program, or about a whole object. */
export interface Tried {
  readonly finding: Finding;
  /** `denied`: it was refused because of who asks, or of what the kernel allows, and not for what a program does. */
  readonly became: "loaded" | "denied" | "refused" | "not tried";
}

/** What is to be tried, and what is known before. */
interface Trial {
  readonly app: App;
  readonly machine: Machine;
  /** Whether it is known already that this process may not load. */
  readonly barred: boolean;
}

/**
 * Has the kernel verify and load every program, and frees them again. Nothing is attached or pinned, so that nothing of the
 * running system sees it.
 */
export function tryPrograms(trial: Trial): Tried[] {
  return trial.app.objects.flatMap((object) => {
    try {
      // An executable has one addon, whatever module asks for it.
      return tryObject(trial, object, loadNative(object.name, "file:///"));
    } catch (error) {
      if (!(error instanceof BpfError || error instanceof AddonError)) throw error;
      return [refused(`object ${object.name}`, error, "error")];
    }
  });
}

function tryObject(trial: Trial, object: ObjectReport, native: Native): Tried[] {
  const { programs } = object;
  const job = jobOf(object);
  const loadable = programs.filter((program) => !lacksTarget(program));
  const usual = loadable.filter(({ optional }) => !optional);
  // An app loads them together. That is tried first, as it is one load for all where all is well.
  const error = usual.length === 0 ? undefined : loadTogether(native, job, usual);
  // Asking for each program would say the same again.
  if (error && trial.barred && isDenied(error)) return [refused(`object ${object.name}`, error, "error")];
  const alone = loadable.filter(({ optional }) => optional || error !== undefined);
  const outcomes = new Map(alone.map((program) => [program, loadAlone(native, job, program)]));
  const found = programs.map((program) =>
    lacksTarget(program) ? notTried(program) : finding(trial, program, outcomes.get(program)),
  );
  // Each loads alone, and together they do not.
  if (error && [...outcomes.values()].every(({ loads }) => loads))
    return [...found, refused(`object ${object.name}`, error, trial.app.adapts ? "warn" : "error")];
  return found;
}

/** An object as the one that loads programs is told of it. */
function jobOf({ name, programs, maps, helpers, subtracts }: ObjectReport): SkeletonJob {
  const structOps = maps.filter(({ type }) => type === "struct_ops").map((map) => map.name);
  return {
    name,
    programs,
    maps: maps.filter(({ type }) => type !== "struct_ops").map((map) => ({ ...map, typed: true })),
    structOps,
    helpers,
    subtracts,
  };
}

/** Loads these programs of the object; returns why the kernel does not. */
function loadTogether(
  native: Native,
  job: SkeletonJob,
  wanted: readonly ProgramReport[],
): BpfError | undefined {
  return onBehalfOf(job, wanted, () => {
    const { error, messages } = loadPrograms(native, job, wanted, REFUSALS);
    // The programs were loaded, and libbpf failed to put one that was left out into a map of programs.
    if (error >= 0 || /failed to initialize slot/.test(messages)) return undefined;
    return failure("bpf_object__load", error, job.name, messages);
  });
}

function finding({ app, machine }: Trial, program: ProgramReport, outcome: Outcome | undefined): Tried {
  const subject = `program ${program.name}`;
  const bad = program.optional || app.adapts ? "warn" : "error";
  if (outcome === undefined || outcome.loads) {
    const absent = absentTarget(program.section, machine);
    if (absent === undefined) return well(subject, `loads (${program.section})`, "loaded");
    const detail = `loads, but ${absent.what} is not there to attach it to (${program.section})`;
    return { finding: { subject, state: bad, detail, fix: absent.fix }, became: "loaded" };
  }
  const { obstacle, error } = outcome;
  if (obstacle === undefined) return refused(subject, error, bad);
  if (obstacle.of === "app") return notTried(program);
  const { why, next: fix } = error;
  const own = obstacle.of === "kernel" ? { ...(why && { why }), ...(fix && { fix }) } : {};
  return { finding: { subject, state: bad, detail: obstacle.reason, ...own }, became: "refused" };
}

/** Whether the app has to say what a program is attached to before it can be loaded. */
function lacksTarget({ section, type }: ProgramReport): boolean {
  const parsed = parseSection(section);
  return type === "ext" || (parsed?.target === "" && (parsed.way === "trace" || parsed.way === "iter"));
}

function notTried({ name, section }: ProgramReport): Tried {
  const detail = `not tried: what it is attached to is said by the app when it starts (${section})`;
  return well(`program ${name}`, detail, "not tried");
}

function well(subject: string, detail: string, became: Tried["became"]): Tried {
  return { finding: { subject, state: "ok", detail }, became };
}

/** Whether it was refused because of who asks, or of what the kernel allows, and not for what a program does. */
function isDenied(error: BpfError): boolean {
  return !(error instanceof VerifierError) && (error.code === "EPERM" || error.code === "EACCES");
}

function refused(subject: string, error: BpfError | AddonError, state: "warn" | "error"): Tried {
  if (error instanceof AddonError)
    return { finding: { subject, state, ...addonWords(error) }, became: "refused" };
  if (error instanceof VerifierError) {
    const why = [error.reason, error.frame, error.why].filter(Boolean).join("\n");
    return {
      finding: { subject, state, detail: "the kernel's verifier rejects it", why },
      became: "refused",
    };
  }
  const { what: detail, why, next: fix } = error;
  return {
    finding: { subject, state, detail, ...(why && { why }), ...(fix && { fix }) },
    became: isDenied(error) ? "denied" : "refused",
  };
}

/** Its first line says what failed, those that are indented which places were tried, and others what to do. */
function addonWords({ message }: AddonError): Omit<Finding, "subject" | "state"> {
  const [detail = "", ...more] = message.split("\n");
  const why = more.filter((line) => line.startsWith(" ")).join("\n");
  const fix = more.filter((line) => line !== "" && !line.startsWith(" ")).join("\n");
  return { detail, ...(why && { why }), ...(fix && { fix }) };
}
