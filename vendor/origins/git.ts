import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { attempt, type Outcome, run } from "../../toolchain/src/base/command.ts";
import { installOfProgram } from "../../toolchain/src/base/packages.ts";
import { type Fault, OriginFault } from "../failures.ts";
import type { Context, Delivery, Offer, Order, Origin } from "../origin.ts";
import type { Pin } from "../pins.ts";

/** git never asks for a password, because a server that wants one is not the one that we mean. */
export const SILENT = { GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "true", SSH_ASKPASS: "true" };

/** For fetches from the cache, whatever the user's configuration allows or forbids. */
const LOCAL = { ...SILENT, GIT_ALLOW_PROTOCOL: "file", GIT_NO_LAZY_FETCH: "1" };

/** git gives up if fewer than this many bytes per second arrive for this many seconds. */
export const PACE = ["-c", "http.lowSpeedLimit=4096", "-c", "http.lowSpeedTime=15"];

/** How long a server may take for its first answer, in milliseconds. */
const PATIENCE = 5000;
/** How long the fetch of one source may take, in milliseconds. The largest one usually takes about a second. */
export const TIMEOUT = 300_000;

/** The repositories themselves, at the pinned commits. */
export class GitOrigin implements Origin {
  readonly name = "git";
  readonly #context: Context;
  /** The repositories of the cache that were checked and are complete. */
  readonly #whole = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Asks the server for one tag. Only the absence of an answer counts here; a wrong answer is examined later. */
  async available(): Promise<Fault | undefined> {
    const { pins, app, signal } = this.#context;
    const version = await attempt("git", ["--version"], { cwd: app, signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (!version?.ok) return { kind: "lacks", what: "git", install: installOfProgram("git") };
    const missing: Pin[] = [];
    for (const pin of pins.sources) if (!(await this.#has(pin))) missing.push(pin);
    const [first] = missing;
    if (!first) return undefined;
    const args = [...PACE, "ls-remote", "--", first.url, `refs/tags/${first.tag}`];
    const outcome = await attempt("git", args, { cwd: app, signal, timeout: PATIENCE, env: SILENT });
    if (outcome.ok) return undefined;
    const fault = gitFault(outcome, first);
    return fault.kind === "unreachable" || fault.kind === "slow" ? fault : undefined;
  }

  offers(pin: Pin): Offer[] {
    return [this.offer(pin)];
  }

  /** The only offer of this origin: the pinned commit. */
  offer(pin: Pin): Offer {
    return { label: pin.tag, version: pin.tag.replace(/^v/, "") };
  }

  /** Fetches the commit into the cache, so that the next app needs no network, and from there into the app. */
  async fetch(pin: Pin, _: Offer, { folder }: Order): Promise<Delivery> {
    const { cache, signal, submodules, app } = this.#context;
    const repository = cache.repository(pin.commit);
    if (!(await this.#has(pin))) {
      await rm(repository, { recursive: true, force: true });
      await this.#fillCache(pin);
    }
    await mkdir(folder, { recursive: true });
    const git = (...args: string[]) => run("git", args, { cwd: folder, signal, env: LOCAL });
    const ref = `refs/tags/${pin.tag}`;
    await git("init", "--quiet");
    await git("remote", "add", "origin", pin.url);
    await git("fetch", "--quiet", "--depth", "1", "--no-tags", `file://${repository}`, `${ref}:${ref}`);
    await git("-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", pin.commit);
    if (submodules === true) await addSubmodule(pin, app, signal);
    else if (!submodules) await rm(join(folder, ".git"), { recursive: true });
    const { url, tag, commit } = pin;
    return { version: tag.replace(/^v/, ""), record: { url, tag, commit } };
  }

  /**
   * Whether the cache has the pinned commit. git reads every object for this, so a complete one is checked only once.
   */
  async #has(pin: Pin): Promise<boolean> {
    const { cache, signal } = this.#context;
    const repository = cache.repository(pin.commit);
    if (!this.#whole.has(repository) && (await hasCommit(repository, pin, signal)))
      this.#whole.add(repository);
    return this.#whole.has(repository);
  }

  /** Fetches only the tag, and keeps it if it names the pinned commit. */
  async #fillCache(pin: Pin): Promise<void> {
    const { cache, signal } = this.#context;
    await cache.inScratch(async (scratch) => {
      const bare = join(scratch, "repository");
      await run("git", ["init", "--quiet", "--bare", bare], { cwd: scratch, signal });
      const ref = `refs/tags/${pin.tag}`;
      const args = ["fetch", "--quiet", "--depth", "1", "--no-tags", "--", pin.url, `${ref}:${ref}`];
      const env = SILENT;
      const outcome = await attempt("git", [...PACE, ...args], { cwd: bare, signal, timeout: TIMEOUT, env });
      if (!outcome.ok) throw new OriginFault(gitFault(outcome, pin));
      const found = (
        await run("git", ["rev-parse", "--verify", `${ref}^{commit}`], { cwd: bare, signal })
      ).trim();
      if (found !== pin.commit)
        throw new OriginFault({ kind: "tag-moved", url: pin.url, tag: pin.tag, pinned: pin.commit, found });
      await cache.addRepository(pin.commit, bare);
    });
  }
}

/** Whether the repository exists and every object of the commit matches its hash. */
async function hasCommit(repository: string, pin: Pin, signal: AbortSignal): Promise<boolean> {
  const args = ["--git-dir", repository, "fsck", "--no-dangling", "--no-progress", `refs/tags/${pin.tag}`];
  const there = await attempt("git", args, { cwd: "/", signal });
  return there.ok;
}

/**
 * Turns the clone into a submodule. git uses an existing clone as it is, so nothing is fetched twice. `shallow` makes
 * those who clone the app fetch only the pinned commit.
 */
export async function addSubmodule(pin: Pin, app: string, signal: AbortSignal): Promise<void> {
  const path = `vendor/${pin.name}`;
  const git = (...args: string[]) => run("git", args, { cwd: app, signal, env: SILENT });
  await git("submodule", "--quiet", "add", "--force", "--name", path, "--", pin.url, path);
  await git("submodule", "absorbgitdirs", "--", path);
  await git("config", "-f", ".gitmodules", `submodule.${path}.shallow`, "true");
  await git("add", ".gitmodules");
}

/** Finds out from git's messages, which LC_ALL keeps in English, why it failed: its exit code is always the same. */
export function gitFault({ output, ended }: Outcome, { url, tag }: Pick<Pin, "url" | "tag">): Fault {
  const place = URL.canParse(url) && new URL(url).host ? new URL(url).host : url;
  const said = lastLine(output);
  if (ended) return { kind: "unreachable", place, output: "no answer in time" };
  if (/Operation too slow/i.test(output)) return { kind: "slow", place };
  if (/No space left on device|Disk quota exceeded/i.test(output))
    return { kind: "disk", path: url, output: said };
  if (/couldn't find remote ref/i.test(output)) return { kind: "absent", what: `tag ${tag}`, place: url };
  if (isUnreachable(output)) return { kind: "unreachable", place, output: said };
  return { kind: "refused", what: basename(url), place: dirname(url), output: said };
}

/** Whether a message of git, or of curl below it, says that the server cannot be reached. */
export function isUnreachable(output: string): boolean {
  return /could not resolve|couldn't resolve|unable to look up|failed to connect|couldn't connect|unable to connect|connection refused|connection timed out|timed out|network is unreachable|no route to host|connection reset|recv failure|CONNECT tunnel failed|proxy CONNECT aborted|empty reply from server|returned error: 50[234]|SSL_ERROR_SYSCALL/i.test(
    output,
  );
}

/** The last message of git, without the words with which every message begins. */
function lastLine(output: string): string {
  const line = output.trim().split("\n").at(-1) ?? "";
  return line.replace(/^(?:fatal|error): /, "").replace(/^unable to access '[^']*': /, "");
}
