import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { loadConfig } from "../config/load.ts";
import { inspectFile } from "../inspect/inspect.ts";
import { licencesOf, sbomOf } from "../inspect/noted.ts";
import { executables } from "../plan/inputs.ts";
import type { Asked, Inspected } from "../report/inspected.ts";
import type { Call } from "./verb.ts";

interface Options {
  readonly file: string | undefined;
  readonly licenses: boolean;
  readonly sbom: boolean;
}

type InspectCall = Pick<Call<Options>, "root" | "folder" | "assignments" | "options">;

/**
 * Looks into an executable, without running it. The file is a path, or the name of one of the app's programs; without one
 * it is every executable that the app has built.
 *
 * @throws Failure usage, inspect-unreadable, not-built-here, built-file-damaged, not-noted, nothing-built, which-target; and
 * without a path what the configuration throws
 */
export async function inspect(call: InspectCall): Promise<Inspected> {
  const { licenses, sbom } = call.options;
  if (licenses && sbom) {
    const message = "Of --licenses and --sbom only one can be given.";
    throw new Failure("cli", { kind: "usage", message, verb: "inspect" });
  }
  const files = await filesOf(call);
  // What is typed, and what is printed of it, is relative to the folder that it is typed in.
  const ask = async <T>(look: (path: string, name: string) => Promise<T>): Promise<Asked<T>> => {
    if ("one" in files) return { one: await look(files.one, named(call.folder, files.one)) };
    const all: T[] = [];
    for (const path of files.all) all.push(await look(path, named(call.folder, path)));
    return { all };
  };
  if (licenses) return { licences: await ask(licencesOf) };
  if (!sbom) return { inspected: await ask(inspectFile) };
  const known = "all" in files ? files.all.map((path) => relative(join(call.root, "dist"), path)) : [];
  if (known.length > 1) throw new Failure("cli", { kind: "which-target", verb: "inspect --sbom", known });
  const [path = ""] = "one" in files ? [files.one] : files.all;
  return { sbom: await sbomOf(path, named(call.folder, path)) };
}

async function filesOf({ root, folder, assignments, options }: InspectCall): Promise<Asked<string>> {
  const { file } = options;
  const typed = file === undefined ? undefined : resolve(folder, file);
  if (typed !== undefined && (file?.includes("/") || existsSync(typed))) return { one: typed };
  const built = (name: string) => join(root, "dist", name);
  if (file !== undefined && existsSync(built(file))) return { one: built(file) };
  // It may still be a program that is not built; of another word it is said that there is no such file.
  if (typed !== undefined && !existsSync(join(root, `src/${file}.ts`))) return { one: typed };
  const { targets } = await loadConfig(root, assignments, process.env);
  const names = targets.map(({ name }) => name).filter((name) => file === undefined || name === file);
  const present = names
    .flatMap(executables)
    .map((path) => join(root, path))
    .filter((path) => existsSync(path));
  if (present.length === 0) throw new Failure("inspect", { kind: "nothing-built", names });
  return { all: present };
}

/** How a file is called to whoever typed the command in `folder`. */
export function named(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith("../..") ? path : inside;
}
