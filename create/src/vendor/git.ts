import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../toolchain/src/failure.ts";
import type { VendorFailure } from "../failures.ts";
import { attempt, run } from "../run.ts";
import type { Pin } from "./pins.ts";
import type { GitProvenance } from "./provenance.ts";

export interface GitRequest {
  /** The app's folder, absolute. */
  readonly app: string;
  /** Record the sources as submodules of the app's repository; otherwise they are plain files. */
  readonly submodules: boolean;
  readonly signal: AbortSignal;
}

/** Never ask for a password: a forge that wants one is not the one we mean. */
const quiet = { GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "true", SSH_ASKPASS: "true" };

/**
 * Whether the forge answers at all. A forge that answers with something unexpected counts as reached, so that its
 * answer is examined and never taken as a reason to look elsewhere.
 *
 * @returns undefined, or what git said.
 */
export async function probeForge(
  pin: Pin,
  app: string,
  signal: AbortSignal,
  timeout = 5000,
): Promise<string | undefined> {
  const outcome = await attempt("git", ["ls-remote", "--", pin.url, `refs/tags/${pin.tag}`], {
    cwd: app,
    signal,
    timeout,
    env: quiet,
  });
  if (outcome.ok) return undefined;
  if (outcome.timedOut) return `no answer within ${timeout / 1000} s`;
  return isUnreachable(outcome.output) ? lastLine(outcome.output) : undefined;
}

/** Fetches one pinned source into vendor/NAME and checks that the tag names the pinned commit. */
export async function fetchPin(pin: Pin, request: GitRequest): Promise<GitProvenance> {
  const path = `vendor/${pin.name}`;
  const folder = join(request.app, path);
  await mkdir(folder, { recursive: true });
  const git = (...args: string[]) => run("git", args, { cwd: folder, signal: request.signal, env: quiet });
  await git("init", "--quiet");
  await git("remote", "add", "origin", pin.url);
  const found = await fetchTag(pin, folder, request.signal);
  if (found !== pin.commit)
    throw failure({
      kind: "tag-moved",
      name: pin.name,
      url: pin.url,
      tag: pin.tag,
      pinned: pin.commit,
      found,
    });
  await git("-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", pin.commit);
  if (request.submodules) await addSubmodule(pin, path, request);
  else await rm(join(folder, ".git"), { recursive: true });
  return { url: pin.url, tag: pin.tag, commit: pin.commit, licence: pin.licence };
}

/** @returns the commit the tag names at the remote. */
async function fetchTag(pin: Pin, folder: string, signal: AbortSignal): Promise<string> {
  const ref = `refs/tags/${pin.tag}`;
  const command = { cwd: folder, signal, env: quiet };
  const outcome = await attempt(
    "git",
    ["fetch", "--quiet", "--depth", "1", "--no-tags", "origin", `${ref}:${ref}`],
    command,
  );
  if (outcome.ok) return (await run("git", ["rev-parse", "--verify", `${ref}^{commit}`], command)).trim();
  if (/couldn't find remote ref/i.test(outcome.output))
    throw failure({ kind: "tag-missing", name: pin.name, url: pin.url, tag: pin.tag });
  if (isUnreachable(outcome.output))
    throw failure({ kind: "forge-unreachable", url: pin.url, output: lastLine(outcome.output) });
  throw failure({ kind: "forge-refused", url: pin.url, output: outcome.output });
}

/**
 * Makes the clone a submodule. git takes an existing clone as it is, so nothing is fetched twice; `shallow` lets
 * whoever clones the app fetch the pinned commit alone.
 */
async function addSubmodule(pin: Pin, path: string, request: GitRequest): Promise<void> {
  const git = (...args: string[]) =>
    run("git", args, { cwd: request.app, signal: request.signal, env: quiet });
  await git("submodule", "--quiet", "add", "--force", "--name", path, "--", pin.url, path);
  await git("submodule", "absorbgitdirs", "--", path);
  await git("config", "-f", ".gitmodules", `submodule.${path}.shallow`, "true");
  await git("add", ".gitmodules");
}

function failure(data: VendorFailure): Failure<VendorFailure> {
  return new Failure(data);
}

/** git has no exit code for this; LC_ALL=C keeps the words of git and of curl below it stable. */
export function isUnreachable(output: string): boolean {
  return /could not resolve|couldn't resolve|unable to look up|failed to connect|couldn't connect|unable to connect|connection refused|connection timed out|timed out|network is unreachable|no route to host|connection reset|CONNECT tunnel failed|proxy CONNECT aborted|empty reply from server|returned error: 50[234]|SSL_ERROR_SYSCALL/i.test(
    output,
  );
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}
