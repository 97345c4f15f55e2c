import { findMirrors } from "../../../vendor/archive/sources-list.ts";
import { Failure } from "../base/failure.ts";

/** The variable with the URI of a mirror, for machines whose own packages do not come from Debian. */
const MIRROR = "BPF_APP_DEBIAN_MIRROR";

/**
 * The archive that has a suite of Debian: the one that the environment names, or that from which this machine's own apt
 * gets it.
 * @param suite such as `bookworm`, `trixie-backports` or `bullseye-security`
 * @param etc apt's configuration
 * @throws Failure no-mirror
 */
export async function archiveOf(suite: string, etc?: string, env = process.env): Promise<string> {
  const named = env[MIRROR]?.replace(/\/+$/, "");
  const [main] = named ? [named] : await findMirrors(etc);
  if (main === undefined) throw new Failure("guest", { kind: "no-mirror", variable: MIRROR });
  if (!suite.endsWith("-security")) return main;
  const [security] = named ? [] : await findMirrors(etc, "security");
  // Mirrors of both keep them side by side under these names.
  return security ?? `${main}-security`;
}
