import { relative } from "node:path";
import type { App } from "../doctor/app.ts";
import { CAPABILITIES } from "../doctor/capabilities.ts";
import { examineMachine, PREDICTIONS } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { machineAt } from "../doctor/machine.ts";
import { SYSTEM_CALLS } from "../doctor/seccomp.ts";
import { readApp } from "../inspect/inspect.ts";
import { isSecure } from "../runtime/secure.ts";
import { callsApart } from "./calls.ts";
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
  const { objects, about, btf } = await readApp(process.execPath);
  const app: App = { file: ownFile(), path: process.execPath, objects, btf, adapts: about.adapts };
  const secure = isSecure();
  const here = machineAt();
  const machine = secure ? here : { ...here, calls: callsApart(app, here) };
  const found = examineMachine(app, machine);
  if (secure) return [...found, untried(app.file)];
  if (machine.calls === "killed") return [...found, deadly()];
  const barred = found.some(
    ({ subject, state }) => state === "error" && [CAPABILITIES, SYSTEM_CALLS].includes(subject),
  );
  const tried = tryPrograms({ app, machine, barred });
  const findings = tried.map((one) => (barred && one.became === "denied" ? brief(one) : one.finding));
  return [...found.map((one) => compared(one, tried)), ...findings];
}

/** What is refused for want of a privilege was explained, with all that the app takes, where that is looked at. */
function brief({ finding: { subject, state, detail } }: Tried): Finding {
  return {
    subject,
    state,
    detail,
    why: "It was refused for what is said above of capabilities or system calls.",
  };
}

/** What was read off the machine may be wrong about it, for example of a kernel to which newer things were added. */
function compared(one: Finding, tried: readonly Tried[]): Finding {
  const loads = tried.length > 0 && tried.every(({ became }) => became === "loaded");
  if (one.state !== "error" || !PREDICTIONS.includes(one.subject) || !loads) return one;
  return { ...one, state: "warn", why: `${one.why ?? ""} Every program loads here all the same.`.trim() };
}

/** A filter of system calls would end this process in the middle of what it prints. */
function deadly(): Finding {
  return {
    subject: "programs",
    state: "error",
    detail: "not tried: whoever calls bpf(2) here is killed, as is said above of system calls",
  };
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
