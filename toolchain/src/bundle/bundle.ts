import { writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative, resolve } from "node:path";
import type { BuildFailure, Message, Metafile, Plugin } from "esbuild";
import { Failure } from "../base/failure.ts";
import { usesOf } from "./uses.ts";

/** What is bundled and how. All paths are relative to `root`. */
export interface BundleOptions {
  /** The app's folder, absolute. */
  readonly root: string;
  /** The script that the app starts with: src/NAME.ts. */
  readonly entry: string;
  /** Where the bundled script is written. */
  readonly out: string;
  /** Where the dependency file is written, in make's format. */
  readonly depfile: string;
  /** Where it is written what of Node the script uses that could be left out, for `bpf-app trim`. */
  readonly uses?: string | undefined;
  /** The version of the Node that will run the script, for example "24.21.0". */
  readonly node: string;
  /** Further options, written as on esbuild's command line: `--minify`, `--sourcemap=inline`. */
  readonly extra: readonly string[];
}

/**
 * Bundles an app into one CommonJS script, because the main script of a single executable has to be CommonJS. The app
 * itself is an ES module and may use `await` at its top level, which CommonJS does not allow. So esbuild writes an ES
 * module without imports, which gets Node's own modules by process.getBuiltinModule, and that module becomes the body
 * of an async function.
 * @returns what esbuild warns of, one line for each: `src/app.ts:12:5: warning: …`
 * @throws Failure bundle-failed
 */
export async function bundle(options: BundleOptions): Promise<string[]> {
  const { build } = await import("esbuild");
  try {
    const result = await build({
      stdin: {
        contents: `import "./${options.entry}";`,
        resolveDir: options.root,
        sourcefile: "bundle",
        loader: "ts",
      },
      absWorkingDir: options.root,
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: `node${options.node}`,
      charset: "utf8",
      legalComments: "eof",
      logLevel: "silent",
      define: {
        "import.meta.url": "__bpf_app_meta.url",
        "import.meta.filename": "__bpf_app_meta.filename",
        "import.meta.dirname": "__bpf_app_meta.dirname",
        "import.meta.main": "true",
      },
      plugins: [builtins()],
      ...extraOptions(options.extra),
    });
    const body = result.outputFiles[0]?.text ?? "";
    writeFileSync(resolve(options.root, options.out), wrap(body));
    if (options.uses !== undefined)
      writeFileSync(resolve(options.root, options.uses), `${JSON.stringify(usesOf(body), null, 1)}\n`);
    writeFileSync(resolve(options.root, options.depfile), depfile(options, result.metafile));
    return result.warnings.map((warning) => lineOf("warning", warning));
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const text = error.errors.map((one) => lineOf("error", one)).join("\n");
    throw new Failure("bundle", { kind: "bundle-failed", entry: options.entry, text });
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as BuildFailure).errors);
}

/** A message of esbuild's as clang would write it. */
function lineOf(kind: "warning" | "error", { location, text }: Message): string {
  const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
  return `${place}${kind}: ${text}`;
}

/** Replaces imports of Node's own modules, because an import statement cannot stand in the body of a function. */
function builtins(): Plugin {
  return {
    name: "builtins",
    setup(build) {
      build.onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path }) =>
        isBuiltin(path) ? { path, namespace: "builtin" } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        loader: "js",
      }));
    },
  };
}

/**
 * Wraps the module in a function. An error that nobody catches becomes an uncaught one, and not a rejected promise.
 *
 * Where the variable BPF_APP is set, the executable answers a question about itself instead: the code for that is another
 * asset, which is not even read otherwise. The variable's name is reserved, and so no option of an app is taken away.
 */
function wrap(body: string): string {
  return `"use strict";
if (process.env.BPF_APP) {
  const code = require("node:sea").getAsset("bpf-app.cjs", "utf8");
  require("node:vm").compileFunction(code, ["require"], { filename: "bpf-app.cjs" })(require);
  return;
}
const __bpf_app_meta = { url: require("node:url").pathToFileURL(__filename).href, filename: __filename, dirname: __dirname };
(async () => {
${body}})().catch((error) => {
  setImmediate(() => { throw error; });
});
`;
}

/** Turns options that are written as on esbuild's command line into those of its JavaScript interface. */
function extraOptions(words: readonly string[]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const word of words) {
    const [name = "", value] = word.replace(/^--/, "").split(/=(.*)/s);
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    options[key] = value === undefined || value === "true" ? true : value === "false" ? false : value;
  }
  return options;
}

function depfile({ root, out }: BundleOptions, meta: Metafile): string {
  const inputs = Object.keys(meta.inputs).filter((path) => path !== "bundle" && !path.startsWith("builtin:"));
  const escaped = inputs.map((path) =>
    relative(root, join(root, path))
      .replaceAll(/([ #\\])/g, "\\$1")
      .replaceAll("$", "$$$$"),
  );
  return `${out}: ${escaped.sort().join(" \\\n  ")}\n`;
}
