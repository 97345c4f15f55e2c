import { mkdir, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { attempt, run } from "../../toolchain/src/base/command.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";

/** Which files of an archive are wanted, as patterns below its only top folder. */
export interface Selection {
  readonly keep: readonly string[];
  readonly drop?: readonly string[] | undefined;
}

/**
 * Unpacks the wanted files of a source archive into `folder`.
 * @throws Failure program-missing, command-failed
 */
export async function unpackArchive(
  archive: { readonly path: string; readonly name: string },
  selection: Selection,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  // tar says only in a message which program it lacks, so the program is called before.
  const program = { xz: "xz", bz2: "bzip2", gz: "gzip" }[archive.name.split(".").at(-1) ?? ""];
  if (program) await run(program, ["--help"], { cwd: folder, signal });
  await run("tar", ["-xf", archive.path, ...tarArguments(selection)], { cwd: folder, signal });
}

/**
 * Unpacks the wanted files of a source archive that lies inside of a binary package. The data is streamed from one
 * program to the next, so the archive is never stored.
 * @throws Failure program-missing, command-failed
 */
export async function unpackInner(
  deb: string,
  inner: string,
  selection: Selection,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const tool of ["dpkg-deb", "xz"]) await run(tool, ["--version"], { cwd: folder, signal });
  const options = { cwd: folder, cancelSignal: signal, stdin: "ignore", reject: false } as const;
  const result = await execa("dpkg-deb", ["--fsys-tarfile", deb], { ...options, buffer: false })
    .pipe("tar", ["-xOf", "-", `./${inner}`], { ...options, stdin: "pipe", buffer: false })
    .pipe("tar", ["-xJf", "-", ...tarArguments(selection)], { ...options, stdin: "pipe" });
  signal.throwIfAborted();
  const bad = [result, ...result.pipedFrom].find((one) => one.failed);
  if (bad)
    throw new Failure("command", {
      kind: "command-failed",
      command: bad.command,
      output: String(bad.stderr ?? result.stderr),
    });
}

/** The arguments that make tar unpack the wanted members of an archive with one top folder. */
function tarArguments({ keep, drop = [] }: Selection): string[] {
  return [
    "--strip-components=1",
    "--no-same-owner",
    "--no-same-permissions",
    "--wildcards",
    "--no-wildcards-match-slash",
    "--anchored",
    ...drop.map((pattern) => `--exclude=*/${pattern}`),
    ...keep.map((pattern) => `*/${pattern}`),
  ];
}

/**
 * Applies Debian's patches, which include security fixes, to the files that were kept. The order is that of the
 * package's series. git applies them, because it refuses to write outside of the folder.
 *
 * @param archive the package's .debian.tar
 * @returns the names of the patches that were applied
 * @throws Failure program-missing, command-failed
 */
export async function applyPatches(archive: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const list = await run("tar", ["-tf", archive], { cwd: folder, signal });
  if (!list.split("\n").includes("debian/patches/series")) return [];
  const read = (name: string) =>
    run("tar", ["-xOf", archive, `debian/patches/${name}`], { cwd: folder, signal });
  const series = (await read("series"))
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().replace(/\s.*/, ""));
  const applied: string[] = [];
  for (const name of series.filter((line) => line !== "")) {
    if (await applyPatch(await read(name), folder, signal)) applied.push(name);
  }
  return applied;
}

/** @returns whether the patch changes a file that is in the folder */
async function applyPatch(patch: string, folder: string, signal: AbortSignal): Promise<boolean> {
  const files = new Set(await readdir(folder, { recursive: true }));
  const touched = [...patch.matchAll(/^\+\+\+ [^/\s]+\/(\S+)/gm)]
    .map(([, path = ""]) => path)
    .filter((path) => files.has(path));
  if (touched.length === 0) return false;
  const includes = touched.map((path) => `--include=${path}`);
  const args = ["apply", "-p1", "--whitespace=nowarn", ...includes, "-"];
  const env = { GIT_CEILING_DIRECTORIES: dirname(folder) };
  const outcome = await attempt("git", args, { cwd: folder, signal, input: patch, env });
  if (!outcome.ok)
    throw new Failure("command", {
      kind: "command-failed",
      command: `git ${args.join(" ")}`,
      output: outcome.output,
    });
  return true;
}
