import { findMirrors } from "../../../vendor/archive/sources-list.ts";

/**
 * The archive that has a suite of Debian, in the place from which this machine's own apt gets it.
 * @param suite such as `bookworm`, `trixie-backports` or `bullseye-security`
 * @param etc apt's configuration
 * @throws Error where this machine has no mirror of Debian
 */
export async function archiveOf(suite: string, etc?: string): Promise<string> {
  const [main] = await findMirrors(etc);
  if (main === undefined)
    throw new Error(
      "apt's sources name no archive of Debian, which the tests need: add a mirror to /etc/apt",
    );
  if (!suite.endsWith("-security")) return main;
  const [security] = await findMirrors(etc, "security");
  // Mirrors of both keep them side by side under these names.
  return security ?? `${main}-security`;
}
