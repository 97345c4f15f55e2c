import { readFileSync } from "node:fs";
import { ENOENT } from "./errno.ts";
import { BpfError } from "./errors.ts";

/**
 * Finds the first of these functions that the running kernel has, to attach a kprobe or fentry program to. Functions
 * within the kernel are renamed from version to version, and are gone where the compiler has inlined them.
 *
 * @param names - names of functions as in /proc/kallsyms, the preferred one first
 * @returns the first of the names that is there
 * @throws {@link BpfError} with code `ENOENT` if the kernel has none of them
 */
export function kernelFunction(...names: readonly [string, ...string[]]): string {
  // Names can be read by everybody; the addresses beside them are zero for those who may not know them.
  const symbols = readFileSync("/proc/kallsyms", "latin1");
  const found = names.find((name) => ["t", "T"].some((type) => symbols.includes(` ${type} ${name}\n`)));
  if (found !== undefined) return found;
  throw new BpfError({
    call: "kernelFunction",
    errno: ENOENT,
    code: "ENOENT",
    subject: names.join(", "),
    log: "",
    words: {
      what: `this kernel has no function ${names.join(" or ")}`,
      why: "Functions within the kernel are renamed from version to version, and inlined by compilers.",
      next: "Look for its present name in /proc/kallsyms.",
    },
  });
}
