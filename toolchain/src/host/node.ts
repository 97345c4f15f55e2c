import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../base/failure.ts";
import { loaderOf } from "../base/libc.ts";

/** The Node that is embedded: its executable and its headers. Paths inside of the app are relative to the app. */
export interface EmbeddedNode {
  readonly executable: string;
  readonly include: string;
  /** For example "24.21.0". The blob must be made by exactly this version. */
  readonly version: string;
  /** The text of its licence, which lies beside `include` in a release of Node; undefined where it does not. */
  readonly licence?: string;
}

/**
 * Finds the Node to embed: the one in the app's package node-linux-…, or the executable that the setting NODE names,
 * whose headers must lie in `../include/node` seen from its folder.
 * @throws Failure node-missing, node-without-headers, node-for-musl
 */
export function findNode(root: string, arch: string, setting: string): EmbeddedNode {
  const executable = setting
    ? join(root, relative(root, setting))
    : join(packageDir(root, `node-linux-${arch}`), "bin/node");
  if (!existsSync(executable))
    throw new Failure("host", { kind: "node-missing", package: setting || `node-linux-${arch}` });
  const loader = setting ? loaderOf(executable) : undefined;
  if (loader?.includes("ld-musl-"))
    throw new Failure("host", { kind: "node-for-musl", executable: setting, loader });
  const prefix = dirname(dirname(executable));
  const licence = join(prefix, "LICENSE");
  return {
    executable: fromRoot(root, executable),
    include: fromRoot(root, join(prefix, "include/node")),
    version: versionOf(prefix, executable),
    ...(existsSync(licence) ? { licence: fromRoot(root, licence) } : {}),
  };
}

function versionOf(prefix: string, executable: string): string {
  const header = join(prefix, "include/node/node_version.h");
  if (!existsSync(header)) throw new Failure("host", { kind: "node-without-headers", executable, header });
  const text = readFileSync(header, "utf8");
  const part = (name: string) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  return [part("MAJOR"), part("MINOR"), part("PATCH")].join(".");
}

/** @throws Failure node-missing */
function packageDir(root: string, name: string): string {
  try {
    return dirname(createRequire(join(root, "package.json")).resolve(`${name}/package.json`));
  } catch {
    throw new Failure("host", { kind: "node-missing", package: name });
  }
}

/** Folders that compilations read. Paths inside of the app are relative to the app. */
export interface Toolchain {
  /** The package bpf-app. */
  readonly dir: string;
  /** The package node-addon-api. */
  readonly nodeAddonApi: string;
}

/** Finds the packages bpf-app and node-addon-api. */
export function findToolchain(root: string): Toolchain {
  // This code is dist/cli.js when it is bundled, and src/host/node.ts in the repository. In both cases the package is
  // the nearest folder above it that has a package.json.
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json"))) dir = dirname(dir);
  const installed = join(root, "node_modules/bpf-app");
  const own = existsSync(join(installed, "package.json")) ? installed : dir;
  const nodeAddonApi = dirname(
    createRequire(join(dir, "package.json")).resolve("node-addon-api/package.json"),
  );
  return { dir: fromRoot(root, own), nodeAddonApi: fromRoot(root, nodeAddonApi) };
}

/** With relative paths the command is the same in every app, and so apps share its result in the cache. */
function fromRoot(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") ? path : inside;
}
