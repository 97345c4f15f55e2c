import { closeSync, existsSync, openSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "../base/failure.ts";
import { argText, type Step } from "../plan/step.ts";
import { stepEnvironment } from "./environment.ts";
import type { Action } from "./events.ts";
import type { Jobserver } from "./jobserver.ts";
import { childWasKilled, outOfMemoryKills } from "./memory.ts";
import type { Children, Ending } from "./spawn.ts";
import type { Stage } from "./stage.ts";
import { asRunFailure } from "./system.ts";

/** What is needed to run a step's command, in addition to the step. */
export interface Surroundings {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly actions: Readonly<Record<string, Action>>;
  readonly children: Children;
  readonly signal: AbortSignal;
  /** Where the children of a step with `jobserver` get their job slots. */
  readonly jobserver: Jobserver;
}

/**
 * Runs the command of a step in its stage, and resolves to what the command printed.
 * @throws Failure unknown-action, step-failed, step-killed, no-space, permission, read-only, system-error,
 * tool-vanished; and what an action throws
 */
export async function runCommand(step: Step, stage: Stage, around: Surroundings): Promise<string> {
  const place = (path: string) => stage.place(path);
  const argv = [...step.argv.map((arg) => argText(arg, place)), ...(step.coloring ?? [])];
  if (argv[0] === "bpf-app") return runAction(step, argv.slice(1), stage, around);
  return runProgram(step, argv, stage, around);
}

async function runAction(step: Step, argv: string[], stage: Stage, around: Surroundings): Promise<string> {
  const [verb = "", ...args] = argv;
  const action = around.actions[verb];
  if (!action) throw new Failure("run", { kind: "unknown-action", step, action: verb });
  const notes: string[] = [];
  const note = (line: string) => notes.push(`${line}\n`);
  const text = await action(args, { root: around.root, signal: around.signal, note });
  if (step.stdout !== undefined) writeFileSync(stage.resolve(step.stdout), text ?? "");
  return notes.join("");
}

async function runProgram(step: Step, argv: string[], stage: Stage, around: Surroundings): Promise<string> {
  const [name = "", ...args] = argv;
  const path = step.tools.find((tool) => tool.name === name)?.path ?? name;
  const file = path.includes("/") ? resolve(around.root, path) : path;
  const jobserver = step.jobserver ? around.jobserver.enter() : undefined;
  const messages = openSync(stage.messages, "a");
  const stdout = step.stdout === undefined ? messages : openSync(stage.resolve(step.stdout), "w");
  const kills = outOfMemoryKills();
  try {
    const ending = await around.children.run({
      file,
      name,
      args,
      cwd: around.root,
      env: { ...stepEnvironment(step, around.env), ...jobserver?.env },
      fds: [stdout, messages, ...(jobserver?.fds ?? [])],
    });
    const text = readFileSync(stage.messages, "utf8");
    if (ending.code === 0) return text;
    throw failed(step, stage, ending, text, outOfMemoryKills() > kills);
  } catch (error) {
    throw notStarted(error, step, file, name, around.env);
  } finally {
    jobserver?.left();
    closeSync(messages);
    if (stdout !== messages) closeSync(stdout);
  }
}

/** The failure of a command that did not succeed: the disk was full, a signal ended it, or its work went wrong. */
function failed(step: Step, stage: Stage, ending: Ending, text: string, kernelKilled: boolean): unknown {
  const plain = stripVTControlCharacters(text);
  const disk = diskTrouble(stage, plain, step);
  if (disk) return disk;
  const signal = ending.signal ?? (childWasKilled(ending.code ?? 1, plain) ? "SIGKILL" : undefined);
  const memory = kernelKilled && signal === "SIGKILL";
  if (signal) return new Failure("run", { kind: "step-killed", step, signal, memory, text });
  return new Failure("run", { kind: "step-failed", step, code: ending.code ?? 1, text });
}

/**
 * A tool that cannot write says so in words of its own, and often removes what it wrote. So the disk itself is checked
 * as well: whether it is full, and whether this process can write to the stage.
 */
function diskTrouble(stage: Stage, text: string, step: Step): unknown {
  const folder = dirname(stage.messages);
  if (/No space left on device|Disk quota exceeded/.test(text) || statfsSync(folder).bavail === 0) {
    return new Failure("run", { kind: "no-space", step, path: folder });
  }
  try {
    writeFileSync(`${stage.messages}.probe`, "probe");
    return undefined;
  } catch (error) {
    return asRunFailure(error, folder, step);
  }
}

function notStarted(error: unknown, step: Step, file: string, name: string, env: NodeJS.ProcessEnv): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!syscall?.startsWith("spawn")) return error;
  if (code === "ENOENT" && !isThere(file, env)) {
    return new Failure("run", { kind: "tool-vanished", step, tool: name }, { cause: error });
  }
  return asRunFailure(Object.assign(new Error("spawn"), { code, path: file }), file, step);
}

function isThere(file: string, env: NodeJS.ProcessEnv): boolean {
  if (file.includes("/")) return existsSync(file);
  return (env.PATH ?? "").split(":").some((folder) => existsSync(resolve(folder, file)));
}
