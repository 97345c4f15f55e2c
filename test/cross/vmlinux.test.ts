import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { Cache } from "../../vendor/cache.ts";
import { OriginFault } from "../../vendor/failures.ts";
import { vmlinuxFromGit } from "../../vendor/vmlinux.ts";
import { folderWith } from "../app.ts";

const HEADER = "struct user_pt_regs {};\n";
const folder = folderWith({});
const url = `file://${folder}/upstream`;
const { signal } = new AbortController();
let commit: string;

before(() => {
  const upstream = join(folder, "upstream");
  mkdirSync(join(upstream, "include/aarch64"), { recursive: true });
  writeFileSync(join(upstream, "include/aarch64/vmlinux_6.19.h"), HEADER);
  symlinkSync("vmlinux_6.19.h", join(upstream, "include/aarch64/vmlinux.h"));
  symlinkSync("aarch64", join(upstream, "include/arm64"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      cwd: upstream,
      encoding: "utf8",
    });
  git("init", "--quiet");
  git("add", "-A");
  git("commit", "--quiet", "-m", "headers");
  commit = git("rev-parse", "HEAD").trim();
  // As the forge has it.
  git("config", "uploadpack.allowAnySHA1InWant", "true");
});

test("the header is found behind the links, and the next time without the forge", async () => {
  const cache = new Cache(join(folder, "cache"));
  assert.equal((await vmlinuxFromGit("arm64", { url, commit }, cache, signal)).trim(), HEADER.trim());
  const gone = { url: `file://${folder}/gone`, commit };
  assert.equal((await vmlinuxFromGit("arm64", gone, cache, signal)).trim(), HEADER.trim());
});

test("an architecture that it does not have, and a forge that cannot be reached, are faults of the origin", async () => {
  const cache = new Cache(join(folder, "cache"));
  const fault = (kind: string) => (error: unknown) =>
    error instanceof OriginFault && error.fault.kind === kind;
  await assert.rejects(vmlinuxFromGit("sparc", { url, commit }, cache, signal), fault("absent"));
  const nowhere = { url: "http://127.0.0.1:9/vmlinux.h", commit: "0".repeat(40) };
  await assert.rejects(vmlinuxFromGit("arm64", nowhere, cache, signal), fault("unreachable"));
});
