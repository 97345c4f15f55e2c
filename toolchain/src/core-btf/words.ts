import type { Wording } from "../base/wording.ts";
import type { CoreBtfFailure } from "./failures.ts";

const OTHERWISE = "Fetch the file again, or leave this kernel out: BTF_KERNELS says which kernels are taken.";

/** Why the BTF of other kernels cannot be embedded, and what to do. */
export function coreBtfWords(f: CoreBtfFailure): Wording {
  switch (f.kind) {
    case "min-core-btf-usage":
      return {
        what: "bpf-app min-core-btf takes an object and files or folders of BTF.",
        next: "bpf-app min-core-btf NAME.bpf.o PLACE… --bpftool PATH --arch ARCH [--kernel PATTERN]… --out NAME.btf",
      };
    case "btf-archive-bad":
      return { what: `${f.path} cannot be unpacked.`, why: f.output, next: OTHERWISE };
    case "btf-too-large":
      return {
        what: `${f.path} is larger than ${f.limit >> 20} MB when it is unpacked.`,
        why: "The BTF of a kernel is some megabytes.",
        next: OTHERWISE,
      };
    case "btf-unreadable":
      return {
        what: `${f.path} cannot be read (${f.code}).`,
        next: "Correct the setting BTF, or who may read the file.",
      };
    case "btf-bad":
      return { what: `${f.path} is no BTF of a kernel.`, why: f.why, next: OTHERWISE };
    case "btf-not-reduced":
      return {
        what: `bpftool cannot reduce ${f.path} to what ${f.object} asks for (${f.exit}).`,
        why: f.output,
        next: OTHERWISE,
      };
    case "btf-other-arch":
      return {
        what: `BTF names no kernel of ${f.arch}, which is built for.`,
        why: `What was found is for ${f.found.join(", ")}.`,
        next: "Add files of this architecture: in BTFHub's layout they lie in DISTRO/VERSION/x86_64 or DISTRO/VERSION/arm64.",
      };
    case "btf-contradicts":
      return {
        what: `${f.paths.join(" and ")} say different of one kernel, ${f.release}.`,
        why: "At run time a kernel finds its BTF by its release, and nothing would tell these two apart.",
        next: "Remove the one that is not of the kernel you mean, or put both in folders DISTRO/VERSION/ARCH that tell them apart.",
      };
  }
}
