import { existsSync } from "node:fs";
import { arch } from "node:os";
import { archOf } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import {
  ARCHIVE_NEEDS,
  crossNeeds,
  type FileNeed,
  guestNeeds,
  installOf,
  NEEDS,
  type Need,
  osRelease,
  PACKAGE_NEEDS,
} from "../base/packages.ts";
import { which } from "../base/which.ts";

/**
 * Sees to it that guests can run on this machine.
 * @param archive whether kernels have to be fetched first
 * @param system the text of os-release(5), which says whose packages are named
 * @param target the guests' architecture
 * @throws Failure needs-missing, other-architecture
 */
export function requireGuestNeeds(
  archive: boolean,
  path = process.env.PATH ?? "",
  system = osRelease(),
  target = archOf(arch()),
): void {
  if (target === undefined) throw new Failure("guest", { kind: "other-architecture", arch: arch() });
  const compiler = target.node === arch() ? COMPILER : crossNeeds(target).slice(0, 1);
  requireAll([...guestNeeds(target), ...compiler, ...(archive ? ARCHIVE : [])], path, system);
}

/** It compiles what runs and watches the programs in a guest. */
const COMPILER = NEEDS.filter(({ command }) => command === "cc");

/** bzip2 unpacks source packages only. */
const ARCHIVE = [...PACKAGE_NEEDS, ...ARCHIVE_NEEDS.filter(({ command }) => command !== "bzip2")];

/**
 * Sees to it that packages of Debian's archive can be fetched and unpacked.
 * @throws Failure needs-missing
 */
export function requireArchiveNeeds(path = process.env.PATH ?? "", system = osRelease()): void {
  requireAll(ARCHIVE, path, system);
}

function requireAll(needs: readonly (Need | FileNeed)[], path: string, system: string): void {
  const missing = needs.filter((need) =>
    "file" in need ? !existsSync(need.file) : which(need.command, path) === undefined,
  );
  if (missing.length === 0) return;
  throw new Failure("guest", {
    kind: "needs-missing",
    needs: missing.map(({ command, why }) => ({ name: command, why })),
    install: installOf(missing, path, system),
  });
}
