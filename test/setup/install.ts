import { installCommand } from "../../toolchain/src/host/packages.ts";
import type { Needed } from "./packages.ts";

/** The machine as the set-up sees it. */
export interface Machine {
  /** Runs a command; whether it succeeded. */
  run(command: readonly string[]): boolean;
  /** Packages that are not installed. */
  missing(): string[];
}

/**
 * Installs packages. The archive may name a file that it does not serve: for some hours after each of its releases the
 * index is ahead of the pool. That costs the package that is gone, and no other.
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
  for (const name of machine.missing()) {
    // One may have come as what another depends on.
    if (machine.missing().includes(name)) machine.run([...command([name]), "--fix-missing"]);
  }
  return machine.missing();
}

/** What is said about packages that could not be had. */
export function complaint(names: readonly string[], needed: readonly Needed[]): string {
  const lines = names.map((name) => {
    const tests = [...new Set(needed.filter(({ apt }) => apt === name).map((one) => one.tests))];
    return `set-up: ${name} could not be had (apt's message above says why); these tests fail without it: ${tests.join("; ")}`;
  });
  const again = installCommand("apt", ["--no-install-recommends", ...names]);
  return [...lines, `set-up: when the archive serves them again: sudo ${again.join(" ")}`].join("\n");
}
