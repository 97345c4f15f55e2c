import { commandOf } from "../host/tool.ts";
import { LIBBPF, LIBBPF_HEADERS, type PlanInput } from "./inputs.ts";
import { LIBRARY_CFLAGS } from "./libelf.ts";
import { type Machine, machineStep } from "./machine.ts";
import { makeWords } from "./make.ts";
import { type Step, seenFrom } from "./step.ts";

/**
 * Installs libbpf's public headers with libbpf's own Makefile. This is a separate step, because the addon and every
 * .bpf.c need the headers only and should not wait for the library.
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
      { prefix: "DESTDIR=", out: LIBBPF_HEADERS, up: 1, from: `${dir}/src` },
      "INCLUDEDIR=",
      "install_headers",
    ],
    inputs: [`${dir}/src/`],
    outputs: [LIBBPF_HEADERS],
    tools: [host.tools.make],
  };
}

/**
 * Builds libbpf with its own Makefile, called as libbpf-bootstrap calls it. The empty *DIR variables place libbpf.a and
 * bpf/ directly in DESTDIR, and NO_PKG_CONFIG keeps the system's libelf out.
 */
export function libbpf({ host }: PlanInput, machine: Machine): Step {
  const { libbpf: dir, libelf, zlib } = host.sources;
  const from = `${dir}/src`;
  const archive = machine.file(LIBBPF);
  const up = (path: string) => seenFrom(from, path);
  const cflags = [
    ...LIBRARY_CFLAGS,
    "-std=gnu11",
    `-I${up(libelf.include)}`,
    `-I${up(zlib)}`,
    ...machine.cflags,
  ];
  return {
    ...machineStep(machine, "libbpf", LIBBPF),
    label: "LIB",
    argv: [
      ...commandOf(host.tools.make),
      "-s",
      "-C",
      from,
      "BUILD_STATIC_ONLY=1",
      "NO_PKG_CONFIG=1",
      // Silences the line that the Makefile prints for every file.
      "msg=",
      { prefix: "OBJDIR=", out: archive, up: 1, from, suffix: "/libbpf" },
      { prefix: "DESTDIR=", out: archive, up: 1, from },
      "INCLUDEDIR=",
      "LIBDIR=",
      "UAPIDIR=",
      `CC=${makeWords(commandOf(machine.cc))}`,
      `CFLAGS=${makeWords(cflags)}`,
      "install",
    ],
    inputs: [`${dir}/src/`, `${dir}/include/`, `${libelf.include}/`, `${zlib}/zlib.h`, `${zlib}/zconf.h`],
    outputs: [archive],
    tools: [host.tools.make, machine.cc],
    jobserver: true,
    shared: true,
  };
}
