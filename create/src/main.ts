#!/usr/bin/env node
import { Failure } from "../../toolchain/src/base/failure.ts";
import { listTemplates } from "../../toolchain/src/base/template.ts";
import { type Answers, defaults } from "./answers.ts";
import { helpText } from "./help.ts";
import { muslNote } from "./musl.ts";
import { type Options, parseOptions, wantsJson } from "./options.ts";
import { findPlaces, type Places } from "./places.ts";
import { makePlan } from "./plan.ts";
import { jsonReport, type Report, reportUnwritten, textReport } from "./report.ts";
import { scaffold } from "./scaffold.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  watchPipes();
  const report = wantsJson(argv) ? jsonReport : textReport;
  try {
    const places = findPlaces();
    const parsed = parseOptions(argv);
    if ("asks" in parsed) report.text(parsed.asks === "help" ? helpText() : places.version);
    else if (parsed.options.listTemplates) report.templates(await listTemplates(places.templates));
    else return await create(parsed.options, places, report);
    return 0;
  } catch (error) {
    return report.error(error);
  }
}

async function create(options: Options, places: Places, report: Report): Promise<number> {
  const signal = abortOnSignals();
  const asks = isAsked(options);
  const answers = asks
    ? await (await import("./questions.ts")).ask(options, places, signal)
    : await defaults(options, places.templates, signal);
  if (!asks && !options.yes) noteDefaults(options, answers, report);
  const musl = muslNote();
  if (musl !== undefined) report.note(musl);
  const plan = await makePlan(answers, options, places, signal);
  if (options.dryRun || asks) report.plan(plan, options.dryRun);
  if (options.dryRun) return 0;
  return report.done(await scaffold(plan, (tasks) => report.tasks(tasks), signal));
}

/** Whether there is somebody to ask. */
function isAsked({ yes, json }: Options): boolean {
  const { CI } = process.env;
  const server = CI !== undefined && !["", "0", "false"].includes(CI);
  return process.stdin.isTTY && process.stdout.isTTY && !yes && !json && !server;
}

function noteDefaults({ dir, template }: Options, answers: Answers, report: Report): void {
  if (dir === undefined) report.note(`No folder was named, so it is ${answers.dir}.`);
  if (template === undefined) report.note(`No template was named, so it is ${answers.template.name}.`);
}

/** The handlers are never removed, so that a second ^C does not end the process while it cleans up. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => controller.abort(new Failure("create", { kind: "interrupted", signal })));
  return controller.signal;
}

/**
 * A reader that ends early, as in `create-bpf-app --help | head -1`, is not an error. Why else standard output cannot be
 * written is said. The app is made all the same in both cases.
 */
function watchPipes(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    const status = reportUnwritten(error);
    // The exit status of the work itself, which goes on, is set at its end.
    process.once("exit", () => {
      process.exitCode ||= status;
    });
  });
  // What cannot be written to standard error can be said nowhere.
  process.stderr.on("error", () => {});
}
