import { FILE_SETTINGS, SETTINGS } from "../config/settings.ts";
import { SHELLS } from "../report/completion.ts";
import { PLAN_FORMATS } from "../report/plan.ts";
import { type BoundVerb, bind, none } from "./verb.ts";

const NAME = { type: "string", describe: "the program; needed if the app has several" } as const;

const APP_ARGUMENTS =
  "Options and settings of bpf-app stand before the name. What follows it goes to the app as it is. Without a name that begins at the first word that is none of bpf-app's, or behind --: `start -- -h` shows the app's help.";

const COMPLETION =
  "It completes verbs, options, programs, templates and settings, behind `bpf-app` and behind `npx bpf-app`, and asks the bpf-app of the app for them: the one in node_modules/.bin here or in a folder above, else the one in PATH.";

/** The programs that a verb works on. */
const TARGETS = {
  type: "string",
  array: true,
  default: [] as string[],
  describe: "names of programs",
} as const;

/** The verbs of bpf-app, in the order in which --help lists them. */
export const VERBS: readonly BoundVerb[] = [
  bind({
    usage: "build [targets..]",
    describe: "build everything, or the named programs",
    examples: [
      ["npx bpf-app build", "builds what has changed"],
      ["npx bpf-app build minimal V=1", "builds dist/minimal, and prints every command"],
      ["npx bpf-app build -n --explain", "says what would run, and why"],
    ],
    completes: ["targets", "settings"],
    options: (parser) =>
      parser
        .positional("targets", TARGETS)
        .option("jobs", {
          alias: "j",
          type: "number",
          describe: "how many commands run at once (default: the number of processors)",
        })
        .option("json", { type: "boolean", default: false, describe: "print one JSON object for each event" })
        .option("check", {
          type: "boolean",
          default: true,
          describe: "refuse to make executables of what does not type-check; --no-check leaves that out",
        })
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
    usage: "check [targets..]",
    describe: "check types, C, and what the kernel's verifier makes of every program; nothing is attached",
    examples: [
      ["npx bpf-app check", "checks every program on this machine's kernel"],
      ["npx bpf-app check minimal --kernels 5.10,6.12", "checks those of minimal on two others, in guests"],
    ],
    completes: ["targets", "settings"],
    options: (parser) =>
      parser
        .positional("targets", TARGETS)
        .option("kernels", {
          type: "string",
          requiresArg: true,
          describe: "check on these kernels in guests instead of on this one: 5.10,6.12, or all",
        })
        .option("json", { type: "boolean", default: false, describe: "print one JSON object" })
        .option("jobs", {
          alias: "j",
          type: "number",
          describe: "how many commands, and how many guests, run at once",
        }),
    run: async (call) => (await import("./check.ts")).check(call),
    text: async (report) => (await import("../report/check.ts")).checkText(report),
    status: (report) => (report.refused ? 1 : 0),
  }),
  bind({
    usage: "start [name]",
    describe: "build, and run the executable as root",
    examples: [
      ["npx bpf-app start --duration 1", "runs the app's only program with --duration 1"],
      ["npx bpf-app start V=1 minimal -h", "prints the build's commands, and runs dist/minimal -h"],
    ],
    notes: APP_ARGUMENTS,
    completes: ["targets", "settings"],
    runsApp: true,
    options: (parser) => parser.positional("name", NAME),
    run: async (call) => (await import("./start.ts")).start(call),
    status: (status) => status,
  }),
  bind({
    usage: "dev [name]",
    describe:
      "build the addon, run src/NAME.ts with Node, and do both again after every change, with the maps kept",
    examples: [
      ["npx bpf-app dev", "runs the app's only program, and builds and runs it again after every change"],
      ["npx bpf-app dev --once minimal --duration 1", "runs src/minimal.ts once, with --duration 1"],
    ],
    notes: APP_ARGUMENTS,
    completes: ["targets", "settings"],
    runsApp: true,
    options: (parser) =>
      parser
        .positional("name", NAME)
        .option("once", { type: "boolean", default: false, describe: "do it only once" }),
    run: async (call) => (await import("./dev.ts")).dev(call),
    status: (status) => status,
  }),
  bind({
    usage: "clean",
    describe: "remove everything that builds have made in this app",
    examples: [["npx bpf-app clean", "removes .output, dist/NAME and compile_commands.json"]],
    notes:
      "Executables of programs that are gone are removed as well. Other files in dist stay, and so does the cache that your apps share.",
    options: none,
    run: async ({ root }) => (await import("./clean.ts")).clean(root),
    text: async (files) => (await import("../report/changes.ts")).cleanedText(files),
    json: (removed) => ({ removed }),
  }),
  bind({
    usage: "inspect [file]",
    describe: "say what an executable is made of and what it needs, without running it",
    examples: [
      ["npx bpf-app inspect", "tells of every executable that is built"],
      ["npx bpf-app inspect minimal --licenses", "prints the licences of everything in dist/minimal"],
    ],
    completes: ["targets"],
    anywhere: true,
    options: (parser) =>
      parser
        .positional("file", {
          type: "string",
          describe: "an executable, or a program's name; default: all that are built",
        })
        .option("licenses", {
          type: "boolean",
          default: false,
          describe: "print the licences of all that is in it",
        })
        .option("sbom", {
          type: "boolean",
          default: false,
          describe: "print its bill of materials (CycloneDX 1.6, JSON)",
        }),
    run: async (call) => (await import("./inspect.ts")).inspect(call),
    text: async (found) => (await import("../report/inspected.ts")).inspectedText(found),
    json: (found) => {
      if ("sbom" in found) return found.sbom;
      const asked = "licences" in found ? found.licences : found.inspected;
      return "one" in asked ? asked.one : asked.all;
    },
  }),
  bind({
    usage: "verify <file>",
    describe: "build a program again and say whether an executable of it is the same, byte for byte",
    examples: [
      ["npx bpf-app verify minimal", "compares dist/minimal with what its sources give"],
      ["npx bpf-app verify ~/Downloads/minimal", "compares that file; ends with 1 if it differs"],
    ],
    notes:
      "It is run in the app's sources as they were when the file was made, with the packages of the lock file (npm ci). dist stays as it is.",
    completes: ["targets", "settings"],
    options: (parser) =>
      parser.positional("file", {
        type: "string",
        demandOption: true,
        describe: "an executable, or a program's name",
      }),
    run: async (call) => (await import("./verify.ts")).verify(call),
    text: async (verified) => {
      const { verifyText } = await import("../report/verify.ts");
      const { colours, paintIf } = await import("../report/paint.ts");
      return verifyText(verified, paintIf(colours()));
    },
    json: (verified) => verified,
    status: ({ equal }) => (equal ? 0 : 1),
  }),
  bind({
    usage: "doctor",
    describe: "say what building needs, what is missing, and whether what is built runs here",
    examples: [["npx bpf-app doctor", "ends with 1 if something is missing"]],
    completes: ["settings"],
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
    examples: [
      ["npx bpf-app cache", "shows what is in it"],
      ["npx bpf-app cache prune --max-size 500M", "removes what was used longest ago, down to this size"],
    ],
    anywhere: true,
    options: (parser) =>
      parser
        .positional("verb", {
          choices: ["show", "prune"] as const,
          default: "show" as const,
          describe: "what to do",
        })
        .option("max-size", {
          type: "string",
          requiresArg: true,
          default: "2G",
          describe: "how much prune leaves",
        }),
    run: async ({ options }) => (await import("./cache.ts")).cache(options.verb, options["max-size"]),
    text: async (report) => (await import("../report/cache.ts")).cacheText(report),
    json: (report) => report ?? null,
  }),
  bind({
    usage: "add [template]",
    describe: "add the program of another template to this app, or list the templates",
    examples: [
      ["npx bpf-app add", "lists the templates"],
      ["npx bpf-app add tc", "adds src/tc.bpf.c and its user side"],
    ],
    completes: ["templates"],
    options: (parser) =>
      parser.positional("template", { type: "string", describe: "the name of a template" }),
    run: async ({ root, options }) => (await import("./add.ts")).add(root, options.template),
    text: async (report) => (await import("../report/changes.ts")).addText(report),
    json: (report) =>
      "templates" in report ? { templates: report.templates.map(({ folder: _, ...said }) => said) } : report,
  }),
  bind({
    usage: "vendor",
    describe: "say where the vendored sources came from",
    examples: [
      ["npx bpf-app vendor", "lists libbpf, bpftool, libelf and zlib with their origins"],
      ["npx bpf-app vendor --submodules", "makes git submodules of them"],
    ],
    options: (parser) =>
      parser.option("submodules", {
        type: "boolean",
        default: false,
        describe: "turn them into git submodules, at the pinned commits",
      }),
    run: async ({ root, options }) => (await import("./vendor.ts")).vendor(root, options.submodules),
    text: async (sources) => (await import("../report/vendored.ts")).vendorText(sources),
    json: (report) => ("provenance" in report ? report.provenance : report),
  }),
  bind({
    usage: "settings",
    describe: "list the settings that NAME=value and bpf-app.config.ts take",
    examples: [["npx bpf-app settings", "lists them with their defaults"]],
    anywhere: true,
    options: none,
    run: async () => ({ settings: SETTINGS, file: FILE_SETTINGS }),
    text: async (settings) => (await import("../report/settings.ts")).settingsText(settings),
    json: (settings) => settings,
  }),
  bind({
    usage: "completion <shell>",
    describe: "print the script by which a shell completes command lines of bpf-app",
    examples: [
      ['eval "$(npx bpf-app completion bash)"', "for this shell; ~/.bashrc makes it last"],
      ["npx bpf-app completion fish > ~/.config/fish/completions/bpf-app.fish", "for fish, from now on"],
    ],
    notes: COMPLETION,
    anywhere: true,
    options: (parser) =>
      parser.positional("shell", { choices: SHELLS, demandOption: true, describe: "which shell" }),
    run: async ({ options }) => options.shell,
    text: async (shell) => (await import("../report/completion.ts")).completionScript(shell),
  }),
];
