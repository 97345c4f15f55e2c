import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const INCLUDE = fileURLToPath(new URL("../../toolchain/include", import.meta.url));

/** What the preprocessor makes of one line that follows `#include <bpf_app.h>`, without what the header declares. */
function expand(line: string, before: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    "clang",
    ["-target", "bpf", "-E", "-P", `-I${INCLUDE}`, "-x", "c", "-"],
    { input: [...before, "#include <bpf_app.h>", line, ""].join("\n"), encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim().split("\n").at(-1)!;
}

const KPROBES = [
  "#define BPF_KPROBE(name, args...) kprobe_##name(args)",
  "#define BPF_KRETPROBE(name, args...) kretprobe_##name(args)",
];

describe("bpf_app.h", () => {
  it("has BPF_UPROBE and BPF_URETPROBE for a libbpf before 1.2, which lacks them", () => {
    assert.equal(
      expand("int BPF_UPROBE(begins, int a, int b);", KPROBES),
      "int kprobe_begins(int a, int b);",
    );
    assert.equal(expand("int BPF_URETPROBE(ends, int result);", KPROBES), "int kretprobe_ends(int result);");
    assert.equal(expand("int BPF_UPROBE(begins);", KPROBES), "int kprobe_begins();");
  });

  it("leaves them as they are where libbpf has them", () => {
    const own = [...KPROBES, "#define BPF_UPROBE(name, args...) own_##name(args)"];
    assert.equal(expand("int BPF_UPROBE(begins, int a);", own), "int own_begins(int a);");
  });

  it("defines neither without <bpf/bpf_tracing.h>, so that including that later is no redefinition", () => {
    assert.equal(expand("BPF_UPROBE(begins)", []), "BPF_UPROBE(begins)");
  });
});
