import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { loadConfig } from "../config/load.ts";
import { type Inspection, inspectFile } from "../inspect/inspect.ts";
import type { Call } from "./verb.ts";

/** What was looked into: one file that was named, or all that the app has built. */
export type Inspected = { readonly one: Inspection } | { readonly all: readonly Inspection[] };

/**
 * Looks into an executable, without running it. The file is a path, or the name of one of the app's programs; without one
 * it is every executable that the app has built.
 *
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged, nothing-built; and without a path what the
 * configuration throws
 */
export async function inspect(call: Call<{ readonly file: string | undefined }>): Promise<Inspected> {
  const { root, assignments, options } = call;
  const { file } = options;
  const look = (path: string) => inspectFile(resolve(root, path), named(root, path));
  if (file !== undefined && (file.includes("/") || existsSync(resolve(root, file))))
    return { one: await look(file) };
  if (file !== undefined && existsSync(join(root, "dist", file))) return { one: await look(`dist/${file}`) };
  // It may still be a program that is not built; of another word it is said that there is no such file.
  if (file !== undefined && !existsSync(join(root, `src/${file}.ts`))) return { one: await look(file) };
  const { targets } = await loadConfig(root, assignments, process.env);
  const names = targets.map(({ name }) => name).filter((name) => file === undefined || name === file);
  const built = names.map((name) => `dist/${name}`).filter((path) => existsSync(join(root, path)));
  if (built.length === 0) throw new Failure("inspect", { kind: "nothing-built", names });
  const all: Inspection[] = [];
  for (const path of built) all.push(await look(path));
  return { all };
}

function named(root: string, path: string): string {
  const inside = relative(root, resolve(root, path));
  return inside.startsWith("..") ? path : inside;
}
