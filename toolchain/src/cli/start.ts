import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Words } from "../config/words.ts";
import { build } from "./build.ts";
import type { CliFailure } from "./failures.ts";
import { type Prepared, prepare } from "./prepare.ts";

type Assignments = Words["assignments"];

/** Builds and runs dist/NAME, through sudo if needed: loading a BPF program takes privileges. */
export async function start(
  root: string,
  assignments: Assignments,
  name: string | undefined,
  args: readonly string[],
): Promise<number> {
  const target = choose(await prepare(root, assignments), "start", name);
  await build(root, assignments, { targets: [target] });
  return await run(root, [join(root, "dist", target), ...args]);
}

/** The target that is named, or the only one. */
export function choose({ config }: Prepared, verb: string, name: string | undefined): string {
  const known = config.targets.map((target) => target.name);
  if (name !== undefined) {
    if (!known.includes(name)) throw new Failure({ kind: "unknown-target", name, known });
    return name;
  }
  if (known.length === 0) throw new Failure<CliFailure>({ kind: "no-target" });
  if (known.length > 1) throw new Failure<CliFailure>({ kind: "which-target", verb, known });
  return known[0] as string;
}

/** How to run a program with the privileges that BPF takes. */
export function privileged(command: readonly string[]): readonly string[] {
  return process.getuid?.() === 0 ? command : ["sudo", ...command];
}

/** Runs a program in the foreground; resolves to its exit status, 128 + n for signal n, as shells have it. */
export function run(root: string, command: readonly string[]): Promise<number> {
  const [program, ...args] = privileged(command);
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, args, { cwd: root, stdio: "inherit" });
    // A terminal sends ^C to the child too; this process then only waits for it to end as it likes.
    const interrupt = () => process.stdin.isTTY || child.kill("SIGINT");
    const terminate = () => child.kill("SIGTERM");
    process.on("SIGINT", interrupt).on("SIGTERM", terminate);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("SIGINT", interrupt).off("SIGTERM", terminate);
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });
}
