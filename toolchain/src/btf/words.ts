import type { Wording } from "../base/wording.ts";
import type { BtfFailure } from "./failures.ts";

const REBUILD = "Build it again from its source: npm run clean && npm run build";

export function btfWords(f: BtfFailure): Wording {
  switch (f.kind) {
    case "btf-missing":
      return {
        what: "The object has no type information.",
        why: "It has no .BTF section, so its globals, maps and events have no types.",
        next: "Compile with -g, and strip with llvm-strip -g, which keeps .BTF.",
      };
    case "btf-corrupt": {
      const where = f.type === undefined ? "" : ` (type ${f.type})`;
      return {
        what: "The object's type information is damaged.",
        why: `In .BTF, ${f.what}${where}.`,
        next: REBUILD,
      };
    }
    case "btf-unsupported":
      return {
        what: "The object's type information is newer than this bpf-app.",
        why: `It has ${f.what}.`,
        next: "Update bpf-app, or compile with an older clang.",
      };
  }
}
