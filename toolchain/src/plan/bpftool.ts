import { commandOf } from "../host/tool.ts";
import { BPFTOOL, LIBBPF, LIBBPF_HEADERS, LIBELF, type PlanInput, ZLIB } from "./inputs.ts";
import type { Step } from "./step.ts";

const OBJECTS = ["main.o", "common.o", "json_writer.o", "gen.o", "btf.o"];

/** What the build reads. The kernel's tree also has a libbpf of its own and headers of every architecture. */
const FOLDERS = {
  standalone: ["src", "include"],
  kernel: ["tools/bpf/bpftool", "tools/build", "tools/scripts", "tools/include", "kernel"],
} as const;

/**
 * bpftool's bootstrap binary (gen, btf: what a build needs), by its own Makefile. Left alone it compiles a libbpf of
 * its own; instead it is shown ours as an old file (`-o`), which make then never remakes. The internal headers that it
 * copies for itself come from the vendored libbpf, so that they are of the same version.
 */
export function bpftool({ config, host }: PlanInput): Step {
  const { bpftool: tool, libbpf, libelf, zlib } = host.sources;
  const up = (path: string) => `${"../".repeat(tool.makeDir.split("/").length)}${path}`;
  // libbpf_internal.h, copied to a folder of its own, looks for "libbpf.h" beside itself: libbpf/src helps it out.
  const includes = [up(".output"), up(`${libbpf}/src`), up(libelf.include), up(zlib)].map(
    (dir) => `-I${dir}`,
  );
  const inputs = FOLDERS[tool.layout].map((folder) => `${tool.dir}/${folder}/`);
  return {
    id: "bpftool",
    label: "BPFTOOL",
    subject: "bpftool/bootstrap/bpftool",
    argv: [
      ...commandOf(host.tools.make),
      "-s",
      "-C",
      tool.makeDir,
      "-o",
      up(LIBBPF),
      { prefix: "OUTPUT=", out: BPFTOOL, up: 2, absolute: true, suffix: "/" },
      `BPF_DIR=${up(libbpf)}/src`,
      `LIBBPF_BOOTSTRAP=${up(LIBBPF)}`,
      `HOSTCC=${commandOf(host.tools.cc).join(" ")}`,
      // The bootstrap binary without program signing, the one part that wants OpenSSL (v7.7.0 cannot be asked to leave
      // it out). Nothing calls it unless `bpftool --sign` is input.
      `BOOTSTRAP_OBJS=$(addprefix $(BOOTSTRAP_OUTPUT),${OBJECTS.join(" ")})`,
      "LIBS_BOOTSTRAP=$(LIBBPF_BOOTSTRAP) -lelf -lz",
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
    // From the environment, because the Makefile adds to these and an assignment on the command line would win.
    env: {
      CFLAGS: [...includes, "-w", ...config.values.cflags].join(" "),
      LDFLAGS: `-L${up(".output")} -Wl,--defsym=bpftool_prog_sign=0,--defsym=register_session_key=0`,
    },
    jobserver: true,
    shared: true,
  };
}
