#!/usr/bin/env node
import { Failure } from "../../toolchain/src/base/failure.ts";
import { listTemplates } from "../../toolchain/src/base/template.ts";
import { parseOptions } from "./options.ts";
import { findPlaces } from "./places.ts";
import { report } from "./report.ts";
import { scaffold } from "./scaffold.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  ignoreClosedPipes();
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

/** A reader that ends early, as in `create-bpf-app --help | head -1`, is not an error. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
}
