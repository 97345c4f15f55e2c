// The program that loads an app's programs and says what the kernel's verifier makes of each:
// node check-runner.cjs JOB.json
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BpfError } from "../runtime/errors.ts";
import { loadNative } from "../runtime/native.ts";
import type { Answer, Job, ProgramJob, SkeletonJob, Verdict } from "./protocol.ts";
import { tryProgram } from "./try-program.ts";

const job = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Job;
// The runtime shows lines of sources that it finds below the working directory.
process.chdir(job.root);
answer({ type: "kernel", release: release() });
for (const skeleton of job.skeletons)
  for (const program of skeleton.programs)
    answer({
      type: "program",
      result: { skeleton: skeleton.name, ...program, ...verdictOf(skeleton, program) },
    });
answer({ type: "end" });

function verdictOf(skeleton: SkeletonJob, program: ProgramJob): Verdict {
  const url = pathToFileURL(join(job.root, ".output", "x")).href;
  try {
    return tryProgram(loadNative(skeleton.name, url), { ...skeleton, url }, program);
  } catch (error) {
    if (error instanceof BpfError) return { verdict: "failed", reason: error.message };
    throw error;
  }
}

function answer(line: Answer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
