import { join } from "node:path";
import { attempt, run } from "../toolchain/src/base/command.ts";
import type { Cache } from "./cache.ts";
import { OriginFault } from "./failures.ts";
import { gitFault, PACE, SILENT, TIMEOUT } from "./origins/git.ts";
import type { VmlinuxPin } from "./pins.ts";

/**
 * The types of a kernel as C, out of the repository in which libbpf's project keeps them for several architectures. The
 * repository has no tags; it is fetched at the pinned commit, once for this user.
 * @param arch the kernel's name of the architecture, which is that of a folder: `arm64`
 * @throws OriginFault; Failure program-missing
 */
export async function vmlinuxFromGit(
  arch: string,
  pin: VmlinuxPin,
  cache: Cache,
  signal: AbortSignal,
): Promise<string> {
  const repository = cache.repository(pin.commit);
  const known = await attempt("git", ["--git-dir", repository, "cat-file", "-e", `${pin.commit}^{tree}`], {
    cwd: "/",
    signal,
  });
  if (!known.ok) await fill(pin, cache, signal);
  // The folder and the header in it are symbolic links: to another name of the architecture, and to a kernel's version.
  const header = await run("git", ["--git-dir", repository, "cat-file", "--batch", "--follow-symlinks"], {
    cwd: "/",
    signal,
    input: `${pin.commit}:include/${arch}/vmlinux.h\n`,
  });
  const [head = "", ...lines] = header.split("\n");
  if (!/ blob \d+$/.test(head))
    throw new OriginFault({ kind: "absent", what: `include/${arch}/vmlinux.h`, place: pin.url });
  return lines.join("\n");
}

async function fill({ url, commit }: VmlinuxPin, cache: Cache, signal: AbortSignal): Promise<void> {
  await cache.inScratch(async (scratch) => {
    const bare = join(scratch, "repository");
    await run("git", ["init", "--quiet", "--bare", bare], { cwd: scratch, signal });
    const args = ["fetch", "--quiet", "--depth", "1", "--no-tags", "--", url, commit];
    const outcome = await attempt("git", [...PACE, ...args], {
      cwd: bare,
      signal,
      timeout: TIMEOUT,
      env: SILENT,
    });
    if (!outcome.ok) throw new OriginFault(gitFault(outcome, { url, tag: commit }));
    await cache.addRepository(commit, bare);
  });
}
