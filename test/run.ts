// The project's tests, by stage: node test/run.ts [STAGE …] [-- OPTION …]. Without a stage all of them, after setting
// up what they need. A stage that fails does not keep the others from running; the exit status counts them all.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Stage {
  readonly says: string;
  /** Commands, run one after another. */
  readonly commands: readonly (readonly string[])[];
}

const UNIT = [
  "config",
  "host",
  "plan",
  "report",
  "run",
  "btf",
  "elf",
  "skeleton",
  "sea",
  "create",
  "vendor",
  "runtime",
];

const STAGES: Readonly<Record<string, Stage>> = {
  setup: { says: "what the tests need of this machine", commands: [node("test/setup/index.ts")] },
  packages: {
    says: "the two packages, bundled",
    commands: [node("toolchain/build.mjs"), node("create/build.mjs")],
  },
  check: {
    says: "types and style",
    commands: [
      ["tsc", "--noEmit"],
      ["biome", "check", "--error-on-warnings"],
    ],
  },
  unit: {
    says: "units: no compiler, no privileges",
    commands: [tests(["test/*.test.ts", ...UNIT.map((room) => `test/${room}/*.test.ts`)])],
  },
  fuzz: { says: "readers of untrusted bytes, on mutated ones", commands: [node("test/fuzz/index.ts")] },
  faults: { says: "the engine, killed and damaged", commands: [tests(["test/faults/*.test.ts"])] },
  build: { says: "real builds, run on this kernel", commands: [tests(["test/build/*.test.ts"])] },
  kernels: {
    says: "the built files in guests with other kernels",
    commands: [tests(["test/kernels/*.test.ts"]), node("test/kernels/matrix.ts")],
  },
};

const [names, options] = split(process.argv.slice(2));
const wanted = names.length > 0 ? names : Object.keys(STAGES);
const failed = wanted.filter((name) => !runStage(name, name === wanted.at(-1) ? options : []));
if (failed.length > 0) console.error(`\nFailed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function runStage(name: string, given: readonly string[]): boolean {
  const stage = STAGES[name];
  if (!stage) {
    console.error(`There is no stage ${name}. Stages: ${Object.keys(STAGES).join(", ")}`);
    return false;
  }
  console.error(`\n── ${name}: ${stage.says}`);
  const began = Date.now();
  // Options are for the command that the last stage is about, its last; what else it has would not know them.
  const commands = given.length > 0 ? stage.commands.slice(-1) : stage.commands;
  const ok = commands.every((command) => {
    // With options, standard output is that command's alone: --json prints JSON.
    const output = options.length > 0 && given.length === 0 ? 2 : "inherit";
    const { status } = spawnSync(command[0] as string, [...command.slice(1), ...given], {
      cwd: root,
      stdio: ["inherit", output, "inherit"],
    });
    return status === 0;
  });
  console.error(`── ${name}: ${ok ? "ok" : "FAILED"}, ${Math.round((Date.now() - began) / 1000)} s`);
  return ok;
}

function node(file: string): string[] {
  return [process.execPath, file];
}

/** One run of Node's test runner; a glob that matches nothing is an error, not a silent pass. */
function tests(globs: readonly string[]): string[] {
  const files = globs.flatMap((glob) => {
    const found = globSync(glob, { cwd: root }).sort();
    if (found.length === 0) throw new Error(`no test is named ${glob}`);
    return found;
  });
  // One file at a time: the kernel's trace pipe has one reader, and figures of time-outs assume a free processor.
  return [process.execPath, "--test", "--test-reporter=spec", "--test-concurrency=1", ...files];
}

function split(args: readonly string[]): [string[], string[]] {
  const at = args.findIndex((arg) => arg.startsWith("-"));
  const options = at < 0 ? [] : args.slice(args[at] === "--" ? at + 1 : at);
  return [args.slice(0, at < 0 ? undefined : at), options];
}
