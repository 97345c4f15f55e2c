import { writeFile } from "node:fs/promises";
import { type GuardOptions, guardSource } from "../icu/index.ts";
import { attempt } from "./files.ts";

/**
 * Writes the script that goes before an app's own where locales have been left out: it is what says so to whoever asks
 * for one of them. The file is empty where none is left out.
 */
export async function writeGuard(path: string, options: GuardOptions): Promise<void> {
  const source = guardSource(options);
  await attempt("write", path, writeFile(path, source === "" ? "" : await onOneLine(source)));
}

/** The lines of the app's script keep their numbers, which stack traces and source maps name. */
async function onOneLine(source: string): Promise<string> {
  const { transform } = await import("esbuild");
  const { code } = await transform(source, { minifyWhitespace: true, target: "node22" });
  return code.replaceAll("\n", "");
}

const STRICT = '"use strict";';

/** A script with the guard, if there is one, before what it does. Its lines keep their numbers. */
export function guarded(script: string, guard: string): string {
  // What makes the script strict has to stay at its beginning.
  const at = script.startsWith(STRICT) ? STRICT.length : 0;
  return `${script.slice(0, at)}${guard}${script.slice(at)}`;
}
