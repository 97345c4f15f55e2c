import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import type { Key } from "../config/settings.ts";
import type { Tool } from "../plan/step.ts";
import type { HostFailure } from "./failures.ts";
import { type Arch, findVmlinux, hostArch, type Vmlinux } from "./kernel.ts";
import { type EmbeddedNode, findNode, findToolchain, type Toolchain } from "./node.ts";
import { findSources, type Sources } from "./sources.ts";
import { type Probed, probeTool, stamp, which } from "./tools.ts";

/** This machine, as far as a plan depends on it. */
export interface Host {
  readonly arch: Arch;
  readonly tools: { readonly clang: Tool; readonly cc: Tool; readonly cxx: Tool; readonly make: Tool };
  /** clang's own search path for headers, given to it again with -idirafter. */
  readonly systemIncludes: readonly string[];
  readonly vmlinux: Vmlinux | undefined;
  readonly node: EmbeddedNode;
  readonly sources: Sources;
  /** The package bpf-app, and node-addon-api. */
  readonly toolchain: Toolchain;
}

/** `.output/.bpf-app/host.json`: what the programs said of themselves, so that nothing is run when nothing changed. */
const MEMORY = ".output/.bpf-app/host.json";

/**
 * Looks at this machine. Programs are run only when they changed since the last look.
 * @throws Failure<HostFailure>
 */
export function probeHost(config: Config, environment: NodeJS.ProcessEnv): Host {
  const arch = hostArch();
  const sources = findSources(config.root, arch.kernel);
  const look = new Look(config, environment.PATH ?? "");
  const clang = look.at("clang", "clang", "CLANG");
  const host: Host = {
    arch,
    tools: {
      clang: clang.tool,
      cc: look.at("cc", "cc", "CC").tool,
      cxx: look.at("c++", "cxx", "CXX").tool,
      make: look.at("make", "make", "MAKE").tool,
    },
    systemIncludes: clang.includes ?? [],
    vmlinux: findVmlinux(config, sources.vmlinux),
    node: findNode(config.root, arch.node, config.values.node),
    sources,
    toolchain: findToolchain(config.root),
  };
  checkVersions(host);
  look.remember();
  return host;
}

class Look {
  readonly #path: string;
  readonly #config: Config;
  readonly #known: Record<string, Probed>;
  #changed = false;

  constructor(config: Config, path: string) {
    this.#config = config;
    this.#path = path;
    this.#known = recall(config.root);
  }

  at(name: string, key: Key, word: string): Probed {
    const command = this.#config.values[key];
    const known = this.#known[`${name} ${command}`];
    if (
      known &&
      known.tool.path === which(command, this.#path) &&
      Object.entries(known.stamps).every(([f, s]) => stamp(f) === s)
    ) {
      return known;
    }
    const probed = probeTool(name, command, word, this.#path);
    this.#known[`${name} ${command}`] = probed;
    this.#changed = true;
    return probed;
  }

  remember(): void {
    if (!this.#changed) return;
    const file = join(this.#config.root, MEMORY);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(this.#known));
    renameSync(`${file}.${process.pid}`, file);
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

/** The oldest versions that build what we generate: clang's CO-RE relocations, C++17, make's parallel jobserver. */
function checkVersions(host: Host): void {
  const { clang, make, cxx } = host.tools;
  needs(clang, /clang version (\d+)/, 11, ["clang"]);
  if (!/GNU Make/.test(make.version)) {
    throw new Failure<HostFailure>({ kind: "not-gnu-make", path: make.path, version: make.version });
  }
  needs(make, /GNU Make (\d+)/, 4, ["make"]);
  if (!/clang/i.test(cxx.version)) needs(cxx, /\s(\d+)\.\d+/, 8, ["g++"]);
}

function needs(tool: Tool, pattern: RegExp, oldest: number, packages: readonly string[]): void {
  const major = Number(pattern.exec(tool.version)?.[1]);
  if (major >= oldest || Number.isNaN(major)) return;
  throw new Failure<HostFailure>({
    kind: "tool-too-old",
    tool: tool.name,
    version: tool.version,
    needs: String(oldest),
    packages,
  });
}
