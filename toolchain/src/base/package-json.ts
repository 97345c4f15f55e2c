/** The parts of a package.json that are read and written here; other fields pass through. */
export interface PackageJson {
  name?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [field: string]: unknown;
}

/** As npm writes the file. */
export function formatPackageJson(value: PackageJson): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Names and versions in npm's order. */
export function sortedVersions(versions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)));
}
