import { VerifierError } from "../runtime/errors.ts";
import type { Native } from "../runtime/native.ts";
import { loadAlone } from "./alone.ts";
import { placeOf } from "./place.ts";
import type { ProgramJob, SkeletonJob, Verdict } from "./protocol.ts";

/**
 * Loads one program of an object alone, and puts what became of it into words.
 *
 * @throws BpfError if the object cannot even be opened
 */
export function tryProgram(native: Native, job: SkeletonJob, program: ProgramJob): Verdict {
  const outcome = loadAlone(native, job, program);
  if (outcome.loads) return { verdict: "accepted", ...(outcome.stats ? { stats: outcome.stats } : {}) };
  if (outcome.obstacle) return { verdict: "skipped", reason: outcome.obstacle.reason };
  const { error, stats } = outcome;
  const hint = error.why === undefined ? {} : { hint: error.why };
  if (!(error instanceof VerifierError) || error.program !== program.name) {
    const next = error.next === undefined ? {} : { hint: [error.why, error.next].filter(Boolean).join("\n") };
    return { verdict: "failed", reason: error.what, ...hint, ...next };
  }
  return {
    verdict: "rejected",
    reason: withCode(error),
    ...placeOf(error, job.name),
    ...hint,
    ...(stats ? { stats } : {}),
  };
}

/** The verifier's words. Where it has none, the error's name is all that is known. */
function withCode({ reason, code }: VerifierError): string {
  return /gives no reason/.test(reason) ? `${reason} (${code})` : reason;
}
