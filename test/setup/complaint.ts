import { installCommand } from "../../toolchain/src/base/packages.ts";
import type { Needed } from "./packages.ts";

/** What is said about packages that could not be had. */
export function complaint(names: readonly string[], needed: readonly Needed[]): string {
  const lines = names.map((name) => {
    const tests = [...new Set(needed.filter(({ apt }) => apt === name).map((one) => one.tests))];
    return `set-up: ${name} could not be had (apt's message above says why); these tests fail without it: ${tests.join("; ")}`;
  });
  const again = installCommand("apt", ["--no-install-recommends", ...names]);
  return [...lines, `set-up: when the archive serves them again: sudo ${again.join(" ")}`].join("\n");
}
