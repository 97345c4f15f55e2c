import yargs from "yargs";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { ORIGIN_NAMES, type OriginName } from "../../vendor/origin-names.ts";

/** The options of the command line. Those that were not given and have no default are undefined. */
export interface Options {
  readonly dir: string | undefined;
  readonly template: string | undefined;
  readonly yes: boolean;
  /** The origins that may be asked for the vendored sources. */
  readonly vendor: readonly OriginName[];
  readonly git: boolean | undefined;
  readonly install: boolean;
  readonly toolchain: string | undefined;
  readonly listTemplates: boolean;
  /** The path of another list of pins, for tests. */
  readonly pins: string | undefined;
}

/** The options, or the text that --help or --version asks for. */
export type Parsed = { readonly options: Options } | { readonly text: string };

/**
 * Parses the command line.
 * @throws Failure usage
 */
export function parseOptions(argv: readonly string[], version: string): Parsed {
  let text = "";
  const parsed = define(version).parse(withoutSeparators(argv), {}, (error, _argv, output) => {
    if (error) throw new Failure("create", { kind: "usage", problem: error.message });
    text = output;
  });
  if (text !== "") return { text };
  // `parse` returns a promise only if a command is asynchronous, and there is none.
  const values = parsed as Awaited<typeof parsed>;
  const repeated = ["template", "vendor", "toolchain", "pins"].find((name) => Array.isArray(values[name]));
  if (repeated) throw new Failure("create", { kind: "usage", problem: `--${repeated} was given twice.` });
  if (values.dir === "")
    throw new Failure("create", { kind: "usage", problem: "The folder's name is empty." });
  const vendor = originNames(values.vendor);
  // The cast is needed because yargs does not know the type of the positional argument.
  return { options: { ...values, vendor } as unknown as Options };
}

/**
 * pnpm passes on the `--` of `pnpm create bpf-app my-tool -- --template x`, which npm does not. No option takes `--`.
 */
function withoutSeparators(argv: readonly string[]): string[] {
  return argv.filter((word) => word !== "--");
}

/** Parses the value of --vendor: `auto`, or names that are separated by commas. */
function originNames(text: string): readonly OriginName[] {
  if (text === "auto") return ORIGIN_NAMES;
  return text.split(",").map((word) => {
    const name = ORIGIN_NAMES.find((known) => known === word);
    if (name) return name;
    throw new Failure("create", {
      kind: "usage",
      problem: `There is no origin "${word}". --vendor takes auto, or some of ${ORIGIN_NAMES.join(",")}.`,
    });
  });
}

function define(version: string) {
  return yargs()
    .scriptName("create-bpf-app")
    .locale("en")
    .usage(
      "$0 [dir]",
      "Starts an eBPF app: C in the kernel, TypeScript in user space, and one file to ship.",
      (command) =>
        command.positional("dir", {
          type: "string",
          describe: "The folder to create. If it exists, it must be empty",
        }),
    )
    .option("template", {
      alias: "t",
      type: "string",
      requiresArg: true,
      describe: "The template to start from [default: minimal]",
    })
    .option("yes", {
      alias: "y",
      type: "boolean",
      default: false,
      describe: "Take the defaults, and print no note about them",
    })
    .option("vendor", {
      type: "string",
      default: "auto",
      requiresArg: true,
      describe: `Where libbpf, bpftool, libelf and zlib may come from: some of ${ORIGIN_NAMES.join(",")}. auto stands for all, in this order`,
    })
    .option("git", {
      type: "boolean",
      describe: "Make a git repository [default: unless the folder is inside one]",
    })
    .option("install", { type: "boolean", default: true, describe: "Run npm install" })
    .option("toolchain", {
      type: "string",
      requiresArg: true,
      describe: "The bpf-app package on which the app depends: a version, a .tgz or a folder",
    })
    .option("list-templates", { type: "boolean", default: false, describe: "Show the templates" })
    .option("pins", { type: "string", requiresArg: true, hidden: true })
    .example("$0 my-tool --template minimal", "")
    .alias("help", "h")
    .version(version)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(100);
}
