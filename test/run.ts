// The project's tests, by stage: node test/run.ts [--full] [--since TIME] [STAGE …] [-- OPTION …]. Without a stage all
// of them. Options go to the last stage's last command. `npm test` is the quick run, `npm run test:all` the full one:
//
// |                                          | quick                              | full      |
// |------------------------------------------|------------------------------------|-----------|
// | kernels, besides the machine's own       | oldest and newest                  | eleven    |
// | templates on them                        | eight                              | all       |
// | kills of a build of quick steps          | FAULTS 15                          | 300       |
// | pairs of builds at once                  | PAIRS 10                           | 60        |
// | kills of an app's build                  | KILLS 2                            | 15        |
// | places of the engine's files damaged     | one in STRIDE 15                   | one in 3  |
// | changes to files that a build dies before | one in STRIDE 15                  | one in 3  |
// | mutated inputs, for each reader          | 10,000                             | 200,000   |
// | random structs against clang             | STRUCTS 1,000                      | 10,000    |
// | random types, read and written back      | TYPES 300                          | 5,000     |
// | hostile names of apps                    | one in STRIDE 4                    | 500       |
// | edits while `dev` runs an app under load | 3                                  | 60        |
// | every call of the runtime in every state | none                               | all       |
// | the same with sanitizers                 | none                               | all       |
// | guests that tests boot for themselves    | none                               | all       |
// | templates on kernels of arm64            | none                               | 5 on 2    |
// | builds in other layouts, with other Node | none                               | all       |
// | commands and code of the documentation   | compiled                           | run       |
// | faults of forges, mirrors, registries    | the forge's                        | all       |
// | real repositories as vendored sources    | one app                            | all       |
// | fresh roots, published packages          | none                               | all       |
//
// A variable that is set already stays as it is: FAULTS=1000 STRIDE=1 npm run test:faults is as thorough as one has time
// for. The places and moments are other ones in each run.
//
// With --since, in seconds since 1970, as continuous integration has it, the full run leaves out what a quick run since then
// has done. Of the templates on the kernels between the oldest and the newest it runs half, and on the next day the others.
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./root.ts";
import { runStages } from "./stages/run.ts";
import { node, type Stage, tests } from "./stages/stage.ts";
import { closing } from "./stages/words.ts";

const args = process.argv.slice(2);
const full = flag("--full");
const since = value("--since");

const UNIT = [
  ...[
    "base",
    "cli",
    "config",
    "host",
    "plan",
    "report",
    "run",
    "btf",
    "elf",
    "core-btf",
    "guest",
    "cross",
    "skeleton",
    "verdict",
    "icu",
    "sea",
    "inspect",
    "doctor",
    "create",
    "vendor",
    "runtime",
    "testing",
  ],
  ...["bench", "check", "coverage", "leftovers", "setup", "stages"],
];

/** Tests of real builds that read the kernel's trace pipe, which has one reader, or load programs. */
const LIVE = ["leftovers", "pipeline", "runtime-!(boundary|handover|lives|reloads)"].map(
  (name) => `test/build/${name}.test.ts`,
);
const live = new Set(LIVE.flatMap((glob) => globSync(glob, { cwd: ROOT })));
/** They build more, and load nothing into the kernel. */
const MORE = ["cross", "icu-nodes", "sea-arm64", "sea-places", "sea-race", "sea-secure", "types"].map(
  (name) => `test/build/${name}.test.ts`,
);
/** They run apps in more ways, or call all that there is to call. Some read the trace pipe. */
const RUNS = [
  ...[
    "as-user",
    "check",
    "doctor",
    "elsewhere",
    "forge",
    "itself",
    "nodes",
    "privileges",
    "several",
    "templates",
    "verifier-log",
  ],
  ...["runtime-boundary", "runtime-handover", "runtime-lives", "runtime-reloads"],
].map((name) => `test/build/${name}.test.ts`);
const BUILD = globSync("test/build/*.test.ts", { cwd: ROOT }).filter(
  (file) => !live.has(file) && ![...MORE, ...RUNS].includes(file),
);

/** The templates that the quick run takes to its kernels: one of each way to attach, and both kinds of event maps. */
const QUICK_TEMPLATES = ["bootstrap", "execve", "fentry", "kprobe", "lsm", "minimal", "tc", "usdt"].flatMap(
  (name) => ["--template", name],
);

/**
 * What of the matrix for the other architecture, whose processor is emulated too, the full run has: the templates that differ
 * there the most, on a kernel that lacks trampolines and on the newest. CONTRIBUTING has the command for all.
 */
const FOREIGN = [
  ...["--arch", process.arch === "x64" ? "arm64" : "x64", "--kernel", "6.1", "--kernel", "7.3"],
  ...["bootstrap", "bootstrap_legacy", "fentry", "ksyscall", "usdt"].flatMap((name) => ["--template", name]),
];

/** They boot guests of their own. What the matrix boots is what the quick run has of those. */
const GUESTS = ["check", "doctor", "guest", "old-kernels", "streams", "trial"];

/** Tests that start the commands start the bundles; see test/mains.ts. */
const BUNDLES = { BPF_APP_TEST_BUNDLES: { quick: "1", full: "1" } };

/** It makes as many apps as it has time for: a part of the stage that has more inputs in the full run. */
const HOSTILE_NAMES = "test/create/hostile-names.test.ts";

/** What of a room's tests is of the stage `unit`; other stages have the rest. */
const UNIT_PART: Readonly<Record<string, string>> = {
  leftovers: "leftovers",
  create: "!(hostile-names)",
  vendor: "!(git|submodules)",
};
const UNIT_TESTS = [
  ...UNIT.map((room) => `test/${room}/${UNIT_PART[room] ?? "*"}.test.ts`),
  "test/docs/!(build|compile|from|run).test.ts",
];

const STAGES: Readonly<Record<string, Stage>> = {
  setup: {
    says: "what the tests need of this machine",
    commands: (size) => [node("test/setup/index.ts", ...(size === "full" ? ["--full"] : []))],
    uses: ["cores"],
    sized: true,
  },
  packages: {
    says: "the two packages, bundled",
    commands: () => [node("toolchain/build.mjs"), node("create/build.mjs")],
    needs: ["setup"],
  },
  prefetch: {
    says: "kernels for the guests, downloaded and unpacked",
    commands: (size) => [node("test/kernels/prefetch.ts", ...(size === "quick" ? ["quick"] : []))],
    needs: ["setup", "packages"],
    sized: true,
  },
  check: {
    says: "types and style",
    commands: () => [
      ["tsc", "--noEmit"],
      ["biome", "check", "--error-on-warnings"],
      node("test/check/c-style.ts"),
    ],
    needs: ["packages"],
  },
  unit: {
    says: "units: no compiler, no privileges",
    commands: () => [tests(["test/*.test.ts", ...UNIT_TESTS], 2)],
    counts: args.some((arg) => arg.includes("coverage")) ? {} : BUNDLES,
    needs: ["packages"],
  },
  live: {
    says: "real builds, run on this kernel",
    commands: () => [tests(LIVE, 1)],
    needs: ["packages"],
    uses: ["trace pipe", "BPF objects"],
  },
  build: {
    says: "real builds, looked at",
    commands: () => [tests(BUILD, 1)],
    needs: ["packages"],
  },
  runs: {
    says: "real builds of other layouts, at other places, run by others, with other Nodes, checked and reloaded; every call of the runtime",
    commands: () => [tests(RUNS, 1)],
    needs: ["packages"],
    uses: ["trace pipe", "BPF objects"],
    fullOnly: true,
  },
  builds: {
    says: "real builds that are refused, those for the other architecture, and executables that are attacked",
    commands: () => [tests(MORE, 1)],
    needs: ["packages"],
    fullOnly: true,
  },
  pages: {
    says: "the pages of the documentation that only build",
    commands: () => [tests(["test/docs/build.test.ts"], 1)],
    needs: ["packages"],
    fullOnly: true,
  },
  docs: {
    says: "every command and piece of code of the documentation",
    commands: () => [tests(["test/docs/@(compile|from|run).test.ts"], 1)],
    needs: ["packages"],
    uses: ["trace pipe", "BPF objects"],
    fullOnly: true,
  },
  sanitizers: {
    says: "the addon under AddressSanitizer and UndefinedBehaviorSanitizer",
    commands: () => [tests(["test/sanitizers/*.test.ts"], 1)],
    needs: ["packages"],
    uses: ["BPF objects"],
    fullOnly: true,
  },
  faults: {
    says: "the engine, killed and damaged",
    commands: () => [tests(["test/faults/*.test.ts", "test/leftovers/root.test.ts"], 1)],
    counts: {
      FAULTS: { quick: "15", full: "300" },
      PAIRS: { quick: "10", full: "60" },
      KILLS: { quick: "2", full: "15" },
      STRIDE: { quick: "15", full: "3" },
    },
    needs: ["packages"],
    sized: true,
  },
  origins: {
    says: "vendored sources from real repositories, broken forges, mirrors, disks and registries",
    commands: (size) => [
      tests(
        size === "quick"
          ? ["test/origins/forge.test.ts"]
          : ["test/origins/*.test.ts", "test/vendor/@(git|submodules).test.ts"],
        3,
      ),
    ],
    needs: ["packages", "unit"],
    sized: true,
  },
  fuzz: {
    says: "readers of untrusted bytes, on mutated ones",
    commands: (size) => [
      node("test/fuzz/index.ts", "--count", size === "quick" ? "10000" : "200000"),
      tests(["test/fuzz/*.test.ts", HOSTILE_NAMES], 1),
    ],
    counts: {
      ...BUNDLES,
      STRIDE: { quick: "4", full: "1" },
      STRUCTS: { quick: "1000", full: "10000" },
      TYPES: { quick: "300", full: "5000" },
    },
    needs: ["packages"],
    sized: true,
  },
  kernels: {
    says: "every template's file on this kernel and in guests with others",
    commands: (size) => [
      tests([`test/kernels/${size === "quick" ? `!(${GUESTS.join("|")})` : "*"}.test.ts`], 1),
      node(
        "test/kernels/matrix.ts",
        ...(size === "quick" ? ["--kernel", "quick", ...QUICK_TEMPLATES] : []),
        ...(since === undefined ? [] : ["--since", since, "--half"]),
      ),
      ...(size === "quick" ? [] : [node("test/kernels/matrix.ts", ...FOREIGN)]),
    ],
    needs: ["packages", "prefetch"],
    uses: ["trace pipe", "cores"],
    sized: true,
  },
  fresh: {
    says: "the README's commands in bare Debian roots",
    commands: () => [tests(["test/fresh/*.test.ts"], 1)],
    needs: ["packages"],
    uses: ["cores"],
    fullOnly: true,
  },
  published: {
    says: "the packages, published to a registry and installed from there",
    commands: () => [tests(["test/published/*.test.ts"], 1)],
    needs: ["packages"],
    uses: ["cores"],
    fullOnly: true,
  },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const at = args.findIndex((arg) => arg.startsWith("-"));
  const asked = args.slice(0, at < 0 ? undefined : at);
  const options = at < 0 ? [] : args.slice(args[at] === "--" ? at + 1 : at);
  const unknown = asked.filter((name) => !STAGES[name]);
  if (unknown.length > 0) {
    console.error(`There is no stage ${unknown.join(", ")}. Stages: ${Object.keys(STAGES).join(", ")}`);
    return 2;
  }
  const all = Object.keys(STAGES).filter((name) => full || !STAGES[name]?.fullOnly);
  const done =
    since === undefined ? [] : all.filter((name) => !STAGES[name]?.sized && !STAGES[name]?.fullOnly);
  const names = asked.length > 0 ? asked : all.filter((name) => !done.includes(name));
  if (done.length > 0 && asked.length === 0)
    console.error(`Not run again, as the quick run did all of it: ${done.join(", ")}.`);
  const began = Date.now();
  const size = full ? "full" : "quick";
  // What stages share; see test/build/app.ts.
  const shared = mkdtempSync(join(tmpdir(), "bpf-app-shared-"));
  process.env.BPF_APP_TEST_SHARED = shared;
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupt.abort());
  const results = await runStages(names, { stages: STAGES, size, options, signal: interrupt.signal });
  rmSync(shared, { recursive: true, force: true });
  const again = (name: string) => `${full ? "npm run test:all" : "npm test"} -- ${name}`;
  const missed = names.filter((name) => !results.some((one) => one.name === name));
  if (missed.length > 0) console.error(`\nInterrupted; not run: ${missed.join(", ")}.`);
  const more = full
    ? "That was the full run."
    : "This was the quick run; more kernels, kills and inputs, fresh roots and published packages: npm run test:all";
  console.error(`\n${closing(results, (Date.now() - began) / 1000, again, more)}`);
  return missed.length === 0 && results.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

/** Takes a flag of our own off the front of the arguments, where those of a stage cannot be. */
function flag(name: string): boolean {
  if (args[0] !== name) return false;
  args.shift();
  return true;
}

function value(name: string): string | undefined {
  return flag(name) ? args.shift() : undefined;
}
