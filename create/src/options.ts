import yargs from "yargs";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { ORIGIN_NAMES, type OriginName } from "../../vendor/origin-names.ts";

/** What was asked for on the command line; undefined where nothing was said. */
export interface Options {
  readonly dir: string | undefined;
  readonly template: string | undefined;
  readonly yes: boolean;
  /** Who may be asked for the vendored sources. */
  readonly vendor: readonly OriginName[];
  readonly git: boolean | undefined;
  readonly install: boolean;
  readonly toolchain: string | undefined;
  readonly listTemplates: boolean;
  /** Another list of pins; for tests. */
  readonly pins: string | undefined;
}

/** Or the text that --help or --version asks for. */
export type Parsed = { readonly options: Options } | { readonly text: string };

/** @throws Failure usage */
export function parseOptions(argv: readonly string[], version: string): Parsed {
  let text = "";
  const parsed = define(version).parse(withoutSeparators(argv), {}, (error, _argv, output) => {
    if (error) throw new Failure("create", { kind: "usage", problem: error.message });
    text = output;
  });
  if (text !== "") return { text };
  const values = parsed as Awaited<typeof parsed>;
  const repeated = ["template", "vendor", "toolchain", "pins"].find((name) => Array.isArray(values[name]));
  if (repeated) throw new Failure("create", { kind: "usage", problem: `--${repeated} was given twice.` });
  if (values.dir === "")
    throw new Failure("create", { kind: "usage", problem: "The folder's name is empty." });
  const vendor = originNames(values.vendor);
  return { options: { ...values, vendor } as unknown as Options };
}

/** `pnpm create bpf-app my-tool -- --template x` passes its `--` on; npm keeps it. No value of ours is a lone `--`. */
function withoutSeparators(argv: readonly string[]): string[] {
  return argv.filter((word) => word !== "--");
}

/** `auto`, or names with commas between them. */
function originNames(text: string): readonly OriginName[] {
  if (text === "auto") return ORIGIN_NAMES;
  return text.split(",").map((word) => {
    const name = ORIGIN_NAMES.find((known) => known === word);
    if (name) return name;
    throw new Failure("create", {
      kind: "usage",
      problem: `--vendor knows no origin "${word}"; it takes auto or some of ${ORIGIN_NAMES.join(",")}.`,
    });
  });
}

function define(version: string) {
  return yargs()
    .scriptName("create-bpf-app")
    .locale("en")
    .usage(
      "$0 [dir]",
      "Start an eBPF app: C in the kernel, TypeScript outside, one file to ship.",
      (command) =>
        command.positional("dir", {
          type: "string",
          describe: "Folder to create; it must not exist, or be empty",
        }),
    )
    .option("template", {
      alias: "t",
      type: "string",
      requiresArg: true,
      describe: "What to start from [default: minimal]",
    })
    .option("yes", {
      alias: "y",
      type: "boolean",
      default: false,
      describe: "Ask nothing; take the defaults",
    })
    .option("vendor", {
      type: "string",
      default: "auto",
      requiresArg: true,
      describe: `Where libbpf, bpftool, libelf and zlib may come from: some of ${ORIGIN_NAMES.join(",")}; auto asks all in this order`,
    })
    .option("git", { type: "boolean", describe: "Make a repository [default: unless inside one]" })
    .option("install", { type: "boolean", default: true, describe: "Run npm install" })
    .option("toolchain", {
      type: "string",
      requiresArg: true,
      describe: "The bpf-app package to depend on: a version, a .tgz or a folder",
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
