import { homedir } from "node:os";
import { join } from "node:path";

/** The per-user cache, where the XDG base directory specification has it. BPF_APP_CACHE=off does without. */
export function cacheFolder(): string | undefined {
  const said = process.env.BPF_APP_CACHE;
  if (said === "off") return undefined;
  return said ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bpf-app", "build");
}
