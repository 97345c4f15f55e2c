/** The fields of a package.json that this project reads and writes. All other fields are kept as they are. */
export interface PackageJson {
  name?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [field: string]: unknown;
}

/** The text of a package.json as npm writes it. */
export function formatPackageJson(value: PackageJson): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Dependencies sorted by name, as npm sorts them. */
export function sortedVersions(versions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)));
}
