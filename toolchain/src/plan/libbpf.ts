import { commandOf } from "../host/tool.ts";
import { LIBBPF, LIBBPF_HEADERS, type PlanInput } from "./inputs.ts";
import { LIBRARY_CFLAGS } from "./libelf.ts";
import type { Step } from "./step.ts";

/**
 * libbpf's public headers, by its own Makefile. A step of its own, because the addon and every .bpf.c wait for these
 * and not for the library.
 */
export function libbpfHeaders({ host }: PlanInput): Step {
  const dir = host.sources.libbpf;
  return {
    id: "libbpf-headers",
    label: "HEADERS",
    subject: "bpf/",
    argv: [
      ...commandOf(host.tools.make),
      "-s",
      "-C",
      `${dir}/src`,
      "NO_PKG_CONFIG=1",
      "msg=",
      { prefix: "DESTDIR=", out: LIBBPF_HEADERS, up: 1, absolute: true },
      "INCLUDEDIR=",
      "install_headers",
    ],
    inputs: [`${dir}/src/`],
    outputs: [LIBBPF_HEADERS],
    tools: [host.tools.make],
  };
}

/**
 * libbpf by its own Makefile, as libbpf-bootstrap calls it. The empty *DIR variables put libbpf.a and bpf/ right under
 * DESTDIR; NO_PKG_CONFIG keeps a system libelf out.
 */
export function libbpf({ config, host }: PlanInput): Step {
  const { libbpf: dir, libelf, zlib } = host.sources;
  // make changes to src/, three folders down; relative paths keep the command the same in every app.
  const up = (path: string) => `../../../${path}`;
  const cflags = [
    ...LIBRARY_CFLAGS,
    "-std=gnu11",
    `-I${up(libelf.include)}`,
    `-I${up(zlib)}`,
    ...config.values.cflags,
  ];
  return {
    id: "libbpf",
    label: "LIB",
    subject: "libbpf.a",
    argv: [
      ...commandOf(host.tools.make),
      "-s",
      "-C",
      `${dir}/src`,
      "BUILD_STATIC_ONLY=1",
      "NO_PKG_CONFIG=1",
      // Its line for every file.
      "msg=",
      { prefix: "OBJDIR=", out: LIBBPF, up: 1, absolute: true, suffix: "/libbpf" },
      { prefix: "DESTDIR=", out: LIBBPF, up: 1, absolute: true },
      "INCLUDEDIR=",
      "LIBDIR=",
      "UAPIDIR=",
      `CC=${commandOf(host.tools.cc).join(" ")}`,
      `CFLAGS=${cflags.join(" ")}`,
      "install",
    ],
    inputs: [`${dir}/src/`, `${dir}/include/`, `${libelf.include}/`, `${zlib}/zlib.h`, `${zlib}/zconf.h`],
    outputs: [LIBBPF],
    tools: [host.tools.make, host.tools.cc],
    jobserver: true,
    shared: true,
  };
}
