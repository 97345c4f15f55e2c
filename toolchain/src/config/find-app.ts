import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readIfThere } from "../base/replace-file.ts";

/** The name of the file of settings in an app's folder. */
export const CONFIG_FILE = "bpf-app.config.ts";

/**
 * Whether a folder is an app: it has a package.json and, besides, a kernel side (src/NAME.bpf.c), a bpf-app.config.ts,
 * or `bpf-app` among the packages that its package.json names. A package without one of these is somebody's, but no app.
 */
export function isApp(folder: string): boolean {
  const manifest = readIfThere(join(folder, "package.json"));
  if (manifest === undefined) return false;
  // The text is enough: a package.json that is being edited, and is no JSON at the moment, is one of an app all the same.
  return (
    existsSync(join(folder, CONFIG_FILE)) || kernelSides(folder).length > 0 || /"bpf-app"\s*:/.test(manifest)
  );
}

/** The names of the programs in an app's src: those of its files NAME.bpf.c. Empty if src is no folder. */
export function kernelSides(folder: string): string[] {
  const src = join(folder, "src");
  if (!statSync(src, { throwIfNoEntry: false })?.isDirectory()) return [];
  const files = readdirSync(src).sort();
  return files.filter((file) => file.endsWith(".bpf.c")).map((file) => file.slice(0, -".bpf.c".length));
}

/**
 * The app that a folder belongs to: the nearest folder with a package.json, from this one upwards, if that is an app.
 * A package that is no app ends the search, as it does npm's, so that a tool's folder inside an app is not taken for the
 * app. The search stays on the folder's own file system, as git's does, so that nothing outside a mounted one is built.
 * @returns its absolute path, or undefined
 */
export function findApp(folder: string): string | undefined {
  const { dev } = statSync(folder);
  for (let at = folder; statSync(at, { throwIfNoEntry: false })?.dev === dev; at = dirname(at)) {
    // Unlike existsSync, this says so if the folder may not be searched.
    if (statSync(join(at, "package.json"), { throwIfNoEntry: false })) return isApp(at) ? at : undefined;
    if (at === dirname(at)) return undefined;
  }
  return undefined;
}
