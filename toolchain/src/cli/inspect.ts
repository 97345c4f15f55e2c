import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { loadConfig } from "../config/load.ts";
import { type Inspection, inspectFile } from "../inspect/inspect.ts";
import { executables } from "../plan/inputs.ts";
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
export async function inspect(
  call: Pick<Call<{ readonly file: string | undefined }>, "root" | "folder" | "assignments" | "options">,
): Promise<Inspected> {
  const { root, folder, assignments, options } = call;
  const { file } = options;
  // What is typed, and what is printed of it, is relative to the folder that it is typed in.
  const look = (path: string) => inspectFile(path, named(folder, path));
  const typed = file === undefined ? undefined : resolve(folder, file);
  if (typed !== undefined && (file?.includes("/") || existsSync(typed))) return { one: await look(typed) };
  const built = (name: string) => join(root, "dist", name);
  if (file !== undefined && existsSync(built(file))) return { one: await look(built(file)) };
  // It may still be a program that is not built; of another word it is said that there is no such file.
  if (typed !== undefined && !existsSync(join(root, `src/${file}.ts`))) return { one: await look(typed) };
  const { targets } = await loadConfig(root, assignments, process.env);
  const names = targets.map(({ name }) => name).filter((name) => file === undefined || name === file);
  const present = names
    .flatMap(executables)
    .map((path) => join(root, path))
    .filter((path) => existsSync(path));
  if (present.length === 0) throw new Failure("inspect", { kind: "nothing-built", names });
  const all: Inspection[] = [];
  for (const path of present) all.push(await look(path));
  return { all };
}

function named(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith("../..") ? path : inside;
}
