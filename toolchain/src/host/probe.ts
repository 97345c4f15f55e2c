import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ARCHES, type Arch } from "../base/arch.ts";
import type { LibcPlace } from "../base/libc.ts";
import { licenceFiles } from "../base/licence-files.ts";
import { replaceFile } from "../base/replace-file.ts";
import { findTool } from "../base/which.ts";
import type { Config } from "../config/load.ts";
import { findVmlinux, hostArch, type Vmlinux } from "./kernel.ts";
import { requireGlibc } from "./libc.ts";
import {
  type EmbeddedNode,
  type ForeignNode,
  findForeignNode,
  findNode,
  findToolchain,
  type Toolchain,
} from "./node.ts";
import { SELF } from "./self.ts";
import { findSources, type Sources } from "./sources.ts";
import type { Tool } from "./tool.ts";
import { commandOfSetting, crossIncludes, type Probed, probeSetting, stamp, type ToolName } from "./tools.ts";
import { findTypeScript } from "./typescript.ts";
import { requireVersion } from "./versions.ts";

/** What a plan needs to know of this machine. */
export interface Host {
  /** The architecture that the app is built for. */
  readonly arch: Arch;
  readonly tools: { readonly clang: Tool; readonly cc: Tool; readonly cxx: Tool; readonly make: Tool };
  /** Set if the app is built for another architecture than this machine has. */
  readonly cross?: Cross;
  /** The folders in which clang searches for headers by itself. They are given to it again with -idirafter. */
  readonly systemIncludes: readonly string[];
  readonly vmlinux: Vmlinux | undefined;
  /** The Node that runs here; it is embedded as well, unless the app is built for another architecture. */
  readonly node: EmbeddedNode;
  /** The app's own TypeScript; undefined if it has none. */
  readonly typescript: Tool | undefined;
  readonly sources: Sources;
  /** The package bpf-app, and node-addon-api. */
  readonly toolchain: Toolchain;
  /** bpf-app itself, which is the tool of the built-in actions. */
  readonly self: Tool;
  /** The texts of the licences of the app and of what is linked into it, relative to the app. */
  readonly licences?: readonly string[];
}

/** What a build for another architecture takes besides. */
export interface Cross {
  /** Compiles what runs here: bpftool and the libraries that it is linked with. */
  readonly cc: Tool;
  /** The Node that is embedded. */
  readonly node: ForeignNode;
}

/** What was learnt of the programs is kept in this file, so that a program runs again only when it has changed. */
const MEMORY = ".output/.bpf-app/host.json";

/**
 * Looks at this machine. Programs are run only if they have changed since the last time.
 *
 * @param libc where to look for the C library, other than at this machine
 * @throws Failure of the layer host
 */
export function probeHost(config: Config, environment: NodeJS.ProcessEnv, libc: LibcPlace = {}): Host {
  const own = hostArch();
  requireGlibc(libc);
  const arch = targetArch(config);
  const sources = findSources(config.root, arch.kernel);
  const probe = new ToolProbe(config, arch, environment.PATH ?? "");
  const clang = probe.at("clang");
  const tools = {
    clang: clang.tool,
    cc: probe.at("cc").tool,
    cxx: probe.at("c++").tool,
    make: probe.at("make").tool,
  };
  for (const tool of [tools.clang, tools.make, tools.cxx]) requireVersion(tool, environment.PATH ?? "");
  const { root, values } = config;
  // NODE names the one that is embedded.
  const node = findNode(root, own, arch === own ? values.node : "");
  const cross = () => ({ cc: probe.at("hostcc").tool, node: findForeignNode(root, arch, values.node, node) });
  const host: Host = {
    arch,
    tools,
    ...(arch === own ? {} : { cross: cross() }),
    systemIncludes: arch === own ? (clang.includes ?? []) : crossIncludes(clang.tool, arch),
    vmlinux: findVmlinux(config, arch, sources.vmlinux),
    node,
    typescript: findTypeScript(root),
    sources,
    toolchain: findToolchain(root),
    self: SELF,
    licences: findLicences(config.root),
  };
  probe.remember();
  return host;
}

/** The folders of an app whose texts are put into its executables. */
const LICENSED = ["", "vendor/libbpf/", "vendor/libelf/", "vendor/zlib/"];

function findLicences(root: string): string[] {
  return LICENSED.flatMap((folder) => licenceFiles(join(root, folder)).map((name) => `${folder}${name}`));
}

/**
 * The architecture that the app is built for: that of the setting ARCH, otherwise this machine's.
 * @throws Failure not-linux, arch-unsupported
 */
export function targetArch({ values }: Config): Arch {
  return values.arch === "" ? hostArch() : ARCHES[values.arch];
}

/** Probes programs, and remembers in the app's folder what it has learnt. */
class ToolProbe {
  readonly #path: string;
  readonly #config: Config;
  readonly #arch: Arch;
  readonly #known: Record<string, Probed>;
  #changed = false;

  constructor(config: Config, arch: Arch, path: string) {
    this.#config = config;
    this.#arch = arch;
    this.#path = path;
    this.#known = recall(config.root);
  }

  at(name: ToolName): Probed {
    const command = commandOfSetting(name, this.#config, this.#arch);
    const id = JSON.stringify([name, this.#arch.node, ...command]);
    const known = this.#known[id];
    if (
      known &&
      known.tool.path === findTool(command[0] ?? "", this.#path) &&
      Object.entries(known.stamps).every(([f, s]) => stamp(f) === s)
    ) {
      return known;
    }
    const probed = probeSetting(name, this.#config, this.#arch, this.#path);
    this.#known[id] = probed;
    this.#changed = true;
    return probed;
  }

  remember(): void {
    if (!this.#changed) return;
    replaceFile(join(this.#config.root, MEMORY), JSON.stringify(this.#known));
  }
}

function recall(root: string): Record<string, Probed> {
  try {
    const known = JSON.parse(readFileSync(join(root, MEMORY), "utf8")) as Record<string, Probed>;
    const whole = Object.values(known).every(
      (p) => p.tool.identity && p.tool.path && p.tool.version && p.stamps,
    );
    return whole ? known : {};
  } catch {
    return {};
  }
}
