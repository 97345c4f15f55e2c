import { flags } from "../config/load.ts";
import { type Given, LIBELF, ZLIB } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Static libraries end up in a shared object, the addon, so everything is position-independent; a distribution's
 * libelf.a is not (its thread-local relocations stop the link).
 */
export const LIBRARY_CFLAGS = ["-O2", "-fPIC", "-fvisibility=hidden", "-w"];

export function libelf({ config, host }: Given): Step {
  const { dir, layout, include } = host.sources.libelf;
  const make = host.toolchain.dir;
  const folders = layout === "extract" ? ["src"] : ["libelf", "lib"];
  // elfutils' lib/ also serves its other tools; libelf wants these three of it.
  const others =
    layout === "extract"
      ? []
      : ["EXCLUDE=$(filter-out lib/crc32.c lib/next_prime.c lib/eu-search.c,$(wildcard lib/*.c))"];
  const includes = [`${make}/make/libelf`, ...folders.map((f) => `${dir}/${f}`), include, host.sources.zlib];
  const cflags = [
    ...LIBRARY_CFLAGS,
    "-DHAVE_CONFIG_H",
    ...includes.map((i) => `-I${i}`),
    ...flags(config, "cflags"),
  ];
  return {
    id: "libelf",
    label: "LIB",
    subject: "libelf.a",
    argv: [
      host.tools.make.path,
      "-s",
      "-f",
      `${make}/make/archive.mk`,
      { prefix: "ARCHIVE=", out: LIBELF },
      `SRC=${dir}`,
      `SUBDIRS=${folders.join(" ")}`,
      ...others,
      `CC=${host.tools.cc.path}`,
      `CFLAGS=${cflags.join(" ")}`,
    ],
    inputs: [
      `${make}/make/archive.mk`,
      `${make}/make/libelf/`,
      ...new Set([...folders.map((f) => `${dir}/${f}/`), `${include}/`]),
      `${host.sources.zlib}/zlib.h`,
      `${host.sources.zlib}/zconf.h`,
    ],
    outputs: [LIBELF],
    tools: [host.tools.make, host.tools.cc],
    jobserver: true,
    shared: true,
  };
}

/** zlib without its file interface (gz*.c), which needs a configure step and which libelf and libbpf do not use. */
export function zlib({ config, host }: Given): Step {
  const dir = host.sources.zlib;
  return {
    id: "zlib",
    label: "LIB",
    subject: "libz.a",
    argv: [
      host.tools.make.path,
      "-s",
      "-f",
      `${host.toolchain.dir}/make/archive.mk`,
      { prefix: "ARCHIVE=", out: ZLIB },
      `SRC=${dir}`,
      "EXCLUDE=gzclose.c gzlib.c gzread.c gzwrite.c",
      `CC=${host.tools.cc.path}`,
      `CFLAGS=${[...LIBRARY_CFLAGS, ...flags(config, "cflags")].join(" ")}`,
    ],
    inputs: [`${host.toolchain.dir}/make/archive.mk`, ...host.sources.zlibFiles],
    outputs: [ZLIB],
    tools: [host.tools.make, host.tools.cc],
    jobserver: true,
    shared: true,
  };
}
