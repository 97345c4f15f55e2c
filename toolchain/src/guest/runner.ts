import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Arch, ownArch } from "../base/arch.ts";
import { guestCache } from "./cache.ts";
import { command } from "./command.ts";
import { guestFile } from "./files.ts";

/**
 * How the runner is linked: `static`, where the guest has the libraries of another release than this machine, and
 * `dynamic`, where it has this machine's, because not every distribution installs a static C library.
 */
export type Linkage = "static" | "dynamic";

/** The C compiler of this machine that compiles for an architecture. */
export function compilerFor(arch: Arch): string {
  return arch === ownArch() ? "cc" : `${arch.gnu}-gcc`;
}

/**
 * Compiles runner.c, once for each content.
 * @param arch the guests' architecture
 * @throws Failure program-missing, command-failed
 */
export async function runner(linkage: Linkage, arch: Arch): Promise<string> {
  const source = guestFile("runner.c");
  const hash = createHash("sha256")
    .update(arch === ownArch() ? linkage : `${linkage} ${arch.node}`)
    .update(await readFile(source))
    .digest("hex");
  const binary = join(guestCache(), "runner", hash);
  if (existsSync(binary)) return binary;
  await mkdir(join(guestCache(), "runner"), { recursive: true });
  // Several guests may want it at once.
  const staging = `${binary}.${randomUUID()}`;
  const flags = linkage === "static" ? ["-static"] : [];
  await command(compilerFor(arch), [...flags, "-Os", "-s", "-Wall", "-Wextra", "-o", staging, source]);
  await rename(staging, binary);
  return binary;
}
