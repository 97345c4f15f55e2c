import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder of the user's cache, at the place of the XDG base directory specification or where BPF_APP_CACHE says.
 * Undefined if BPF_APP_CACHE is `off`.
 */
export function cacheFolder(): string | undefined {
  const said = process.env.BPF_APP_CACHE;
  if (said === "off") return undefined;
  return said ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bpf-app", "build");
}
