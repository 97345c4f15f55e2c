import { mkdir, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { Failure } from "../../../toolchain/src/failure.ts";
import type { CreateFailure } from "../failures.ts";
import { missing, run } from "../run.ts";
import type { Package } from "./apt.ts";
import type { PackagePin } from "./pins.ts";
import type { Cache } from "./trees.ts";

/**
 * Unpacks what is needed of a package into `folder`.
 *
 * @returns the names of the distribution's patches that were applied.
 */
export async function unpack(
  pin: PackagePin,
  pack: Package,
  folder: string,
  cache: Cache,
  signal: AbortSignal,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  if (pin.inner) {
    await unpackInner(pin, await locate(pack, /\.deb$/, cache), folder, signal);
    return [];
  }
  const original = await locate(pack, /\.orig\.tar\.\w+$/, cache);
  await requireProgram(pack, /\.orig\.tar\.\w+$/, folder, signal);
  await run("tar", ["-xf", original, ...selection(pin)], { cwd: folder, signal });
  return applyPatches(await locate(pack, /\.debian\.tar\.\w+$/, cache), folder, signal);
}

/** A .deb's data with a source archive inside, streamed from one program to the next: the archive itself is not kept. */
async function unpackInner(pin: PackagePin, deb: string, folder: string, signal: AbortSignal): Promise<void> {
  for (const tool of ["dpkg-deb", "xz"]) await run(tool, ["--version"], { cwd: folder, signal });
  const options = { cwd: folder, cancelSignal: signal, stdin: "ignore", reject: false } as const;
  const result = await execa("dpkg-deb", ["--fsys-tarfile", deb], { ...options, buffer: false })
    .pipe("tar", ["-xOf", "-", `./${pin.inner}`], { ...options, stdin: "pipe", buffer: false })
    .pipe("tar", ["-xJf", "-", ...selection(pin)], { ...options, stdin: "pipe" });
  signal.throwIfAborted();
  const bad = [result, ...result.pipedFrom].find((one) => one.failed);
  if (bad)
    throw new Failure<CreateFailure>({
      kind: "command-failed",
      command: bad.command,
      output: String(bad.stderr ?? result.stderr),
    });
}

/** Arguments of tar that take the wanted members out of an archive with one top folder. */
function selection(pin: PackagePin): string[] {
  return [
    "--strip-components=1",
    "--no-same-owner",
    "--no-same-permissions",
    "--wildcards",
    "--no-wildcards-match-slash",
    "--anchored",
    ...(pin.drop ?? []).map((pattern) => `--exclude=*/${pattern}`),
    ...pin.keep.map((pattern) => `*/${pattern}`),
  ];
}

/**
 * Debian's patches to the files we keep, in the order of its series: among them are fixes of security bugs.
 * The archive's patches are applied with git, which also refuses to write outside the folder.
 */
async function applyPatches(archive: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const list = await run("tar", ["-tf", archive], { cwd: folder, signal });
  if (!list.split("\n").includes("debian/patches/series")) return [];
  const read = (name: string) =>
    run("tar", ["-xOf", archive, `debian/patches/${name}`], { cwd: folder, signal });
  const series = (await read("series"))
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s/)[0]!);
  const applied: string[] = [];
  for (const name of series.filter((line) => line !== "")) {
    if (await applyPatch(await read(name), folder, signal)) applied.push(name);
  }
  return applied;
}

/** @returns whether the patch concerned a file that is here. */
async function applyPatch(patch: string, folder: string, signal: AbortSignal): Promise<boolean> {
  const files = new Set(await readdir(folder, { recursive: true }));
  const touched = [...patch.matchAll(/^\+\+\+ [^/\s]+\/(\S+)/gm)]
    .map((match) => match[1]!)
    .filter((path) => files.has(path));
  if (touched.length === 0) return false;
  const result = await execa(
    "git",
    ["apply", "-p1", "--whitespace=nowarn", ...touched.map((path) => `--include=${path}`), "-"],
    {
      cwd: folder,
      cancelSignal: signal,
      input: patch,
      reject: false,
      all: true,
      env: { GIT_CEILING_DIRECTORIES: dirname(folder), GIT_DIR: undefined, GIT_WORK_TREE: undefined },
    },
  );
  signal.throwIfAborted();
  if (result.code === "ENOENT") throw missing("git");
  if (result.failed)
    throw new Failure<CreateFailure>({
      kind: "command-failed",
      command: result.command,
      output: result.all ?? "",
    });
  return true;
}

async function locate(pack: Package, pattern: RegExp, cache: Cache): Promise<string> {
  const download = pack.files.find((file) => pattern.test(file.name));
  const path = download && (await cache.findFile(download));
  if (path) return path;
  throw new Failure<CreateFailure>({
    kind: "package-odd",
    package: pack.name,
    problem: `no file of it matches ${pattern.source}`,
  });
}

/** tar names the program it lacks in words only, so look before it does. */
async function requireProgram(
  pack: Package,
  pattern: RegExp,
  cwd: string,
  signal: AbortSignal,
): Promise<void> {
  const name = pack.files.find((file) => pattern.test(file.name))?.name ?? "";
  const program = { xz: "xz", bz2: "bzip2", gz: "gzip" }[name.split(".").at(-1) ?? ""];
  if (program) await run(program, ["--help"], { cwd, signal });
  await run("xz", ["--version"], { cwd, signal });
}
