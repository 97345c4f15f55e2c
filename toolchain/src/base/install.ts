import { ALTERNATIVES, installCommand } from "./packages.ts";

/** The machine on which packages are installed. */
export interface Machine {
  /** Runs a command and tells whether it succeeded. */
  run(command: readonly string[]): boolean;
  /** Lists the packages that are needed and not installed at this moment. */
  missing(): string[];
}

/**
 * Installs Debian packages. For some hours after each of the archive's releases its index names files that its pool
 * does not serve yet. In that case only the packages concerned are left out, and a compiler is installed in another
 * version instead.
 *
 * @returns the packages that could not be installed
 */
export function install(machine: Machine): string[] {
  const command = (names: readonly string[]) => installCommand("apt", ["--no-install-recommends", ...names]);
  const missing = machine.missing();
  if (missing.length === 0) return [];
  // The package lists may be absent, or name versions that the mirror has replaced. Reading them again cures both.
  if (machine.run(command(missing))) return machine.missing();
  machine.run(["apt-get", "update"]);
  if (machine.run(command(missing))) return machine.missing();
  for (const name of missing) {
    for (const choice of [name, ...(ALTERNATIVES[name] ?? [])]) {
      // The package may have been installed in the meantime, because another one depends on it.
      if (!machine.missing().includes(name)) break;
      machine.run([...command([choice]), "--fix-missing"]);
    }
  }
  return machine.missing();
}
