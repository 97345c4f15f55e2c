import { flags } from "../config/load.ts";
import { BPFTOOL, type Given, LIBBPF, LIBBPF_HEADERS, LIBELF, ZLIB } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * bpftool's bootstrap binary (gen, btf: what a build needs), by its own Makefile. Left alone it compiles a libbpf of
 * its own; instead it is shown ours as an old file (`-o`), which make then never remakes. The internal headers that it
 * copies for itself come from the vendored libbpf, so that they are of the same version.
 */
export function bpftool({ config, host }: Given): Step {
  const { bpftool: tool, libbpf, libelf, zlib } = host.sources;
  const up = (path: string) => `${"../".repeat(tool.makeDir.split("/").length)}${path}`;
  const includes = [up(".output"), up(libelf.include), up(zlib)].map((dir) => `-I${dir}`);
  const inputs =
    tool.layout === "standalone" ? [`${tool.dir}/src/`, `${tool.dir}/include/`] : [`${tool.dir}/`];
  return {
    id: "bpftool",
    label: "BPFTOOL",
    subject: "bpftool/bootstrap/bpftool",
    argv: [
      host.tools.make.path,
      "-s",
      "-C",
      tool.makeDir,
      "-o",
      up(LIBBPF),
      { prefix: "OUTPUT=", out: BPFTOOL, up: 2, absolute: true, suffix: "/" },
      `BPF_DIR=${up(libbpf)}/src`,
      `LIBBPF_BOOTSTRAP=${up(LIBBPF)}`,
      `HOSTCC=${host.tools.cc.path}`,
      `HOST_EXTRACFLAGS=${[...includes, "-w", ...flags(config, "cflags")].join(" ")}`,
      `EXTRA_LDFLAGS=-L${up(".output")}`,
      // Decoration of the full bpftool, which is not built: no LLVM, no OpenSSL headers wanted.
      "SKIP_LLVM=1",
      "SKIP_LIBBFD=1",
      "SKIP_CRYPTO=1",
      "ARCH=",
      "CROSS_COMPILE=",
      "bootstrap",
    ],
    inputs: [
      ...inputs,
      `${libbpf}/src/`,
      LIBBPF,
      LIBBPF_HEADERS,
      LIBELF,
      ZLIB,
      `${libelf.include}/`,
      `${zlib}/zlib.h`,
      `${zlib}/zconf.h`,
    ],
    outputs: [BPFTOOL],
    tools: [host.tools.make, host.tools.cc],
    jobserver: true,
    shared: true,
  };
}
