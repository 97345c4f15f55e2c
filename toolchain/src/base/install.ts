import { ALTERNATIVES, installCommand } from "./packages.ts";

/** The machine as it is while packages are installed. */
export interface Machine {
  /** Runs a command; whether it succeeded. */
  run(command: readonly string[]): boolean;
  /** Packages that are needed and absent. */
  missing(): string[];
}

/**
 * Installs Debian packages. The archive may name a file that it does not serve: for some hours after each of its
 * releases the index is ahead of the pool. That costs the package that is gone, and no other; a compiler is then taken
 * in another version.
 *
 * @returns those that could not be had
 */
export function install(machine: Machine): string[] {
  const command = (names: readonly string[]) => installCommand("apt", ["--no-install-recommends", ...names]);
  const missing = machine.missing();
  if (missing.length === 0) return [];
  // Lists may be absent, or name versions that the mirror has replaced: both are cured by reading them anew.
  if (machine.run(command(missing))) return machine.missing();
  machine.run(["apt-get", "update"]);
  if (machine.run(command(missing))) return machine.missing();
  for (const name of missing) {
    for (const choice of [name, ...(ALTERNATIVES[name] ?? [])]) {
      // One may have come as what another depends on.
      if (!machine.missing().includes(name)) break;
      machine.run([...command([choice]), "--fix-missing"]);
    }
  }
  return machine.missing();
}
