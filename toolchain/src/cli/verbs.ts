import { FILE_SETTINGS, SETTINGS } from "../config/settings.ts";
import { PLAN_FORMATS } from "../report/plan.ts";
import { type BoundVerb, bind, none } from "./verb.ts";

/** The verbs of bpf-app, in the order in which --help lists them. */
export const VERBS: readonly BoundVerb[] = [
  bind({
    usage: "build [targets..]",
    describe: "build everything, or the named programs",
    options: (parser) =>
      parser
        .positional("targets", {
          type: "string",
          array: true,
          default: [] as string[],
          describe: "names of programs",
        })
        .option("jobs", {
          alias: "j",
          type: "number",
          describe: "how many commands run at once (default: the number of processors)",
        })
        .option("json", { type: "boolean", default: false, describe: "print one JSON object for each event" })
        .option("plan", {
          type: "string",
          describe: `print the steps and their edges as ${PLAN_FORMATS.join(", ")}, and build nothing`,
        })
        .option("explain", { type: "boolean", default: false, describe: "say for each step why it runs" })
        .option("dry-run", {
          alias: "n",
          type: "boolean",
          default: false,
          describe: "say what would run and why, and build nothing",
        })
        .option("timings", {
          type: "boolean",
          default: false,
          describe: "print a table of times, and write a trace for a browser",
        }),
    run: async (call) => (await import("./build-verb.ts")).buildVerb(call),
    text: async (data) => (await import("../report/build.ts")).buildText(data),
  }),
  bind({
    usage: "start [name]",
    describe: "build, and run the executable as root; the app's arguments follow --",
    options: (parser) => parser.positional("name", { type: "string" }),
    run: async (call) => (await import("./start.ts")).start(call),
    status: (status) => status,
  }),
  bind({
    usage: "dev [name]",
    describe: "build the addon, run src/NAME.ts with Node, and do both again after every change",
    options: (parser) =>
      parser
        .positional("name", { type: "string" })
        .option("once", { type: "boolean", default: false, describe: "do it only once" }),
    run: async (call) => (await import("./dev.ts")).dev(call),
    status: (status) => status,
  }),
  bind({
    usage: "clean",
    describe: "remove everything that builds have made in this app",
    options: none,
    run: async ({ root }) => (await import("./clean.ts")).clean(root),
    text: async (files) => (await import("../report/changes.ts")).cleanedText(files),
  }),
  bind({
    usage: "inspect [file]",
    describe: "say what an executable is made of and what it needs, without running it",
    options: (parser) =>
      parser.positional("file", {
        type: "string",
        describe: "an executable, or a program's name; default: all that are built",
      }),
    run: async (call) => (await import("./inspect.ts")).inspect(call),
    text: async (found) => {
      const { inspectText } = await import("../report/inspect.ts");
      const { colours, paintIf } = await import("../report/paint.ts");
      const paint = paintIf(colours());
      const files = "one" in found ? [found.one] : found.all;
      return files.map((one) => inspectText(one, paint)).join("\n");
    },
    json: (found) => ("one" in found ? found.one : found.all),
  }),
  bind({
    usage: "doctor",
    describe: "say what building needs, what is missing, and whether what is built runs here",
    options: none,
    run: async (call) => (await import("./doctor.ts")).doctor(call),
    text: async (diagnosis) => {
      const { doctorText } = await import("../report/doctor.ts");
      const { colours, paintIf } = await import("../report/paint.ts");
      return doctorText(diagnosis, paintIf(colours()));
    },
    json: ({ findings, install, targets }) => ({
      ok: findings.every(({ state }) => state !== "error"),
      findings,
      install: install ?? null,
      targets,
    }),
    status: ({ findings }) => (findings.some(({ state }) => state === "error") ? 1 : 0),
  }),
  bind({
    usage: "cache [verb]",
    describe: "show the files that your apps share, or remove the oldest of them",
    options: (parser) =>
      parser
        .positional("verb", { choices: ["show", "prune"] as const, default: "show" as const })
        .option("max-size", { type: "string", default: "2G", describe: "how much prune leaves" }),
    run: async ({ options }) => (await import("./cache.ts")).cache(options.verb, options["max-size"]),
    text: async (report) => (await import("../report/cache.ts")).cacheText(report),
  }),
  bind({
    usage: "add <template>",
    describe: "add the program of another template to this app",
    options: (parser) => parser.positional("template", { type: "string", demandOption: true }),
    run: async ({ root, options }) => (await import("./add.ts")).add(root, options.template),
    text: async (added) => (await import("../report/changes.ts")).addedText(added),
  }),
  bind({
    usage: "vendor",
    describe: "say where the vendored sources came from",
    options: (parser) =>
      parser.option("submodules", {
        type: "boolean",
        default: false,
        describe: "turn them into git submodules, at the pinned commits",
      }),
    run: async ({ root, options }) => (await import("./vendor.ts")).vendor(root, options.submodules),
    text: async (sources) => (await import("../report/vendored.ts")).vendorText(sources),
  }),
  bind({
    usage: "settings",
    describe: "list the settings that NAME=value and bpf-app.config.ts take",
    options: none,
    run: async () => ({ settings: SETTINGS, file: FILE_SETTINGS }),
    text: async (settings) => (await import("../report/settings.ts")).settingsText(settings),
  }),
];
