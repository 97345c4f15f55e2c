import { relative } from "node:path";
import type { App } from "../doctor/app.ts";
import { CAPABILITIES } from "../doctor/capabilities.ts";
import { examineMachine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { machineAt } from "../doctor/machine.ts";
import { inspectFile } from "../inspect/inspect.ts";
import { isSecure } from "../runtime/secure.ts";
import { type Tried, tryPrograms } from "./try.ts";

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
  const { objects, about, btf } = await inspectFile(process.execPath);
  const app: App = { file: ownFile(), objects, btf, adapts: about.adapts };
  const found = examineMachine(app, machineAt());
  if (isSecure()) return [...found, untried(app.file)];
  const lacking = found.some(({ subject, state }) => subject === CAPABILITIES && state === "error");
  return [
    ...found,
    ...tryPrograms(app, lacking).map((one) => (lacking && one.denied ? brief(one) : one.finding)),
  ];
}

/** What is refused for want of a capability was explained, with all that the app takes, where capabilities are looked at. */
function brief({ finding: { subject, state, detail } }: Tried): Finding {
  return { subject, state, detail, why: "It was refused for want of what is said of capabilities above." };
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
