import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ownArch } from "../base/arch.ts";

/** Finds the file of a shared library by the name under which programs ask for it. */
export type FindLibrary = (name: string) => string | undefined;

/** Libraries that lie in one folder. */
export function librariesIn(folder: string): FindLibrary {
  return findIn([folder]);
}

/**
 * This machine's own libraries. They are looked for where this process has its own from, which is a Node too, and then in
 * the folders that distributions use.
 */
export function ownLibraries(): FindLibrary {
  const maps = readFileSync("/proc/self/maps", "utf8");
  const loaded = [...maps.matchAll(/ (\/\S+\.so[\d.]*)$/gm)].map(([, file = ""]) => dirname(file));
  const named = (process.env.LD_LIBRARY_PATH ?? "").split(delimiter).filter(Boolean);
  const usual = [
    `/lib/${ownArch().gnu}`,
    `/usr/lib/${ownArch().gnu}`,
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
  ];
  return findIn([...new Set([...named, ...loaded, ...usual])]);
}

function findIn(folders: readonly string[]): FindLibrary {
  return (name) => folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
