#!/usr/bin/env node
import { Failure } from "../../toolchain/src/base/failure.ts";
import { listTemplates } from "../../toolchain/src/base/template.ts";
import { parseOptions } from "./options.ts";
import { findPlaces } from "./places.ts";
import { report } from "./report.ts";
import { scaffold } from "./scaffold.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  watchPipes();
  try {
    const places = findPlaces();
    const parsed = parseOptions(argv, places.version);
    if ("text" in parsed) report.text(parsed.text);
    else if (parsed.options.listTemplates) report.templates(await listTemplates(places.templates));
    else await scaffold(parsed.options, places, abortOnSignals());
    return 0;
  } catch (error) {
    return report.error(error);
  }
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
    const status = report.unwritten(error);
    // The exit status of the work itself, which goes on, is set at its end.
    process.once("exit", () => {
      process.exitCode ||= status;
    });
  });
  // What cannot be written to standard error can be said nowhere.
  process.stderr.on("error", () => {});
}
