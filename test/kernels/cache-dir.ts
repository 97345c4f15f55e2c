import { homedir } from "node:os";
import { join } from "node:path";

/** The tests' own folder in the user's cache. Kernels are not in it: those are shared with `bpf-app check`. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "create-bpf-app", "test-kernels");
}
