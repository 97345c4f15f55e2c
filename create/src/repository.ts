import { existsSync } from "node:fs";
import { readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { attempt, run } from "../../toolchain/src/base/command.ts";
import { Failure, isFailure } from "../../toolchain/src/base/failure.ts";
import { addSubmodule } from "../../vendor/origins/git.ts";
import type { Pin } from "../../vendor/pins.ts";
import type { Target } from "./target.ts";

/**
 * The repository of an app: none, one of its own that is made, or the one that its folder already is. `outer` says that
 * there is none because the folder lies inside another repository.
 */
export type Repository = "none" | "outer" | "new" | "existing";

/** Whether what was made is committed. */
export type Recorded = "none" | "committed" | "staged";

/**
 * Which repository an app gets. If the user has not decided, it gets one unless its folder lies inside of another
 * repository, whose owner may want neither a nested repository nor submodules. Without git on this machine it gets none
 * either.
 *
 * @param asked the decision of the user, if there is one
 * @throws Failure repository-unreadable, program-missing
 */
export async function findRepository(
  asked: boolean | undefined,
  target: Target,
  signal: AbortSignal,
): Promise<Repository> {
  if (asked === false) return "none";
  const cwd = existing(target.path);
  const own = target.names.includes(".git");
  if (asked && !own) return "new";
  try {
    const top = await attempt("git", ["rev-parse", "--show-toplevel"], { cwd, signal });
    if (!own) return top.ok ? "outer" : "new";
    if (top.ok && top.stdout.replace(/\n$/, "") === (await realpath(cwd))) return "existing";
    const output = top.ok ? "git finds no repository there." : top.output;
    throw new Failure("create", { kind: "repository-unreadable", path: join(cwd, ".git"), output });
  } catch (error) {
    signal.throwIfAborted();
    if (isFailure(error, "create") || asked) throw error;
    return "none";
  }
}

/** The path itself if it exists, or the nearest folder above it that does. */
function existing(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path));
}

/**
 * Makes an empty repository in the app's folder.
 * @throws Failure program-missing, command-failed
 */
export async function initRepository(app: string, signal: AbortSignal): Promise<void> {
  await run("git", ["init", "--quiet", "-b", "main"], { cwd: app, signal });
}

/**
 * Stages files, whatever rules would ignore them, and commits them and nothing else if git knows the user's name. Hooks
 * and signing are left to the user's own commits, because a hook may fail on files for which it was not made, and signing
 * may ask for a passphrase.
 *
 * @param paths relative to the app
 * @throws Failure program-missing, command-failed
 */
export async function record(
  app: string,
  paths: readonly string[],
  message: string,
  signal: AbortSignal,
): Promise<Recorded> {
  const there = paths.filter((path) => existsSync(join(app, path)));
  await run("git", ["add", "--force", "--", ...there], { cwd: app, signal });
  if (!(await hasIdentity(app, signal))) return "staged";
  const plain = ["-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null"];
  const commit = ["commit", "--quiet", "--no-verify", "-m", message, "--only", "--", ...there];
  await run("git", [...plain, ...commit], { cwd: app, signal });
  return "committed";
}

/** Whether somebody has set a name and an address. git would otherwise guess them from the name of the host. */
async function hasIdentity(app: string, signal: AbortSignal): Promise<boolean> {
  const outcome = await attempt("git", ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"], {
    cwd: app,
    signal,
  });
  return outcome.ok;
}

/**
 * Makes clones below vendor/ submodules of the repository that the app's folder is. If anything fails, here or in `then`,
 * the repository's index, configuration and submodules are as they were; at most it has some unused objects more.
 *
 * @throws Failure program-missing, command-failed; and what `then` throws
 */
export async function addTo<T>(
  app: string,
  clones: readonly Pin[],
  signal: AbortSignal,
  then: () => Promise<T>,
): Promise<T> {
  const restore = await remember(app, clones, signal);
  try {
    for (const pin of clones) await addSubmodule(pin, app, signal);
    return await then();
  } catch (error) {
    await restore();
    throw error;
  }
}

/** Remembers what adding submodules changes. @returns what puts it back */
async function remember(
  app: string,
  clones: readonly Pin[],
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const inGit = async (name: string) =>
    resolve(
      app,
      (await run("git", ["rev-parse", "--git-path", name], { cwd: app, signal })).replace(/\n$/, ""),
    );
  const files = [await inGit("index"), await inGit("config"), join(app, ".gitmodules")];
  const texts = await Promise.all(files.map((file) => readFile(file).catch(() => undefined)));
  const modules = await Promise.all(clones.map(({ name }) => inGit(`modules/vendor/${name}`)));
  const fresh = modules.filter((folder) => !existsSync(folder));
  return async () => {
    for (const [at, file] of files.entries()) {
      const text = texts[at];
      if (text === undefined) await rm(file, { force: true });
      else await writeFile(file, text);
    }
    for (const folder of fresh) await rm(folder, { recursive: true, force: true });
  };
}
