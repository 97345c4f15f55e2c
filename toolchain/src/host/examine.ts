import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { Failure } from "../base/failure.ts";
import { HEADERS, NEEDS, type Need } from "../base/packages.ts";
import { which } from "../base/which.ts";
import type { Config } from "../config/load.ts";
import { hostArch, kernelBtf } from "./kernel.ts";
import { findNode } from "./node.ts";
import { findSources } from "./sources.ts";
import { probeSetting, TOOL_SETTINGS, type ToolName } from "./tools.ts";

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly subject: string;
  /** `missing`: nothing can be built without it. `limited`: apps can be built, but not all of them run here. */
  readonly state: "ok" | "missing" | "limited";
  readonly detail: string;
  /** The row of the table of needs that says which package brings it. */
  readonly need?: Need;
  /** Set when looking failed. */
  readonly error?: Failure;
}

/** Looks at everything that building and running depend on, and does not stop at the first thing that is missing. */
export function examine(config: Config, environment: NodeJS.ProcessEnv): Finding[] {
  const path = environment.PATH ?? "";
  return [
    ...NEEDS.map((need) => tool(config, need, path)),
    ...HEADERS.map(
      (need): Finding => ({
        subject: need.command,
        state: existsSync(need.file) ? "ok" : "missing",
        detail: need.why,
        need,
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

function tool(config: Config, need: Need, path: string): Finding {
  const { command } = need;
  if (!isToolName(command)) {
    const found = which(command, path);
    return { subject: command, state: found ? "ok" : "missing", detail: found ?? "", need };
  }
  return { ...attempt(command, () => probeSetting(command, config, path).tool.version), need };
}

function isToolName(command: string): command is ToolName {
  return command in TOOL_SETTINGS;
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
        detail: `Linux ${release()} has no BTF: CO-RE programs do not load here`,
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
        detail:
          "building works; running needs root, or the capabilities that are said here once an app is built",
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
