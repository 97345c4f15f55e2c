import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Arch, ownArch } from "../base/arch.ts";
import { guestCache } from "./cache.ts";
import { needs } from "./needed.ts";
import { requireArchiveNeeds } from "./needs.ts";
import { linesFor, PackageArchive } from "./package-archive.ts";
import { unpack } from "./unpack.ts";

/** The release whose busybox is fetched. It is static, so that it runs on every kernel. */
const SUITE = "bookworm";

/**
 * The guests' only program besides ours, which has to be static: this machine's, or Debian's, which is fetched once.
 * @param arch the guests' architecture
 * @throws Failure needs-missing, no-mirror; and an Error with apt's reason
 */
export async function busybox(arch: Arch): Promise<string> {
  const own = arch === ownArch() ? ownBusybox() : undefined;
  return own ?? (await fetchedBusybox(arch)) ?? (await fetchBusybox(arch));
}

/** This machine's own busybox, if it has a static one. */
export function ownBusybox(): string | undefined {
  return ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static"].find(
    (file) => existsSync(file) && isStatic(file),
  );
}

function isStatic(file: string): boolean {
  try {
    return needs(file).libraries.length === 0;
  } catch {
    // It is a script, or made for another machine.
    return false;
  }
}

async function fetchedBusybox(arch: Arch): Promise<string | undefined> {
  const folder = join(guestCache(), "busybox");
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => join(folder, name, "busybox"))
    .find((file) => existsSync(`${file}.json`) && needs(file).machine === arch.elf);
}

async function fetchBusybox(arch: Arch): Promise<string> {
  requireArchiveNeeds();
  await mkdir(guestCache(), { recursive: true });
  await using archive = await PackageArchive.open(await linesFor([SUITE]), arch);
  const debs = await mkdtemp(join(guestCache(), "work-debs-"));
  try {
    const fetched = await archive.fetch([`busybox-static/${SUITE}`], debs);
    return join(await unpack("busybox", fetched.values(), guestCache()), "busybox");
  } finally {
    await rm(debs, { recursive: true, force: true });
  }
}
