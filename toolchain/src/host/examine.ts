import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import type { Key } from "../config/settings.ts";
import { hostArch, kernelBtf } from "./kernel.ts";
import { findNode } from "./node.ts";
import { HEADERS, NEEDS } from "./packages.ts";
import { findSources } from "./sources.ts";
import { probeTool, which } from "./tools.ts";

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly subject: string;
  /** `missing`: no build without it. `limited`: builds, but running here is restricted. */
  readonly state: "ok" | "missing" | "limited";
  readonly detail: string;
  /** Debian package that brings it. */
  readonly apt?: string;
  /** Set when looking failed: the error layer words it. */
  readonly error?: Failure;
}

/** Everything a build and a run depend on, missing or not, without stopping at the first. */
export function examine(config: Config, environment: NodeJS.ProcessEnv): Finding[] {
  const path = environment.PATH ?? "";
  return [
    ...NEEDS.map((need) => tool(config, need.command, need.apt, path)),
    ...HEADERS.map(
      (need): Finding => ({
        subject: need.command,
        state: existsSync(need.file) ? "ok" : "missing",
        detail: need.why,
        apt: need.apt,
      }),
    ),
    attempt("Node to embed", () => {
      const node = findNode(config.root, hostArch().node, config.values.node);
      return `${node.version} (${node.executable})`;
    }),
    attempt("vendored sources", () => Object.values(layouts(config)).join(", ")),
    kernel(),
    privileges(),
    lsm(),
  ];
}

const SETTING: Readonly<Record<string, [Key, string]>> = {
  clang: ["clang", "CLANG"],
  make: ["make", "MAKE"],
  cc: ["cc", "CC"],
  "c++": ["cxx", "CXX"],
};

function tool(config: Config, command: string, apt: string, path: string): Finding {
  const setting = SETTING[command];
  if (!setting)
    return {
      subject: command,
      state: which(command, path) ? "ok" : "missing",
      detail: which(command, path) ?? "",
      apt,
    };
  return {
    ...attempt(command, () => probeTool(command, config.values[setting[0]], setting[1], path).tool.version),
    apt,
  };
}

function layouts(config: Config): string[] {
  const { bpftool, libelf } = findSources(config.root, hostArch().kernel);
  return [`libbpf`, `bpftool (${bpftool.layout})`, `libelf (${libelf.layout})`, "zlib"];
}

function attempt(subject: string, look: () => string): Finding {
  try {
    return { subject, state: "ok", detail: look() };
  } catch (error) {
    if (error instanceof Failure) return { subject, state: "missing", detail: "", error };
    throw error;
  }
}

function kernel(): Finding {
  const btf = kernelBtf();
  return btf
    ? { subject: "kernel", state: "ok", detail: `${btf.version}, with BTF` }
    : {
        subject: "kernel",
        state: "limited",
        detail: `Linux ${release()} without BTF: CO-RE programs do not load here`,
      };
}

/** CAP_BPF is bit 39, CAP_SYS_ADMIN bit 21 of the effective set (linux/capability.h). */
function privileges(): Finding {
  const status = readFileSync("/proc/self/status", "utf8");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  const able = (effective & ((1n << 39n) | (1n << 21n))) !== 0n;
  return able
    ? { subject: "privileges", state: "ok", detail: "may load BPF programs" }
    : {
        subject: "privileges",
        state: "limited",
        detail: "building works; running takes root or CAP_BPF and CAP_PERFMON",
      };
}

function lsm(): Finding {
  const file = "/sys/kernel/security/lsm";
  const on = existsSync(file) && readFileSync(file, "utf8").split(",").includes("bpf");
  return {
    subject: "BPF LSM",
    state: on ? "ok" : "limited",
    detail: on ? "on" : "off: lsm programs do not attach here",
  };
}
