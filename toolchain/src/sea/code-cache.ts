import { execFile } from "node:child_process";
import { basename, resolve } from "node:path";
import { Failure } from "../base/failure.ts";

/** The parameters of a CommonJS module, which the script of an executable is compiled with. */
const PARAMETERS = JSON.stringify(["exports", "require", "module", "__filename", "__dirname"]);

/** The names of the assets that `startScript` reads. */
export const SCRIPT_ASSET = "app.cjs";
export const CACHE_ASSET = "app.cache";

export interface CodeCacheRequest {
  /** The Node that will be embedded, or one of exactly the same version that runs on this machine. */
  readonly node: string;
  /** The bundle, as CommonJS. */
  readonly script: string;
  readonly out: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes what V8 has compiled of a script, so that an executable need not parse all of it whenever it starts. The script
 * is not run. The same inputs give the same bytes on any machine: what would differ is the seed of V8's hashes, which is
 * fixed while the cache is made. It is set back before V8 notes its options in the cache, or the executable, which has
 * a seed of its own in each run, would refuse it.
 *
 * @throws Failure<"sea">
 */
export async function makeCodeCache({ node, script, out, signal }: CodeCacheRequest): Promise<void> {
  const program = `
    const { readFileSync, writeFileSync } = require("node:fs");
    const { compileFunction, constants } = require("node:vm");
    const [, script, name, out] = process.argv;
    require("node:v8").setFlagsFromString("--hash-seed=0");
    const { cachedData } = compileFunction(readFileSync(script, "utf8"), ${PARAMETERS}, {
      filename: name,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      produceCachedData: true,
    });
    writeFileSync(out, cachedData);`;
  await runNode(
    node,
    ["--hash-seed=1", "--eval", program, "--", resolve(script), basename(script), resolve(out)],
    signal === undefined ? {} : { signal },
  );
}

/**
 * The script that Node runs in an executable with a code cache: it compiles the app's script with the help of the cache and
 * runs it in its own place. V8 takes no cache that another version or other options have made; then it compiles the script
 * as if there were none, and nothing but time is lost.
 *
 * @param name - the file name of the app's script, which stack traces show
 */
export function startScript(name: string): string {
  return `"use strict";
const { getRawAsset } = require("node:sea");
const { compileFunction, constants } = require("node:vm");
compileFunction(Buffer.from(getRawAsset("${SCRIPT_ASSET}")).toString(), ${PARAMETERS}, {
  filename: ${JSON.stringify(name)},
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  cachedData: Buffer.from(getRawAsset("${CACHE_ASSET}")),
})(exports, require, module, __filename, __dirname);
`;
}

/**
 * Runs a Node and returns what it prints. None of the variables that change Node's behaviour is handed on to it.
 *
 * @throws Failure blob-not-made, sea-file
 */
export function runNode(
  node: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal },
): Promise<string> {
  const program = node.includes("/") ? resolve(node) : node;
  return new Promise((done, fail) => {
    execFile(
      program,
      args,
      { ...options, env: plainEnvironment(), encoding: "utf8" },
      (error, stdout, stderr) => {
        if (error === null) return done(stdout);
        if (error.name === "AbortError") return fail(error);
        if (typeof error.code === "string") {
          return fail(
            new Failure(
              "sea",
              { kind: "sea-file", operation: "run", path: node, code: error.code },
              { cause: error },
            ),
          );
        }
        const exit = error.signal ?? `exit ${error.code}`;
        const output = `${stdout}${stderr}`.trim();
        fail(new Failure("sea", { kind: "blob-not-made", node, exit, output }, { cause: error }));
      },
    );
  });
}

/** This process's environment, without the variables that change Node's behaviour. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_")));
}
