import { ARCHES, otherArch } from "../base/arch.ts";
import { installText } from "../base/packages.ts";
import type { Wording } from "../base/wording.ts";
import type { HostFailure } from "./failures.ts";

/** What this machine lacks, why, and what to do about it. */
export function hostWords(f: HostFailure): Wording {
  switch (f.kind) {
    case "not-linux":
      return {
        what: `eBPF exists on Linux only, and this system is ${f.platform}.`,
        next: "Build on Linux, for example in a virtual machine.",
      };
    case "host-is-musl":
      return {
        what: "This system's C library is musl, as in Alpine, and apps can be built only where it is glibc.",
        why: `${f.loader} is its loader. An executable holds the Node of nodejs.org, which is made for glibc, and so is the addon; there is no official Node for musl.`,
        next: `Build in a container that has glibc: docker run --rm -v "$PWD":/app -w /app node:24-bookworm sh -c 'apt-get update && apt-get install -y clang make g++ && npm ci && npm run build'`,
      };
    case "node-for-musl":
      return {
        what: `${f.executable} is built for musl, and cannot be embedded.`,
        why: `The setting NODE names it, and its loader is ${f.loader}. The addon, which it would have to load, is compiled for glibc.`,
        next: "Name the Node of an unpacked release from nodejs.org, or leave NODE out.",
      };
    case "arch-unsupported":
      return { what: `The architecture ${f.arch} is not supported.`, next: "Build on x86-64 or arm64." };
    case "tool-missing":
      return {
        what: `${f.tool} was not found.`,
        why: "It is in none of the folders of PATH.",
        next: `${installText(f.install, f.tool)}\nOr name another program: ${f.word}=/path/to/it`,
      };
    case "tool-broken":
      return { what: `${f.path} does not run.`, why: f.output.trim(), next: `Reinstall ${f.tool}.` };
    case "tool-too-old":
      return {
        what: `${f.tool} is too old.`,
        why: `It reports: ${f.version}. Version ${f.needs} or newer is needed.`,
        next: `${installText(f.install, `a newer ${f.tool}`)}\nIf a newer one is installed under another name, give that name, for example CLANG=clang-19`,
      };
    case "not-gnu-make":
      return {
        what: `${f.path} is not GNU make.`,
        why: `It says that it is: ${f.version || "(nothing)"}`,
        next: "Give the name of GNU make: MAKE=gmake",
      };
    case "compiler-other-machine":
      return {
        what: `${f.command} compiles for ${f.target}, and the app is built for ${f.arch}.`,
        why: `${f.word} names it. Code for both would not link.`,
        next: `Leave ${f.word} out, or name a compiler for ${ARCHES[f.arch].title}. For another machine than this one, name that: ARCH=${otherArch(ARCHES[f.arch]).node}`,
      };
    case "node-other-machine":
      return {
        what: `${f.executable} is a Node for ${f.is}, and the app is built for ${f.arch}.`,
        why: "The setting NODE names it.",
        next: `Name a Node for ${f.arch}, or leave NODE out. To build for ${f.is}: ARCH=${f.is}`,
      };
    case "node-other-version":
      return {
        what: `${f.executable} is Node ${f.version}, and the app's own is ${f.own}.`,
        why: "The app's own Node makes the part of the executable that only the same version can read.",
        next: `Name a Node ${f.own} for the other machine, or leave NODE out, which fetches it.`,
      };
    case "node-missing":
      return {
        what: `The Node to embed was not found: ${f.package}.`,
        next: "Run npm install. Optional packages and development packages are needed too.",
      };
    case "typescript-missing":
      return {
        what: "The types cannot be checked: TypeScript, which package.json names, is not installed.",
        next: "Run npm install. To build without checking: npm run build -- --no-check",
      };
    case "node-without-headers":
      return {
        what: `The addon cannot be compiled for ${f.executable}.`,
        why: `The setting NODE names it, but Node's headers are not beside it: ${f.header} is missing.`,
        next: "Name the Node of an unpacked release from nodejs.org, which has include/node, or leave NODE out.",
      };
    case "submodules-missing":
      return {
        what: `The vendored sources are missing: ${f.paths.join(", ")}.`,
        why: "They are git submodules, which `git clone` leaves out unless it is told --recurse-submodules.",
        next: "Check them out: git submodule update --init --recursive",
      };
    case "source-missing":
      return {
        what: `The sources of ${f.name} are missing.`,
        why: `${f.path} does not exist or is empty.`,
        next: `Restore it out of the app's repository: git checkout -- ${f.path}\nOr copy vendor/ out of a new app, which fetches it: npm create bpf-app@latest`,
      };
    case "source-unknown-layout":
      return {
        what: `The sources of ${f.name} have an unknown layout.`,
        why: `${f.path} contains neither upstream's repository nor a distribution's source package.`,
        next: `Restore it. If it is a submodule: git submodule update --init --force ${f.path}`,
      };
    case "no-kernel-btf":
      return {
        what: "vmlinux.h cannot be made.",
        why: `${f.source} includes it, but this kernel, Linux ${f.release}, has no BTF (/sys/kernel/btf/vmlinux), and no vmlinux.h is vendored.`,
        next: "Build on a kernel with CONFIG_DEBUG_INFO_BTF=y, or name a header or a BTF file: VMLINUX=path/to/vmlinux.h",
      };
    case "vmlinux-missing":
      return {
        what: `${f.path} does not exist.`,
        why: "The setting VMLINUX names it.",
        next: "Correct VMLINUX, or leave it out to use this kernel's BTF.",
      };
    case "vmlinux-other-machine":
      return {
        what: `${f.path} has the types of a kernel for ${f.is}, and the app is built for ${f.arch}.`,
        why: "The setting VMLINUX names it. Programs would read registers that are not there.",
        next: `Name types of a kernel for ${ARCHES[f.arch].title}, or leave VMLINUX out.`,
      };
  }
}
