import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../root.ts";

/**
 * Copies the checkout as a clone would have it: without node_modules and without anything built, but with files that
 * are not committed yet and would be. The copy becomes a repository with one commit, so that `git status` tells what
 * a command changed.
 */
export function copyCheckout(to: string): void {
  const listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  for (const file of listed.split("\0").filter(Boolean)) {
    // It has been removed, and that is not committed yet.
    if (!existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(ROOT, file), join(to, file), { verbatimSymlinks: true });
  }
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
  git(to, "init", "--quiet", "-b", "main");
  git(to, "add", "--all", "--force");
  git(to, ...identity, "commit", "--quiet", "--no-verify", "-m", "The checkout under test");
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
}
