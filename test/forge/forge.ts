import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProjectPins, type Trees } from "./pins.ts";
import { repositories } from "./repositories.ts";
import { serve } from "./server.ts";
import { realTrees } from "./sources.ts";

/** A forge of one's own: the four repositories under the names they have on GitHub, on loopback. */
export interface Forge {
  readonly port: number;
  /** Folder of the bare repositories. */
  readonly root: string;
  /** Path of a list of pins with the commits of this forge; for `--pins`. */
  readonly pins: string;
  /** Makes git find this forge where it is told to go to GitHub. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of a bare repository. */
  readonly repository: (name: string) => string;
  readonly stop: () => Promise<void>;
}

/**
 * Makes the forge in `dir`. Unless other trees are given, its repositories hold the real sources, made from Debian's
 * packages in the layout that the repositories on GitHub have.
 */
export async function makeForge(dir: string, trees?: Trees): Promise<Forge> {
  const sources = trees ?? (await realTrees(join(dir, "trees")));
  const root = join(dir, "repositories");
  const project = readProjectPins();
  const repository = (name: string) => {
    const pin = project.sources.find((source) => source.name === name);
    if (!pin) throw new Error(`no pin named ${name}`);
    return join(root, `${new URL(pin.url).pathname}`);
  };
  const pinned = project.sources
    .filter((pin) => pin.name in sources)
    .map((pin) => ({
      ...pin,
      commit: publish(join(dir, "work", pin.name), repository(pin.name), pin.tag, sources[pin.name]!),
    }));
  const pins = join(dir, "pins.json");
  writeFileSync(pins, JSON.stringify({ ...project, sources: pinned }, null, 2));
  const { port, stop } = await serve(repositories(root));
  return { port, stop, root, pins, env: redirect(port), repository };
}

/** Environment in which git goes to a port of this machine instead of to GitHub. */
export function redirect(port: number): Record<string, string> {
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.http://127.0.0.1:${port}/.insteadOf`,
    GIT_CONFIG_VALUE_0: "https://github.com/",
    no_proxy: "127.0.0.1",
    NO_PROXY: "127.0.0.1",
  };
}

/** Commits a tree, tags it with an annotated tag, as upstream does, and makes a bare clone. Returns the commit. */
function publish(work: string, bare: string, tag: string, tree: Trees[string]): string {
  mkdirSync(work, { recursive: true });
  if (typeof tree === "string") cpSync(tree, work, { recursive: true, verbatimSymlinks: true });
  else for (const [path, text] of Object.entries(tree)) writeTree(join(work, path), text);
  git(work, "init", "--quiet", "-b", "master");
  git(work, "add", "--all", "--force");
  git(work, "commit", "--quiet", "-m", "release");
  git(work, "tag", "-a", "-m", tag, tag);
  mkdirSync(join(bare, ".."), { recursive: true });
  git(work, "clone", "--quiet", "--bare", work, bare);
  return git(work, "rev-parse", "HEAD");
}

/** Points a tag of a bare repository at a new commit, as somebody with evil intent would. Returns that commit. */
export function moveTag(bare: string, tag: string): string {
  const tree = git(bare, "rev-parse", `${tag}^{tree}`);
  const commit = git(bare, "commit-tree", "-m", "not what was released", tree);
  git(bare, "tag", "--force", tag, commit);
  return commit;
}

export function git(cwd: string, ...args: string[]): string {
  const identity = { name: "Forge", email: "forge@example.org", date: "2026-01-01T00:00:00Z" };
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_AUTHOR_DATE: identity.date,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    GIT_COMMITTER_DATE: identity.date,
  };
  return execFileSync("git", args, { cwd, env, encoding: "utf8" }).trim();
}

function writeTree(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}
