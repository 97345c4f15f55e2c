import type { Trees } from "./pins.ts";

/** Stand-ins for the real sources, for tests of nothing but the way on which sources travel. */
export const STAND_INS: Trees = {
  libbpf: { "src/libbpf.c": "libbpf\n", "src/Makefile": "all:\n", LICENSE: "licence\n" },
  bpftool: {
    "src/main.c": "bpftool\n",
    ".gitmodules": '[submodule "libbpf"]\n\tpath = libbpf\n\turl = https://github.com/libbpf/libbpf\n',
  },
  libelf: { "src/elf_begin.c": "libelf\n" },
  zlib: { "zlib.h": "zlib\n", "dist/with.log": "ignored by the app, but needed\n" },
};
