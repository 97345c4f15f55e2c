import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * A folder of bpf-app's in the user's cache, where XDG's base directory specification has it. It wants a relative
 * XDG_CACHE_HOME to be ignored.
 */
export function userCache(name: string): string {
  const xdg = process.env.XDG_CACHE_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "bpf-app", name);
}
