import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
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

/** Puts the guard into a copy of the script, which has the same name in a folder in `scratch`, for `work`. */
export async function withGuard<T>(
  main: string,
  guardPath: string | undefined,
  scratch: string,
  work: (main: string) => Promise<T>,
): Promise<T> {
  const guard = guardPath === undefined ? "" : await attempt("read", guardPath, readFile(guardPath, "utf8"));
  if (guard === "") return work(main);
  const script = await attempt("read", main, readFile(main, "utf8"));
  // What makes the script strict has to stay at its beginning.
  const at = script.startsWith(STRICT) ? STRICT.length : 0;
  const folder = await attempt("write", scratch, mkdtemp(join(scratch, "guarded-")));
  try {
    const copy = join(folder, basename(main));
    await attempt("write", copy, writeFile(copy, `${script.slice(0, at)}${guard}${script.slice(at)}`));
    return await work(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
