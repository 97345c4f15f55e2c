import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";

/** A file with the BTF of a kernel. */
export interface KernelBtf {
  /** The file, absolute or relative to the app's folder, as it was reached. */
  readonly path: string;
  /** The kernel's release, as `uname -r` prints it: `5.4.0-42-generic`. */
  readonly release: string;
  /** The architecture, as Node names it; undefined where neither folder nor release tells. */
  readonly arch: string | undefined;
  /** The distribution and its version, where the layout tells them: `ubuntu/20.04`; empty where it does not. */
  readonly from: string;
}

/** How a file's name says that it is BTF, and how it is packed. */
const ENDING = /\.btf(?:\.tar\.xz)?$/;

/** The folders that BTFHub and others have for each architecture, by Node's name. What Node has no name for keeps its own. */
const ARCHES: Readonly<Record<string, string>> = {
  x86_64: "x64",
  amd64: "x64",
  x64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
  ...Object.fromEntries(["i386", "i686", "armhf", "ppc64le", "riscv64", "s390x"].map((name) => [name, name])),
};

/** The app's own folder of BTF, which `auto` stands for. */
const AUTO = "btf";

/**
 * Finds the files of BTF that the settings name. A file is named by its kernel's release; a folder holds such files at any
 * depth. Where the last folders are `DISTRO/VERSION/ARCH`, as in BTFHub's archive, they are understood.
 *
 * @param places - files and folders, relative to the app's folder; `auto` is the folder btf/
 * @param kernels - patterns of which one has to fit; none stands for all kernels
 * @throws Failure btf-not-there, btf-unnamed, btf-none, btf-kernel-unknown
 */
export function findBtf(root: string, places: readonly string[], kernels: readonly string[]): KernelBtf[] {
  const all = places.flatMap((place) => filesIn(root, place === "auto" ? AUTO : place));
  const found = [...new Map(all.map((path) => [resolve(root, path), describe(root, path)])).values()];
  const patterns = kernels.map((pattern) => ({ pattern, fits: fitting(pattern) }));
  for (const { pattern, fits } of patterns) {
    if (found.some(fits)) continue;
    const known = [...new Set(found.map(({ release }) => release))];
    throw new Failure("config", { kind: "btf-kernel-unknown", pattern, known });
  }
  const wanted =
    patterns.length === 0 ? found : found.filter((one) => patterns.some(({ fits }) => fits(one)));
  return wanted.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesIn(root: string, place: string): string[] {
  const stat = attempt(place, () => statSync(resolve(root, place)));
  if (!stat.isDirectory()) {
    if (!ENDING.test(place)) throw new Failure("config", { kind: "btf-unnamed", path: place });
    return [place];
  }
  const files = walk(root, place);
  if (files.length === 0) throw new Failure("config", { kind: "btf-none", path: place });
  return files;
}

/** The files below a folder. A link to a file is one; a link to a folder is not followed, as it may lead back. */
function walk(root: string, folder: string): string[] {
  const entries = attempt(folder, () => readdirSync(resolve(root, folder), { withFileTypes: true }));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") ? [] : walk(root, path);
    return ENDING.test(entry.name) ? [path] : [];
  });
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    throw new Failure("config", { kind: "btf-not-there", path, code }, { cause: error });
  }
}

function describe(root: string, path: string): KernelBtf {
  const release = basename(path).replace(ENDING, "");
  const folder = dirname(resolve(root, path));
  const named = ARCHES[basename(folder)];
  if (named === undefined) return { path, release, arch: archOfRelease(release), from: "" };
  const version = dirname(folder);
  const parts = [basename(dirname(version)), basename(version)];
  return { path, release, arch: named, from: parts.every(Boolean) ? parts.join("/") : "" };
}

/** Fedora and its relatives end a release with the architecture, and so does Debian. */
function archOfRelease(release: string): string | undefined {
  const last = /[.-]([a-z0-9_]+)$/.exec(release)?.[1];
  return last === undefined ? undefined : ARCHES[last];
}

/** Whether a kernel fits a pattern: its release does, or its place and release where the pattern has a slash. */
function fitting(pattern: string): (kernel: KernelBtf) => boolean {
  const text = pattern.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("*", ".*");
  const whole = new RegExp(`^${text}$`);
  if (!pattern.includes("/")) return ({ release }) => whole.test(release);
  // `arm64` and `aarch64` are one: what is compared is the place as the file has it.
  return ({ path, release, from }) =>
    from !== "" && whole.test(`${from}/${basename(dirname(path))}/${release}`);
}
