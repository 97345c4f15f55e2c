import { relative } from "node:path";
import type { App } from "../doctor/app.ts";
import { examineMachine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { machineAt } from "../doctor/machine.ts";
import { inspectFile } from "../inspect/inspect.ts";
import { isSecure } from "./secure.ts";
import { tryPrograms } from "./try.ts";

/** The path of this executable, as its user would name it. */
export function ownFile(): string {
  const path = relative(process.cwd(), process.execPath);
  return path.startsWith("../") ? process.execPath : path;
}

/**
 * Looks at this machine for this executable's app, and has the kernel verify its programs.
 * @throws Failure of the layer inspect
 */
export async function doctorItself(): Promise<Finding[]> {
  const { objects, about } = await inspectFile(process.execPath);
  const app: App = { file: ownFile(), objects, adapts: about.adapts };
  return [...examineMachine(app, machineAt()), ...(isSecure() ? [untried(app.file)] : tryPrograms(app))];
}

/**
 * A file with capabilities is there for everybody who may run it, to do what its app does. A variable of the environment must
 * not make it do other things with its privileges, such as loading programs at the moment that somebody else chooses. So it
 * only reads and prints.
 */
function untried(file: string): Finding {
  return {
    subject: "programs",
    state: "warn",
    detail: "not tried: this file has privileges that you do not have",
    why: "A variable of the environment does not make a file load programs that has capabilities of its own, or is setuid.",
    fix: `sudo env BPF_APP=doctor ${file}`,
  };
}
