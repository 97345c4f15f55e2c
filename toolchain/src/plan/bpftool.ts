import { commandOf } from "../host/tool.ts";
import { BPFTOOL, LIBBPF, LIBBPF_HEADERS, LIBELF, type PlanInput, ZLIB } from "./inputs.ts";
import type { Machine } from "./machine.ts";
import { makeWords } from "./make.ts";
import { type Step, seenFrom } from "./step.ts";

const OBJECTS = ["main.o", "common.o", "json_writer.o", "gen.o", "btf.o"];

/** The folders that the build reads. The rest of the kernel's tree, such as its own libbpf, does not concern it. */
const FOLDERS = {
  standalone: ["src", "include"],
  kernel: ["tools/bpf/bpftool", "tools/build", "tools/scripts", "tools/include", "kernel"],
} as const;

/**
 * Builds bpftool's bootstrap binary, which has the commands that a build needs (gen, btf), with bpftool's own Makefile.
 * That Makefile would compile a libbpf of its own. Instead make is told that our libbpf.a is an old file (`-o`), which
 * it never remakes. The Makefile also copies internal headers of libbpf; it takes them from the vendored libbpf, so
 * that library and headers have the same version.
 */
export function bpftool({ host }: PlanInput, own: Machine): Step {
  const { bpftool: tool, libbpf, libelf, zlib } = host.sources;
  const up = (path: string) => seenFrom(tool.makeDir, path);
  // libbpf_internal.h, which is copied to another folder, expects "libbpf.h" beside itself. It is found in libbpf/src.
  const includes = [up(".output"), up(`${libbpf}/src`), up(libelf.include), up(zlib)].map(
    (dir) => `-I${dir}`,
  );
  const library = own.file(LIBBPF);
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
      up(library),
      { prefix: "OUTPUT=", out: BPFTOOL, up: 2, from: tool.makeDir, suffix: "/" },
      // The Makefile would take the folder of the sources out of the whole path of its own.
      `srctree=${"../".repeat(tool.makeDir.slice(tool.dir.length + 1).split("/").length).slice(0, -1)}`,
      `BPF_DIR=${up(libbpf)}/src`,
      `LIBBPF_BOOTSTRAP=${up(library)}`,
      `HOSTCC=${makeWords(commandOf(own.cc))}`,
      // The objects of the bootstrap binary except for the one that signs programs. That one needs OpenSSL's headers,
      // and v7.7.0 has no option to leave it out. It is called only for `bpftool --sign`.
      `BOOTSTRAP_OBJS=$(addprefix $(BOOTSTRAP_OUTPUT),${OBJECTS.join(" ")})`,
      "LIBS_BOOTSTRAP=$(LIBBPF_BOOTSTRAP) -lelf -lz",
      // The Makefile would look for libraries that only the whole bpftool uses (LLVM, libcap, libbfd) and print what it
      // finds, in colours. Without that the result is also the same whatever libraries this machine has.
      "check_feat=0",
      "ARCH=",
      "CROSS_COMPILE=",
      "bootstrap",
    ],
    inputs: [
      ...inputs,
      `${libbpf}/src/`,
      library,
      LIBBPF_HEADERS,
      own.file(LIBELF),
      own.file(ZLIB),
      `${libelf.include}/`,
      `${zlib}/zlib.h`,
      `${zlib}/zconf.h`,
    ],
    outputs: [BPFTOOL],
    tools: [host.tools.make, own.cc],
    // These are set in the environment, because the Makefile appends to these variables, and make ignores that for a
    // variable which is assigned on the command line.
    env: {
      CFLAGS: makeWords([...includes, "-w", ...own.cflags]),
      LDFLAGS: `-L${up(".output")} -Wl,--defsym=bpftool_prog_sign=0,--defsym=register_session_key=0`,
    },
    jobserver: true,
    shared: true,
  };
}
