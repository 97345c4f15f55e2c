import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LibcPlace } from "../base/libc.ts";
import { licenceFiles } from "../base/licence-files.ts";
import { replaceFile } from "../base/replace-file.ts";
import { findTool } from "../base/which.ts";
import type { Config } from "../config/load.ts";
import { type Arch, findVmlinux, hostArch, type Vmlinux } from "./kernel.ts";
import { requireGlibc } from "./libc.ts";
import { type EmbeddedNode, findNode, findToolchain, type Toolchain } from "./node.ts";
import { SELF } from "./self.ts";
import { findSources, type Sources } from "./sources.ts";
import type { Tool } from "./tool.ts";
import { type Probed, probeSetting, stamp, TOOL_SETTINGS, type ToolName } from "./tools.ts";
import { findTypeScript } from "./typescript.ts";
import { requireVersion } from "./versions.ts";

/** What a plan needs to know of this machine. */
export interface Host {
  readonly arch: Arch;
  readonly tools: { readonly clang: Tool; readonly cc: Tool; readonly cxx: Tool; readonly make: Tool };
  /** The folders in which clang searches for headers by itself. They are given to it again with -idirafter. */
  readonly systemIncludes: readonly string[];
  readonly vmlinux: Vmlinux | undefined;
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

/** What was learnt of the programs is kept in this file, so that a program runs again only when it has changed. */
const MEMORY = ".output/.bpf-app/host.json";

/**
 * Looks at this machine. Programs are run only if they have changed since the last time.
 *
 * @param libc where to look for the C library, other than at this machine
 * @throws Failure of the layer host
 */
export function probeHost(config: Config, environment: NodeJS.ProcessEnv, libc: LibcPlace = {}): Host {
  const arch = hostArch();
  requireGlibc(libc);
  const sources = findSources(config.root, arch.kernel);
  const probe = new ToolProbe(config, environment.PATH ?? "");
  const clang = probe.at("clang");
  const host: Host = {
    arch,
    tools: {
      clang: clang.tool,
      cc: probe.at("cc").tool,
      cxx: probe.at("c++").tool,
      make: probe.at("make").tool,
    },
    systemIncludes: clang.includes ?? [],
    vmlinux: findVmlinux(config, sources.vmlinux),
    node: findNode(config.root, arch.node, config.values.node),
    typescript: findTypeScript(config.root),
    sources,
    toolchain: findToolchain(config.root),
    self: SELF,
    licences: findLicences(config.root),
  };
  const { clang: kernelSide, make, cxx } = host.tools;
  for (const tool of [kernelSide, make, cxx]) requireVersion(tool, environment.PATH ?? "");
  probe.remember();
  return host;
}

/** The folders of an app whose texts are put into its executables. */
const LICENSED = ["", "vendor/libbpf/", "vendor/libelf/", "vendor/zlib/"];

function findLicences(root: string): string[] {
  return LICENSED.flatMap((folder) => licenceFiles(join(root, folder)).map((name) => `${folder}${name}`));
}

/** Probes programs, and remembers in the app's folder what it has learnt. */
class ToolProbe {
  readonly #path: string;
  readonly #config: Config;
  readonly #known: Record<string, Probed>;
  #changed = false;

  constructor(config: Config, path: string) {
    this.#config = config;
    this.#path = path;
    this.#known = recall(config.root);
  }

  at(name: ToolName): Probed {
    const command = this.#config.values[TOOL_SETTINGS[name]];
    const id = JSON.stringify([name, ...command]);
    const known = this.#known[id];
    if (
      known &&
      known.tool.path === findTool(command[0] ?? "", this.#path) &&
      Object.entries(known.stamps).every(([f, s]) => stamp(f) === s)
    ) {
      return known;
    }
    const probed = probeSetting(name, this.#config, this.#path);
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
