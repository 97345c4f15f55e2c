import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The fields of a package.json that this project reads and writes. All other fields are kept as they are. */
export interface PackageJson {
  name?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [field: string]: unknown;
}

/** Reads the package.json of a folder. Undefined if there is none that can be read. */
export async function readPackageJson(folder: string): Promise<PackageJson | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as PackageJson;
  } catch {
    return undefined;
  }
}

/** The text of a package.json as npm writes it. */
export function formatPackageJson(value: PackageJson): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Dependencies sorted by name, as npm sorts them. */
export function sortedVersions(versions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)));
}
