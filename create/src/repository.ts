import { attempt, run } from "../../toolchain/src/base/command.ts";

/**
 * Whether an app in the folder `parent` gets a repository of its own. If the user has not decided, it gets one unless
 * it lies inside of another repository, whose owner may want neither a nested repository nor submodules. Without git on
 * this machine it gets none either.
 *
 * @param asked the decision of the user, if there is one
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

/**
 * Makes an empty repository in the app's folder.
 * @throws Failure program-missing, command-failed
 */
export async function initRepository(app: string, signal: AbortSignal): Promise<void> {
  await run("git", ["init", "--quiet", "-b", "main"], { cwd: app, signal });
}

/**
 * Stages everything, and commits it if git knows the user's name. Hooks and signing are left to the user's own commits,
 * because a hook may fail on files for which it was not made, and signing may ask for a passphrase.
 *
 * @returns whether there is a commit
 * @throws Failure program-missing, command-failed
 */
export async function commitAll(app: string, message: string, signal: AbortSignal): Promise<boolean> {
  await run("git", ["add", "--all"], { cwd: app, signal });
  if (!(await hasIdentity(app, signal))) return false;
  const args = ["-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "-m", message];
  await run("git", args, { cwd: app, signal });
  return true;
}

/** Whether somebody has set a name and an address. git would otherwise guess them from the name of the host. */
async function hasIdentity(app: string, signal: AbortSignal): Promise<boolean> {
  const outcome = await attempt("git", ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"], {
    cwd: app,
    signal,
  });
  return outcome.ok;
}
