import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../../toolchain/src/bundle/bundle.ts";
import { inject, makeBlob, stripBase } from "../../../toolchain/src/sea/index.ts";
import { nodePackage } from "../nodes.ts";
import { hostArch, makeParts } from "./make.ts";

const here = dirname(fileURLToPath(import.meta.url));

/** How an executable is privileged beyond who starts it. */
export type Way = "nothing" | "capabilities" | "setuid";

/** Makes the addon, and guarded.ts as apps are bundled, in a folder that every user may enter. */
export async function makeGuarded(folder: string): Promise<void> {
  await makeParts(folder, hostArch(), ["one"]);
  const out = join(folder, "guarded.cjs");
  const files = { out, depfile: `${out}.d` };
  await bundle({ root: here, entry: "guarded.ts", ...files, node: "22.20.0", extra: [] });
  for (let one = folder; one !== "/" && one !== "/tmp"; one = dirname(one)) chmodSync(one, 0o755);
}

/** How many copies of the addon are in the executable besides. */
const COPIES = 99;

/** Makes the executable of guarded.ts under a version of Node. */
export async function makeExecutable(folder: string, version: string): Promise<string> {
  const { node } = await nodePackage(hostArch(), version);
  const [base, blob, out] = ["base", "blob", "app"].map((part) => join(folder, `${part}-${version}`));
  await stripBase({ base: node, out: base! });
  const copies = Array.from({ length: COPIES }, (_, at) => `one-${at + 1}.node`);
  const assets = Object.fromEntries(["one.node", ...copies].map((key) => [key, join(folder, "one.node")]));
  await makeBlob({ node, main: join(folder, "guarded.cjs"), assets, out: blob!, scratch: folder });
  await inject({ base: base!, blob: blob!, out: out! });
  return out!;
}

/** A copy of an executable that gives privileges. */
export function privileged(executable: string, way: Way): string {
  const path = `${executable}-${way}`;
  copyFileSync(executable, path);
  chmodSync(path, way === "setuid" ? 0o4755 : 0o755);
  if (way === "capabilities") execFileSync("setcap", ["cap_bpf,cap_perfmon,cap_dac_override+ep", path]);
  return path;
}

/** Compiles planted.c, which leaves the file `mark` wherever it is loaded. */
export function makePlanted(folder: string, mark: string): string {
  mkdirSync(folder, { recursive: true });
  const library = join(folder, "planted.so");
  const source = join(here, "planted.c");
  execFileSync("cc", ["-shared", "-fPIC", "-Wall", "-Wextra", `-DMARK="${mark}"`, source, "-o", library]);
  return library;
}
