import { writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative, resolve } from "node:path";
import type { BuildFailure, Message, Metafile, Plugin } from "esbuild";
import { Failure } from "../base/failure.ts";
import { GUARD } from "./guard.ts";
import { packagesIn } from "./packages.ts";
import { usesOf } from "./uses.ts";
import { ENTRY, isFile, NAMED, WHOLE } from "./virtual.ts";

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
  /** Where the folders of the packages are written that are in the bundle, as a JSON array of paths; undefined: nowhere. */
  readonly packages?: string | undefined;
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
  const unknown = new Set<string>();
  for (;;) {
    try {
      return await bundled(options, unknown);
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const before = unknown.size;
      for (const { text } of error.errors) {
        const [, path] = UNKNOWN_NAME.exec(text) ?? [];
        if (path !== undefined) unknown.add(path);
      }
      if (unknown.size > before) continue;
      const text = error.errors.map((one) => lineOf("error", one)).join("\n");
      throw new Failure("bundle", { kind: "bundle-failed", entry: options.entry, text });
    }
  }
}

async function bundled(options: BundleOptions, unknown: ReadonlySet<string>): Promise<string[]> {
  const { build } = await import("esbuild");
  const result = await build({
    stdin: {
      contents: `import "./${options.entry}";`,
      resolveDir: options.root,
      sourcefile: ENTRY,
      loader: "ts",
    },
    absWorkingDir: options.root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: `node${options.node}`,
    // V8 keeps a text with a character beyond Latin-1 in twice the memory, and reads it slower.
    charset: "ascii",
    legalComments: "eof",
    logLevel: "silent",
    define: {
      "import.meta.url": "__bpf_app_meta.url",
      "import.meta.filename": "__bpf_app_meta.filename",
      "import.meta.dirname": "__bpf_app_meta.dirname",
      "import.meta.main": "true",
      "import.meta.resolve": "__bpf_app_meta.resolve",
    },
    plugins: [builtins(unknown)],
    ...extraOptions(options.extra),
  });
  const body = result.outputFiles[0]?.text ?? "";
  writeFileSync(resolve(options.root, options.out), wrap(body));
  if (options.uses !== undefined)
    writeFileSync(resolve(options.root, options.uses), `${JSON.stringify(usesOf(body), null, 1)}\n`);
  writeFileSync(resolve(options.root, options.depfile), depfile(options, result.metafile));
  const { packages } = options;
  if (packages !== undefined) {
    const folders = packagesIn(options.root, result.metafile);
    writeFileSync(resolve(options.root, packages), `${JSON.stringify(folders, null, 1)}\n`);
  }
  return result.warnings.map((warning) => lineOf("warning", warning));
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as BuildFailure).errors);
}

/** A message of esbuild's as clang would write it. */
function lineOf(kind: "warning" | "error", { location, text }: Message): string {
  const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
  return `${place}${kind}: ${text}`;
}

/**
 * Replaces imports of Node's own modules, because an import statement cannot stand in the body of a function.
 *
 * An import statement gets a module with an export for each name, of which esbuild keeps those that are imported. Without
 * them it would copy all names of the module at each statement, which costs an app some milliseconds whenever it starts.
 * A name that only `unknown` has is one that this process's Node does not know, and perhaps the embedded one does: it is
 * looked up when the app runs.
 */
function builtins(unknown: ReadonlySet<string>): Plugin {
  return {
    name: "builtins",
    setup(build) {
      build.onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path, kind }) => {
        if (!isBuiltin(path)) return undefined;
        const statement = kind === "import-statement" && !unknown.has(path);
        return { path, namespace: statement ? NAMED : WHOLE };
      });
      build.onLoad({ filter: /.*/, namespace: WHOLE }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        loader: "js",
      }));
      build.onLoad({ filter: /.*/, namespace: NAMED }, ({ path }) => ({
        contents: namedExports(path),
        loader: "js",
      }));
    },
  };
}

/** What esbuild says of a name that is imported from such a module, which does not export it. */
const UNKNOWN_NAME = new RegExp(`^No matching export in "${NAMED}:([^"]+)" for import `);

/**
 * The text of a module that exports what one of Node's own modules has. What esbuild keeps of it is the same with every
 * Node that knows the imported names: names are made of names alone.
 */
function namedExports(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter(
    (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default",
  );
  return `const $ = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(path)});
export default $;
${names.map((name) => `const $${name} = /* @__PURE__ */ Reflect.get($, ${JSON.stringify(name)});`).join("\n")}
export { ${names.map((name) => `$${name} as ${name}`).join(", ")} };
`;
}

/**
 * Wraps the module in a function. An error that nobody catches becomes an uncaught one, and not a rejected promise.
 *
 * Where the variable BPF_APP is set, the executable answers a question about itself instead: the code for that is another
 * asset, which is not even read otherwise. The variable's name is reserved, and so no option of an app is taken away.
 */
function wrap(body: string): string {
  return `"use strict";
${GUARD}if (process.env.BPF_APP) {
  const code = require("node:sea").getAsset("bpf-app.cjs", "utf8");
  require("node:vm").compileFunction(code, ["require"], { filename: "bpf-app.cjs" })(require);
  return;
}
const __bpf_app_meta = { url: require("node:url").pathToFileURL(__filename).href, filename: __filename, dirname: __dirname };
__bpf_app_meta.resolve = (name) => /^(?:[.]{0,2}[/]|[a-z]+:)/.test(name)
  ? new URL(name, __bpf_app_meta.url).href
  : require("node:url").pathToFileURL(require("node:module").createRequire(__filename).resolve(name)).href;
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
  const inputs = Object.keys(meta.inputs).filter(isFile);
  const escaped = inputs.map((path) =>
    relative(root, join(root, path))
      .replaceAll(/([ #\\])/g, "\\$1")
      .replaceAll("$", "$$$$"),
  );
  return `${out}: ${escaped.sort().join(" \\\n  ")}\n`;
}
