import { readFileSync } from "node:fs";
import { BpfError } from "./errors.ts";

/**
 * The first of these functions that the running kernel has, to attach a kprobe or fentry program to: functions within
 * the kernel are renamed from version to version, and are gone where the compiler inlined them.
 *
 * @throws BpfError with code ENOENT if it has none of them
 */
export function kernelFunction(...names: readonly [string, ...string[]]): string {
  // Names can be read by everybody; the addresses beside them are zero for those who may not know them.
  const symbols = readFileSync("/proc/kallsyms", "latin1");
  const found = names.find((name) => ["t", "T"].some((type) => symbols.includes(` ${type} ${name}\n`)));
  if (found !== undefined) return found;
  throw new BpfError({
    call: "kernelFunction",
    errno: -2,
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
