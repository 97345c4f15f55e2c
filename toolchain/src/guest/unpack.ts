import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";
import { extractBusybox, extractKernel, extractLibraries, RECIPE } from "./extract.ts";
import type { Fetched } from "./package-archive.ts";

const EXTRACT = { kernel: extractKernel, libraries: extractLibraries, busybox: extractBusybox };
type Kind = keyof typeof EXTRACT;

let staged = 0;

/** Unpacks packages once into a folder named by their content, below `cache`. */
export async function unpack(kind: Kind, debs: Iterable<Fetched>, cache: string): Promise<string> {
  const packages = [...debs];
  const key = createHash("sha256").update(`${kind} ${RECIPE}`);
  for (const { sha256 } of packages) key.update(sha256);
  const final = join(cache, kind, key.digest("hex"));
  if (existsSync(join(final, `${kind}.json`))) return final;
  const staging = `${final}.${process.pid}.${staged++}`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(join(staging, "unpacked"), { recursive: true });
  for (const { file } of packages) await command("dpkg-deb", ["-x", file, join(staging, "unpacked")]);
  await EXTRACT[kind](join(staging, "unpacked"), staging);
  await rm(join(staging, "unpacked"), { recursive: true });
  // Another run may have been quicker.
  await rename(staging, final).catch(() => rm(staging, { recursive: true, force: true }));
  return final;
}

/** Removes trees that are neither in use nor young enough to be of another run. */
export async function prune(used: ReadonlySet<string>, cache: string, ageMs: number): Promise<void> {
  for (const kind of ["kernel", "libraries"] satisfies Kind[]) {
    const folder = join(cache, kind);
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (used.has(path) || Date.now() - (await stat(path)).mtimeMs < ageMs) continue;
      await rm(path, { recursive: true, force: true });
    }
  }
}
