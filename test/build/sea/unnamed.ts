import { readdirSync, readlinkSync } from "node:fs";

/** The directories of the files without a name that this process has open. */
export function unnamed(): string[] {
  const found: string[] = [];
  for (const descriptor of readdirSync("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      if (/\/#\d+ \(deleted\)$/.test(target)) found.push(target.replace(/\/#\d+ \(deleted\)$/, ""));
    } catch {}
  }
  return found;
}
