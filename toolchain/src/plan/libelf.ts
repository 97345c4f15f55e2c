import { commandOf } from "../host/tool.ts";
import { HARDENED } from "./compile.ts";
import { LIBELF, type PlanInput, ZLIB } from "./inputs.ts";
import { type Machine, machineStep } from "./machine.ts";
import { makeWords } from "./make.ts";
import type { Step } from "./step.ts";

/**
 * The flags of all static libraries. They are linked into a shared object, the addon, and must therefore be
 * position-independent. A distribution's libelf.a is not: its thread-local relocations make the link fail.
 *
 * -O1 is enough, because these libraries parse one small object when a program is loaded, and no event passes through
 * them. Compiling them with -O2 would take a third longer, and compiling them is most of a first build.
 */
export const LIBRARY_CFLAGS = ["-O1", "-fPIC", "-fvisibility=hidden", ...HARDENED, "-w"];

/** Builds libelf with a Makefile of ours, because elfutils' own needs a configure script and more than this library. */
export function libelf({ host }: PlanInput, machine: Machine): Step {
  const { dir, layout, include, more } = host.sources.libelf;
  const make = host.toolchain.dir;
  // The library's own folder and, in elfutils, the folder of headers and helpers that its libraries share.
  const folders = layout === "extract" ? ["src"] : ["libelf", "lib"];
  const includes = [`${make}/make/libelf`, ...folders.map((f) => `${dir}/${f}`), include, host.sources.zlib];
  const cflags = [...LIBRARY_CFLAGS, "-DHAVE_CONFIG_H", ...includes.map((i) => `-I${i}`), ...machine.cflags];
  return {
    ...machineStep(machine, "libelf", LIBELF),
    label: "LIB",
    argv: [
      ...commandOf(host.tools.make),
      "-s",
      "-f",
      `${make}/make/archive.mk`,
      { prefix: "ARCHIVE=", out: machine.file(LIBELF) },
      `SRC=${dir}`,
      `SUBDIR=${folders[0]}`,
      `MORE=${more.join(" ")}`,
      `CC=${makeWords(commandOf(machine.cc))}`,
      `CFLAGS=${makeWords(cflags)}`,
    ],
    inputs: [
      `${make}/make/archive.mk`,
      `${make}/make/libelf/`,
      ...new Set([...folders.map((f) => `${dir}/${f}/`), `${include}/`]),
      `${host.sources.zlib}/zlib.h`,
      `${host.sources.zlib}/zconf.h`,
    ],
    outputs: [machine.file(LIBELF)],
    tools: [host.tools.make, machine.cc],
    jobserver: true,
    shared: true,
  };
}

/** The findings of zlib's configure script: 64-bit offsets and unistd.h, for the gz functions that read config.gz. */
const ZLIB_CONFIGURED = ["-DHAVE_HIDDEN", "-DHAVE_UNISTD_H", "-D_LARGEFILE64_SOURCE=1"];

/** Builds zlib with the same Makefile. */
export function zlib({ host }: PlanInput, machine: Machine): Step {
  const dir = host.sources.zlib;
  return {
    ...machineStep(machine, "zlib", ZLIB),
    label: "LIB",
    argv: [
      ...commandOf(host.tools.make),
      "-s",
      "-f",
      `${host.toolchain.dir}/make/archive.mk`,
      { prefix: "ARCHIVE=", out: machine.file(ZLIB) },
      `SRC=${dir}`,
      "SUBDIR=.",
      `CC=${makeWords(commandOf(machine.cc))}`,
      `CFLAGS=${makeWords([...LIBRARY_CFLAGS, ...ZLIB_CONFIGURED, ...machine.cflags])}`,
    ],
    inputs: [`${host.toolchain.dir}/make/archive.mk`, ...host.sources.zlibFiles],
    outputs: [machine.file(ZLIB)],
    tools: [host.tools.make, machine.cc],
    jobserver: true,
    shared: true,
  };
}
