import { execFile } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { check } from "../base/json.ts";
import type { Finding } from "../doctor/finding.ts";
import { answersToSwitch } from "../inspect/inspect.ts";
import { wording } from "./errors.ts";

const finding = v.object({
  subject: v.string(),
  state: v.picklist(["ok", "warn", "error"]),
  detail: v.string(),
  why: v.exactOptional(v.string()),
  fix: v.exactOptional(v.string()),
});
const answer = v.object({ findings: v.array(finding) });

/** How long a file may take to verify all of its programs, in milliseconds. */
const PATIENCE = 120_000;

/**
 * Has an executable say what it needs to run here, as `BPF_APP=doctor ./dist/NAME` does on the machine that it is meant for.
 * A file that does not know the question would run its app, so it is looked into first.
 */
export async function askFile(root: string, file: string): Promise<readonly Finding[]> {
  try {
    if (!(await answersToSwitch(join(root, file), file))) return [old(file)];
  } catch (error) {
    const words = error instanceof Failure ? wording(error) : undefined;
    if (!words) throw error;
    const { what, why, next } = words;
    return [
      { subject: file, state: "error", detail: what, ...(why === undefined ? {} : { why }), fix: next },
    ];
  }
  const { stdout, stderr } = await run(root, file);
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    value = undefined;
  }
  const checked = check(answer, value);
  if (!("problem" in checked)) return checked.value.findings;
  const why = stderr.trim() || "It printed something else than its findings.";
  return [{ subject: file, state: "error", detail: "it did not answer", why, fix: `BPF_APP=doctor ${file}` }];
}

function old(file: string): Finding {
  const detail = "it was built by a bpf-app that had not put the answer into it";
  return { subject: file, state: "warn", detail, fix: "npm run build" };
}

function run(root: string, file: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const options = {
    cwd: root,
    env: { ...process.env, BPF_APP: "doctor" },
    timeout: PATIENCE,
    maxBuffer: 16 << 20,
  };
  return new Promise((resolve) => {
    // A status of 1 says that something is wrong, and its findings say what.
    execFile(join(root, file), ["--json"], options, (error, stdout, stderr) =>
      resolve({ stdout, stderr: stderr || (error?.message ?? "") }),
    );
  });
}
