import { type ParseArgsConfig, parseArgs } from "node:util";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { nearest } from "../../toolchain/src/base/nearest.ts";
import { ORIGIN_NAMES, type OriginName } from "../../vendor/origin-names.ts";
import { MANAGER_NAMES, type ManagerName } from "./managers.ts";

/** The options of the command line. What was not given is undefined, and is asked for or has a default. */
export interface Options {
  readonly dir: string | undefined;
  readonly template: string | undefined;
  /** Takes the defaults and asks nothing. */
  readonly yes: boolean;
  /** Allows a folder with files, none of which is overwritten. */
  readonly force: boolean;
  /** The origins that may be asked for the vendored sources. */
  readonly vendor: readonly OriginName[] | undefined;
  readonly git: boolean | undefined;
  readonly install: boolean | undefined;
  readonly manager: ManagerName | undefined;
  readonly toolchain: string | undefined;
  readonly listTemplates: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** The path of another list of pins, for tests. */
  readonly pins: string | undefined;
}

/** The options, or what --help and --version ask for. */
export type Parsed = { readonly options: Options } | { readonly asks: "help" | "version" };

/** One option of the command line, as --help shows it and as it is parsed. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in --help. An option without one is switched on, or off by --no-NAME. */
  readonly value?: string;
  /** Whether --no-NAME means something else than leaving the option out. */
  readonly negatable?: boolean;
  readonly says: string;
  readonly hidden?: boolean;
}

/** Every option, in the order of --help. */
export const FLAGS: readonly Flag[] = [
  {
    name: "template",
    short: "t",
    value: "NAME",
    says: "The template to start from [default: minimal]",
  },
  { name: "yes", short: "y", says: "Take the defaults, and ask nothing" },
  {
    name: "force",
    says: "Add to a folder that has files. None of them is overwritten",
  },
  { name: "install", negatable: true, says: "Install the packages [default: yes]" },
  {
    name: "git",
    negatable: true,
    says: "Make a git repository with a first commit, or commit to the one that the folder is [default: unless the folder is inside another]",
  },
  {
    name: "vendor",
    value: "ORIGINS",
    says: `Where libbpf, bpftool, libelf and zlib may come from: some of ${ORIGIN_NAMES.join(",")}. auto stands for all, in this order [default: auto]`,
  },
  {
    name: "pm",
    value: "NAME",
    says: `The package manager: ${MANAGER_NAMES.join(", ")} [default: the one that has started this program]`,
  },
  {
    name: "toolchain",
    value: "SPEC",
    says: "The bpf-app package on which the app depends: a version, a .tgz or a folder",
  },
  { name: "list-templates", says: "Show the templates, and make nothing" },
  { name: "dry-run", says: "Show what would be written and run, and do none of it" },
  {
    name: "json",
    says: "Print one JSON object and nothing else: what was made, or the plan, the templates or the error. Asks nothing",
  },
  { name: "version", says: "Print the version" },
  { name: "help", short: "h", says: "Print this text" },
  { name: "pins", value: "FILE", says: "", hidden: true },
];

/** A boolean takes no value, so that it cannot take the folder's name for one. */
const CONFIG = {
  options: Object.fromEntries(
    FLAGS.map(({ name, short, value }) => [
      name,
      { type: value ? ("string" as const) : ("boolean" as const), ...(short ? { short } : {}) },
    ]),
  ),
  allowPositionals: true,
  allowNegative: true,
  strict: false,
  tokens: true,
} satisfies ParseArgsConfig;

/**
 * Parses the command line.
 * @throws Failure usage
 */
export function parseOptions(argv: readonly string[]): Parsed {
  const given = new Map<string, string | boolean>();
  const folders: string[] = [];
  for (const token of parseArgs({ ...CONFIG, args: withoutSeparators(argv) }).tokens) {
    if (token.kind === "positional") folders.push(token.value);
    if (token.kind === "option") take(token.name, token.rawName, token.value, given);
  }
  if (given.has("help")) return { asks: "help" };
  if (given.has("version")) return { asks: "version" };
  const [dir, second] = folders;
  if (second !== undefined)
    throw usage(`Two folders were named: ${dir} and ${second}.`, "Put quotes round a name that has blanks.");
  if (dir === "") throw usage("The folder's name is empty.");
  const text = (name: string) => given.get(name) as string | undefined;
  const on = (name: string) => given.get(name) as boolean | undefined;
  return {
    options: {
      dir,
      template: text("template"),
      yes: on("yes") ?? false,
      force: on("force") ?? false,
      vendor: originNames(text("vendor")),
      git: on("git"),
      install: on("install"),
      manager: managerName(text("pm")),
      toolchain: text("toolchain"),
      listTemplates: on("list-templates") ?? false,
      dryRun: on("dry-run") ?? false,
      json: on("json") ?? false,
      pins: text("pins"),
    },
  };
}

/** Whether the output is to be JSON, for a command line with which something else is wrong. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.includes("--json");
}

/**
 * pnpm passes on the `--` of `pnpm create bpf-app my-tool -- --template x`, which npm does not. No option takes `--`.
 */
function withoutSeparators(argv: readonly string[]): string[] {
  return argv.filter((word) => word !== "--");
}

/** Checks one option as it was typed, and adds it to those that were given. */
function take(
  name: string,
  typed: string,
  value: string | undefined,
  given: Map<string, string | boolean>,
): void {
  const negative = typed.startsWith("--no-") && !FLAGS.some((flag) => `--${flag.name}` === typed);
  const flag = FLAGS.find((one) => one.name === (negative ? typed.slice("--no-".length) : name));
  if (!flag || (negative && !flag.negatable)) throw unknown(typed);
  if (given.has(flag.name) && (flag.value !== undefined || given.get(flag.name) !== !negative))
    throw usage(`--${flag.name} was given twice.`);
  if (flag.value === undefined) {
    if (value !== undefined)
      throw usage(
        `${typed} takes no value, but got "${value}".`,
        flag.negatable && `Say --${flag.name} or --no-${flag.name}.`,
      );
    given.set(flag.name, !negative);
  } else {
    if (!value || /^-./.test(value)) throw usage(`${typed} needs a value: ${typed} ${flag.value}`);
    given.set(flag.name, value);
  }
}

function unknown(typed: string): Failure<"create"> {
  const known = FLAGS.filter((flag) => !flag.hidden).flatMap(({ name, short, negatable }) => [
    `--${name}`,
    ...(negatable ? [`--no-${name}`] : []),
    ...(short ? [`-${short}`] : []),
  ]);
  // What follows an `=` is a value. A word with one dash can be a folder, or an option that was typed with a dash too few.
  const word = typed.replace(/=.*/s, "");
  const long = word.startsWith("--") ? word : `-${word}`;
  const guess = word.length > 2 ? nearest(long, known) : undefined;
  const hint = guess ? `Did you mean ${guess}?` : undefined;
  const folder = `If it is the folder's name, write ./${typed}.`;
  return usage(`There is no option ${word}.`, hint ?? (word.startsWith("--") ? undefined : folder));
}

/** Parses the value of --vendor: `auto`, or names that are separated by commas. */
function originNames(text: string | undefined): readonly OriginName[] | undefined {
  if (text === undefined) return undefined;
  if (text === "auto") return ORIGIN_NAMES;
  return text.split(",").map((word) => {
    const name = ORIGIN_NAMES.find((known) => known === word);
    if (name) return name;
    const guess = nearest(word, ["auto", ...ORIGIN_NAMES]);
    throw usage(
      `There is no origin "${word}". --vendor takes auto, or some of ${ORIGIN_NAMES.join(",")}.`,
      guess && `Did you mean ${guess}?`,
    );
  });
}

function managerName(text: string | undefined): ManagerName | undefined {
  if (text === undefined) return undefined;
  const name = MANAGER_NAMES.find((known) => known === text);
  if (name) return name;
  const guess = nearest(text, MANAGER_NAMES);
  throw usage(
    `There is no package manager "${text}". --pm takes ${MANAGER_NAMES.join(", ")}.`,
    guess && `Did you mean ${guess}?`,
  );
}

function usage(problem: string, hint?: string | false): Failure<"create"> {
  return new Failure("create", { kind: "usage", problem, ...(hint ? { hint } : {}) });
}
