import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { readPackageJson } from "../base/package-json.ts";
import { readIfThere, replaceFile } from "../base/replace-file.ts";
import { COMPILE_COMMANDS, compileCommands } from "../plan/compile-commands.ts";
import { reportUnchecked, type Unchecked } from "../report/build.ts";
import { openReport, type Report } from "../report/report.ts";
import { terminal } from "../report/terminal.ts";
import { type RunOptions, runPlan } from "../run/index.ts";
import { ACTIONS } from "./actions.ts";
import { cacheFolder } from "./cache-folder.ts";
import { interruptible } from "./interrupted.ts";
import type { Prepared } from "./prepare.ts";
import { type Wanted, wantedSteps } from "./wanted-steps.ts";

/** The options of a build, as the command line has them. */
export interface BuildOptions extends Wanted {
  /** False if the plan was made without the check of types on purpose. Default: true. */
  readonly check?: boolean;
  /** How many commands run at once. Default: the number of processors. */
  readonly jobs?: number | undefined;
  readonly json?: boolean;
  /** Whether the report goes to standard error, because standard output is for other data. */
  readonly toError?: boolean;
  readonly explain?: boolean;
  readonly timings?: boolean;
}

/**
 * Builds an app: all of it, or the targets that are named. It reports what happens as it happens.
 * Executables appear only if the whole project type-checks, unless the plan leaves that out.
 * @throws Failure of any layer
 */
export async function build(prepared: Prepared, options: BuildOptions): Promise<void> {
  const { config, steps } = prepared;
  const lack = options.check === false || options.upTo ? undefined : await lackOfTypes(prepared);
  writeCompileCommands(prepared);
  const report = await openReport({
    json: options.json ?? false,
    toError: options.toError ?? false,
    verbose: config.values.verbose,
    explain: options.explain ?? false,
    timings: options.timings ?? false,
  });
  try {
    const jobs = options.jobs ?? availableParallelism();
    await interruptible((signal) =>
      runPlan(steps, {
        ...runOptions(prepared, options, AbortSignal.any([signal, terminal.gone])),
        jobs,
        listener: report.listen,
      }),
    );
  } finally {
    const events = await report.close();
    if (options.timings) await writeTrace(config.root, events);
  }
  if (lack) reportUnchecked(lack);
}

/** The options of the engine that are the same whether it builds or only explains. */
export function runOptions(
  prepared: Prepared,
  wanted: Wanted,
  signal: AbortSignal,
): Omit<RunOptions, "jobs" | "listener"> {
  return {
    root: prepared.config.root,
    actions: ACTIONS,
    cache: cacheFolder(),
    signal,
    env: process.env,
    targets: wantedSteps(prepared, wanted),
  };
}

/**
 * What an app lacks whose types cannot be checked. Whoever wants TypeScript gets an error instead: its package is missing
 * by accident.
 * @throws Failure typescript-missing
 */
async function lackOfTypes({ config, host }: Prepared): Promise<Unchecked | undefined> {
  if (config.targets.length === 0) return undefined;
  if (!config.typescript) return "tsconfig.json";
  if (host.typescript) return undefined;
  const { dependencies, devDependencies } = (await readPackageJson(config.root)) ?? {};
  if (dependencies?.typescript ?? devDependencies?.typescript)
    throw new Failure("host", { kind: "typescript-missing" });
  return "typescript";
}

/**
 * Writes compile_commands.json if its text has changed, because editors read the file again whenever it is written. That of
 * a build for this machine stays when another is built for.
 */
function writeCompileCommands({ config: { root }, host, steps }: Prepared): void {
  const file = join(root, COMPILE_COMMANDS);
  if (host.cross && existsSync(file)) return;
  const text = `${JSON.stringify(compileCommands(root, steps), null, 2)}\n`;
  if (readIfThere(file) !== text) replaceFile(file, text);
}

async function writeTrace(root: string, events: Awaited<ReturnType<Report["close"]>>): Promise<void> {
  const { TRACE, timingsTrace } = await import("../report/timings.ts");
  replaceFile(join(root, TRACE), timingsTrace(events));
}
