import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the guests: beside the bundle in the package, and beside this file in the repository. */
export function guestFile(name: "init.sh" | "runner.c"): string {
  const folders = ["./guest", "../guest", "."].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? name;
}
