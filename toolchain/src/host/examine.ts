import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import type { Arch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { crossNeeds, guestNeeds, HEADERS, NEEDS, type Need } from "../base/packages.ts";
import { which } from "../base/which.ts";
import type { Config } from "../config/load.ts";
import { allows } from "../facts/capabilities.ts";
import { capabilitiesIn } from "../facts/process-status.ts";
import { hostArch, kernelBtf } from "./kernel.ts";
import { libcText } from "./libc.ts";
import { type EmbeddedNode, findForeignNode, findNode } from "./node.ts";
import { targetArch } from "./probe.ts";
import { findSources } from "./sources.ts";
import { probeSetting, TOOL_SETTINGS, type ToolName } from "./tools.ts";
import { lacksFeatures, requireVersion } from "./versions.ts";

/** One thing of this machine that a build depends on. */
export interface HostFinding {
  readonly subject: string;
  /** `error`: nothing can be built without it. `warn`: apps can be built, but not all of them run here. */
  readonly state: "ok" | "warn" | "error";
  readonly detail: string;
  readonly why?: string;
  readonly fix?: string;
  /** The row of the table of needs that says which package brings it. */
  readonly need?: Need;
  /** Set when looking failed. */
  readonly error?: Failure;
}

/** Where to look, other than at this machine itself. */
export interface Place {
  readonly environment: NodeJS.ProcessEnv;
  /** Another folder than "/" holds the files of another machine. */
  readonly root?: string;
  /** The version of glibc that Node runs on there; undefined where it is another C library. */
  readonly glibc?: () => string | undefined;
}

/** Looks at everything that building and running depend on, and does not stop at the first thing that is missing. */
export function examine(config: Config, place: Place): HostFinding[] {
  const { environment, root = "/" } = place;
  const path = environment.PATH ?? "";
  return [
    ...programs(config).map((one) => tool(config, one, path)),
    ...HEADERS.map((need): HostFinding => {
      const there = existsSync(join(root, need.file));
      return { subject: need.command, state: there ? "ok" : "error", detail: need.why, need };
    }),
    running(),
    attempt("C library", () => libcText(place)),
    ...nodes(config, targetArch(config)),
    attempt("vendored sources", () => Object.values(layouts(config)).join(", ")),
    disk(config.root),
    kernel(),
    privileges(),
    guests(path, targetArch(config)),
  ];
}

/** A program that a build needs, and the setting that names it, if there is one. */
interface Program {
  readonly need: Need;
  readonly name?: ToolName;
}

/** The programs that a build for the app's architecture needs. What runs here is compiled by this machine's own compiler. */
function programs(config: Config): readonly Program[] {
  const named = (need: Need): Program => (isToolName(need.command) ? { need, name: need.command } : { need });
  const arch = targetArch(config);
  if (arch === hostArch()) return NEEDS.map(named);
  const own = NEEDS.filter(({ command }) => command !== "c++").map(named);
  const cross = crossNeeds(arch).map((need, at): Program => ({ need, name: at === 0 ? "cc" : "c++" }));
  return [...own.map((one): Program => (one.name === "cc" ? { ...one, name: "hostcc" } : one)), ...cross];
}

function tool(config: Config, { need, name }: Program, path: string): HostFinding {
  const { command } = need;
  if (name === undefined) {
    const found = which(command, path);
    return {
      subject: command,
      state: found ? "ok" : "error",
      detail: found ?? `${command} was not found`,
      need,
    };
  }
  let why: string | undefined;
  const found = attempt(command, () => {
    const { tool } = probeSetting(name, config, targetArch(config), path);
    requireVersion(tool, path);
    why = lacksFeatures(tool);
    return tool.version;
  });
  return { ...found, ...(why === undefined ? {} : { why }), need };
}

function isToolName(command: string): command is ToolName {
  return command in TOOL_SETTINGS;
}

function layouts(config: Config): string[] {
  const { bpftool, libelf } = findSources(config.root, targetArch(config).kernel);
  return [`libbpf`, `bpftool (${bpftool.layout})`, `libelf (${libelf.layout})`, "zlib"];
}

function attempt(subject: string, look: () => string): HostFinding {
  try {
    return { subject, state: "ok", detail: look() };
  } catch (error) {
    if (error instanceof Failure) return { subject, state: "error", detail: "", error };
    throw error;
  }
}

/** The Node that is embedded and, where that is for another machine, the app's own, of which it has to be the version. */
function nodes({ root, values }: Config, arch: Arch): HostFinding[] {
  const own = () => findNode(root, hostArch(), arch === hostArch() ? values.node : "");
  const text = ({ version, executable }: EmbeddedNode) => `${version} (${executable})`;
  if (arch === hostArch()) return [attempt("Node to embed", () => text(own()))];
  return [
    attempt("Node of the app", () => text(own())),
    attempt("Node to embed", () => {
      const foreign = findForeignNode(root, arch, values.node, own());
      return "executable" in foreign ? foreign.executable : `${foreign.package}, which npm fetches`;
    }),
  ];
}

/** The first Node that runs bpf-app, as `engines` of its package.json says. */
const OLDEST_NODE = [20, 19] as const;

/** The Node that runs this. npm's scripts of an app run on the one that is embedded. */
function running(): HostFinding {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  const detail = `${node} (${process.execPath})`;
  return old
    ? { subject: "Node", state: "error", detail, fix: `Install Node ${OLDEST_NODE.join(".")} or newer.` }
    : { subject: "Node", state: "ok", detail };
}

/** What an app's .output and dist take, with room to spare, in bytes. */
const ROOM = 1 << 30;

function disk(folder: string): HostFinding {
  const { bavail, bsize } = statfsSync(folder);
  const detail = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
  return bavail * bsize < ROOM
    ? {
        subject: "disk",
        state: "warn",
        detail,
        fix: "A build takes half a gigabyte: make room, or run bpf-app cache prune.",
      }
    : { subject: "disk", state: "ok", detail };
}

function kernel(): HostFinding {
  const btf = kernelBtf();
  return btf
    ? { subject: "kernel", state: "ok", detail: `${btf.version}, with BTF` }
    : {
        subject: "kernel",
        state: "warn",
        detail: `Linux ${release()} has no BTF: CO-RE programs do not load here`,
        fix: "Building works where vmlinux.h is vendored, or named by VMLINUX.",
      };
}

function privileges(): HostFinding {
  const has = capabilitiesIn(readFileSync("/proc/self/status", "latin1"));
  return allows(has, "CAP_BPF")
    ? { subject: "privileges", state: "ok", detail: "may load BPF programs" }
    : {
        subject: "privileges",
        state: "warn",
        detail:
          "building works; running needs root, or the capabilities that are said here once an app is built",
      };
}

/** Other kernels are booted in guests, which is of use and not needed. */
function guests(path: string, arch: Arch): HostFinding {
  const subject = "qemu";
  const found = which(guestNeeds(arch)[0]?.command ?? subject, path);
  if (found === undefined)
    return { subject, state: "ok", detail: "not installed; only trying programs on other kernels needs it" };
  return {
    subject,
    state: "ok",
    detail: `${found}${writable("/dev/kvm") ? "" : ", without KVM, and so slow"}`,
  };
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
