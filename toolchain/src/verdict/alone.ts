import { type BpfError, failure } from "../runtime/errors.ts";
import type { Native } from "../runtime/native.ts";
import { type Load, loadPrograms, onBehalfOf, REFUSALS } from "./load.ts";
import type { ProgramJob, SkeletonJob, Stats } from "./protocol.ts";
import { environmental, type Obstacle } from "./skips.ts";
import { failedPrograms, LOG_STATS, readStats, sectionOf } from "./stats.ts";

/** What became of a program that was loaded alone. */
export type Outcome =
  | { readonly loads: true; readonly stats?: Stats }
  /** It cannot be loaded, and that is no fault of its code. */
  | { readonly loads: false; readonly obstacle: Obstacle; readonly error: BpfError }
  /** The error is a VerifierError where it is the verifier that refused it. */
  | {
      readonly loads: false;
      readonly obstacle?: undefined;
      readonly error: BpfError;
      readonly stats?: Stats;
    };

/**
 * Loads one program of an object and no other, so that one that is refused does not hide the rest, and unloads it again.
 *
 * @throws BpfError if the object cannot even be opened
 */
export function loadAlone(native: Native, job: SkeletonJob, program: ProgramJob): Outcome {
  return onBehalfOf(job, [program], () => {
    const counted = loadPrograms(native, job, [program], { level: LOG_STATS, messages: "debug" });
    const section = sectionOf(program.name, counted.messages);
    const found = section && readStats(section.log);
    const stats = found ? { stats: found } : {};
    // The object may fail as a whole after the program was accepted, for example at the initial values of a map of programs.
    if (counted.error >= 0 || (section && !section.failed)) return { loads: true, ...stats };
    // At that level the verifier does not say where it was when it refused the program.
    const refused = loadPrograms(native, job, [program], REFUSALS);
    if (refused.error >= 0) return { loads: true, ...stats };
    const error = failure("bpf_object__load", refused.error, program.name, refused.messages);
    const obstacle = obstacleOf(native, program, refused);
    return obstacle ? { loads: false, obstacle, error } : { loads: false, error, ...stats };
  });
}

function obstacleOf(
  native: Native,
  program: ProgramJob,
  { error, messages, type }: Load,
): Obstacle | undefined {
  const verified = sectionOf(program.name, messages) !== undefined;
  const probed = () => native.probe("prog", type, 0);
  const found = environmental({ program, error, messages, type, probed, verified });
  if (found) return found;
  const [other] = failedPrograms(messages).filter((name) => name !== program.name);
  if (verified || other === undefined) return undefined;
  return { of: "program", reason: `${other}, which is loaded together with it, was refused` };
}
