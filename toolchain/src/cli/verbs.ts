import yargs from "yargs";
import { Failure } from "../base/failure.ts";
import type { Words } from "../config/words.ts";
import type { CliFailure } from "./failures.ts";

type Assignments = Words["assignments"];

/** Parses what remains of the command line when `NAME=value` words are off it, and runs the verb. */
export async function parseAndRun(args: readonly string[], assignments: Assignments): Promise<number> {
  let run: (() => Promise<number>) | undefined;
  const chosen = (verb: () => Promise<number>) => {
    run = verb;
  };
  const parser = commands(args, chosen, assignments);
  // Help and version are printed by yargs, which then has chosen no verb.
  await parser.parseAsync([...args]);
  return run ? await run() : 0;
}

function commands(
  args: readonly string[],
  chosen: (verb: () => Promise<number>) => void,
  assignments: Assignments,
) {
  const root = process.cwd();
  return yargs()
    .scriptName("bpf-app")
    .usage(
      "$0 <verb> [NAME=value …]\n\nBuilds an eBPF app into one executable. Settings are given as in make: V=1, CLANG=clang-19.",
    )
    .command(
      "build [targets..]",
      "build everything, or the programs named",
      (y) =>
        y
          .positional("targets", {
            type: "string",
            array: true,
            default: [] as string[],
            describe: "programs, by name",
          })
          .option("jobs", {
            alias: "j",
            type: "number",
            describe: "commands at once (default: the processors)",
          })
          .option("json", { type: "boolean", default: false, describe: "one JSON object an event" })
          .option("plan", {
            type: "string",
            describe: "print the steps and their edges as text, json, dot or mermaid; build nothing",
          })
          .option("explain", { type: "boolean", default: false, describe: "say for each step why it runs" })
          .option("dry-run", {
            alias: "n",
            type: "boolean",
            default: false,
            describe: "with --explain: build nothing",
          })
          .option("timings", {
            type: "boolean",
            default: false,
            describe: "a table of times, and a trace for a browser",
          }),
      (argv) =>
        chosen(async () => {
          if (argv.plan !== undefined)
            return (await import("./plan.ts")).printPlan(root, assignments, argv.plan);
          if (argv["dry-run"])
            return (await import("./plan.ts")).printReasons(root, assignments, argv.targets);
          const { targets, jobs, json, explain, timings } = argv;
          if (jobs !== undefined && !(Number.isInteger(jobs) && jobs > 0)) {
            throw new Failure<CliFailure>({
              kind: "usage",
              message: "-j takes a number of commands, 1 or more.",
            });
          }
          await (await import("./build.ts")).build(root, assignments, {
            targets,
            jobs,
            json,
            explain,
            timings,
          });
          return 0;
        }),
    )
    .command(
      "start [name]",
      "build, then run the executable (as root); arguments after --",
      (y) => y.positional("name", { type: "string" }),
      (argv) =>
        chosen(async () => (await import("./start.ts")).start(root, assignments, argv.name, rest(argv))),
    )
    .command(
      "dev [name]",
      "build the addon, then run src/NAME.ts with Node, again after every edit",
      (y) =>
        y
          .positional("name", { type: "string" })
          .option("once", { type: "boolean", default: false, describe: "run once" }),
      (argv) =>
        chosen(async () =>
          (await import("./dev.ts")).dev(root, assignments, argv.name, rest(argv), argv.once),
        ),
    )
    .command("clean", "remove what builds made here", {}, () =>
      chosen(async () => (await import("./clean.ts")).clean(root)),
    )
    .command("doctor", "say what is here, what is missing and how to get it", {}, () =>
      chosen(async () => (await import("./doctor.ts")).doctor(root, assignments)),
    )
    .command(
      "cache [verb]",
      "show what apps of yours share, or prune it",
      (y) =>
        y
          .positional("verb", { choices: ["show", "prune"] as const, default: "show" as const })
          .option("max-size", { type: "string", default: "2G", describe: "prune to this, oldest first" }),
      (argv) => chosen(async () => (await import("./cache.ts")).cache(argv.verb, argv["max-size"])),
    )
    .command(
      "add <template>",
      "put another program into this app",
      (y) => y.positional("template", { type: "string", demandOption: true }),
      (argv) => chosen(async () => (await import("./add.ts")).add(root, argv.template)),
    )
    .command(
      "vendor",
      "say where the vendored sources came from",
      (y) =>
        y.option("submodules", {
          type: "boolean",
          default: false,
          describe: "make git submodules of them, at the pinned commits",
        }),
      (argv) => chosen(async () => (await import("./vendor.ts")).vendor(root, argv.submodules)),
    )
    .command("settings", "list the settings that NAME=value and bpf-app.config.ts take", {}, () =>
      chosen(async () => (await import("./settings.ts")).printSettings()),
    )
    .parserConfiguration({ "populate--": true })
    .demandCommand(1, "")
    .strict()
    .version(version())
    .help()
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      if (error) throw error;
      const unknown = /^Unknown (?:argument|command)s?: (.*)/.exec(message)?.[1];
      if (unknown && args[0] === unknown)
        throw new Failure<CliFailure>({ kind: "unknown-verb", verb: unknown, known: VERBS });
      throw new Failure<CliFailure>({ kind: "usage", message: message || `Which verb? ${VERBS.join(", ")}` });
    });
}

const VERBS = ["build", "start", "dev", "clean", "doctor", "cache", "add", "vendor", "settings"];

declare const BPF_APP_VERSION: string | undefined;

function version(): string {
  return typeof BPF_APP_VERSION === "string" ? BPF_APP_VERSION : "from sources";
}

function rest(argv: { [key: string]: unknown }): string[] {
  return ((argv["--"] as unknown[] | undefined) ?? []).map(String);
}
