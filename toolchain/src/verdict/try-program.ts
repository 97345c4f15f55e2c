import { parseSection } from "../facts/sections.ts";
import { failure, VerifierError } from "../runtime/errors.ts";
import { Log, type LogLevel } from "../runtime/log.ts";
import type { Native } from "../runtime/native.ts";
import { noteObject } from "../runtime/needs.ts";
import { prepareMaps } from "./maps.ts";
import { placeOf } from "./place.ts";
import type { ProgramJob, SkeletonJob, Verdict } from "./protocol.ts";
import { environmental } from "./skips.ts";
import { failedPrograms, LOG_STATS, readStats, sectionOf } from "./stats.ts";

/** How a load ended. */
interface Load {
  /** 0, or a negative error. */
  readonly error: number;
  /** libbpf's messages. */
  readonly messages: string;
  /** The number of the program's type. */
  readonly type: number;
}

/**
 * Loads one program of an object and no other, so that one that is refused does not hide the rest, and unloads it again.
 * It is not attached. The object is opened anew for each load, because libbpf cannot load it twice.
 */
export function tryProgram(native: Native, job: SkeletonJob, program: ProgramJob): Verdict {
  const forget = noteObject(() => ({ ...job, programs: [program], token: undefined }));
  try {
    const counted = load(native, job, program, { level: LOG_STATS, messages: "debug" });
    const section = sectionOf(program.name, counted.messages);
    const stats = section && readStats(section.log);
    // The object may fail as a whole after the program was accepted, for example at the initial values of a map of programs.
    if (counted.error >= 0 || (section && !section.failed))
      return { verdict: "accepted", ...(stats ? { stats } : {}) };
    // At that level the verifier does not say where it was when it refused the program.
    const refused = load(native, job, program, { level: 0, messages: "info" });
    if (refused.error >= 0) return { verdict: "accepted", ...(stats ? { stats } : {}) };
    return explain(native, job, program, refused, stats);
  } finally {
    forget();
  }
}

function load(
  native: Native,
  job: SkeletonJob,
  program: ProgramJob,
  { level, messages }: { readonly level: number; readonly messages: LogLevel },
): Load {
  const log = new Log(native, { logLevel: messages });
  const { result: object, text } = log.during(() => native.open(job.name, {}));
  if (typeof object === "number") throw failure("bpf_object__open", object, job.name, text);
  try {
    const index = native.progIndex(object, program.name);
    const info = native.progInfo(object, index);
    const structOps = parseSection(program.section)?.name === "struct_ops";
    prepareMaps(native, object, job, { structOps });
    for (const { name } of job.programs)
      native.progSet(object, native.progIndex(object, name), "autoload", name === program.name);
    native.progSet(object, index, "logLevel", level);
    const loaded = log.during(() => native.load(object));
    return { error: loaded.result, messages: loaded.text, type: typeof info === "number" ? 0 : info.type };
  } finally {
    native.destroy(object);
  }
}

function explain(
  native: Native,
  job: SkeletonJob,
  program: ProgramJob,
  { error, messages, type }: Load,
  stats: ReturnType<typeof readStats>,
): Verdict {
  const verified = sectionOf(program.name, messages) !== undefined;
  const probed = () => native.probe("prog", type, 0);
  const skipped = environmental({ program, error, messages, type, probed, verified });
  if (skipped) return { verdict: "skipped", reason: skipped };
  const [other] = failedPrograms(messages).filter((name) => name !== program.name);
  if (!verified && other !== undefined)
    return { verdict: "skipped", reason: `${other}, which is loaded together with it, was refused` };
  const said = failure("bpf_object__load", error, program.name, messages);
  const hint = said.why === undefined ? {} : { hint: said.why };
  if (!(said instanceof VerifierError) || said.program !== program.name) {
    const next = said.next === undefined ? {} : { hint: [said.why, said.next].filter(Boolean).join("\n") };
    return { verdict: "failed", reason: said.what, ...hint, ...next };
  }
  return {
    verdict: "rejected",
    reason: withCode(said),
    ...placeOf(said, job.name),
    ...hint,
    ...(stats ? { stats } : {}),
  };
}

/** The verifier's words. Where it has none, the error's name is all that is known. */
function withCode({ reason, code }: VerifierError): string {
  return /gives no reason/.test(reason) ? `${reason} (${code})` : reason;
}
