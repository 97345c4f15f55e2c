import { attempt, run } from "../../toolchain/src/base/command.ts";

/**
 * Whether an app in the folder `parent` gets a repository of its own. Asked for neither way, it does unless it lies
 * inside a work tree already: that repository is somebody's, and neither a nested one nor submodules in it would be
 * welcome unasked. A machine without git makes none either.
 */
export async function wantsRepository(
  asked: boolean | undefined,
  parent: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (asked !== undefined) return asked;
  try {
    const args = ["rev-parse", "--is-inside-work-tree"];
    const outcome = await attempt("git", args, { cwd: parent, signal });
    return !(outcome.ok && outcome.stdout.trim() === "true");
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

export async function initRepository(app: string, signal: AbortSignal): Promise<void> {
  await run("git", ["init", "--quiet", "-b", "main"], { cwd: app, signal });
}

/**
 * Stages everything, and commits it if git knows who is committing. Hooks and signing belong to the user's own
 * commits: a hook could fail on files it was not made for, and signing could ask for a passphrase.
 *
 * @returns whether there is a commit.
 */
export async function commitAll(app: string, message: string, signal: AbortSignal): Promise<boolean> {
  await run("git", ["add", "--all"], { cwd: app, signal });
  if (!(await hasIdentity(app, signal))) return false;
  const args = ["-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "-m", message];
  await run("git", args, { cwd: app, signal });
  return true;
}

/** A name and an address that somebody set: git's own guess from the host name makes commits of nobody. */
async function hasIdentity(app: string, signal: AbortSignal): Promise<boolean> {
  const outcome = await attempt("git", ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"], {
    cwd: app,
    signal,
  });
  return outcome.ok;
}
