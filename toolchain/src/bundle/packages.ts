import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { isFile } from "./virtual.ts";

/**
 * The folders of the packages of whose code a bundle holds at least a byte, in alphabetical order. What was left out as
 * unused is not in the bundle, and so not in the file that people ship. The app's own package is not among them.
 *
 * @param root - the app's folder, absolute; what is returned is relative to it
 */
export function packagesIn(root: string, { outputs }: Pick<Metafile, "outputs">): string[] {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = files.filter(isFile).map((path) => packageOf(root, resolve(root, path)));
  return [...new Set(folders.flatMap((folder) => (folder === undefined ? [] : [relative(root, folder)])))]
    .filter((folder) => folder !== "")
    .sort();
}

/**
 * The folder of the package that a file belongs to. Within node_modules the path says it; a package of the same workspace,
 * which is linked there, lies elsewhere, and has a package.json with a name.
 */
function packageOf(root: string, file: string): string | undefined {
  const installed = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/s.exec(file)?.[0];
  if (installed !== undefined) return installed;
  if (!relative(root, file).startsWith("..")) return root;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (isPackage(folder)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function isPackage(folder: string): boolean {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return false;
  try {
    return typeof (JSON.parse(readFileSync(path, "utf8")) as { name?: unknown }).name === "string";
  } catch {
    return false;
  }
}
