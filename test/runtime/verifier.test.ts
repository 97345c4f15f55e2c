import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { failure, VerifierError } from "../../toolchain/src/runtime/errors.ts";
import { readRejection } from "../../toolchain/src/runtime/verifier.ts";

/** Wraps the kernel's text in lines of its own, as libbpf does. */
function wrapped(log: string, program = "on_exec"): string {
  return `libbpf: prog '${program}': BPF program load failed: Permission denied
libbpf: prog '${program}': -- BEGIN PROG LOAD LOG --
${log}-- END PROG LOAD LOG --
libbpf: prog '${program}': failed to load: -13
libbpf: failed to load object 'app_bpf'
`;
}

const CLASSIC = `0: R1=ctx() R10=fp0
; int on_exec(void *ctx) @ app.bpf.c:16
0: (b4) w1 = 0                        ; R1=0
;  @ app.bpf.c:0
3: (07) r2 += -4                      ; R2=fp-4
; return *value; @ app.bpf.c:4
7: (61) r0 = *(u32 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

const REPORT = `0: R1=ctx() R10=fp0
; return value; @ app.bpf.c:4
0: (95) exit
R0 !read_ok

Verification failed: Register Type Safety: Unreadable register

Reason:
  R0 has never been initialized on this path, so the verifier
  cannot use it as an input.

At:
  insn 0
        | ^-- error: R0 is not readable
  Instruction context:
  >>> 0 | (95) exit

Causal path:
  no retained diagnostic events on this path

Suggestion:
  Initialize R0 on every path before this instruction.

processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

describe("a verifier's log", () => {
  it("up to Linux 7.2 gives the reason after the last instruction, and the line before it", () => {
    const rejection = readRejection(wrapped(CLASSIC))!;
    assert.equal(rejection.program, "on_exec");
    assert.equal(rejection.reason, "R0 invalid mem access 'map_value_or_null'");
    assert.equal(rejection.file, "src/app.bpf.c");
    assert.equal(rejection.line, 4);
    assert.equal(rejection.verifierLog, CLASSIC);
  });

  it("of Linux 7.3 ends with a report", () => {
    const rejection = readRejection(wrapped(REPORT))!;
    assert.equal(
      rejection.reason,
      "Register Type Safety: Unreadable register\n" +
        "R0 has never been initialized on this path, so the verifier cannot use it as an input.\n" +
        "Suggestion: Initialize R0 on every path before this instruction.",
    );
    assert.deepEqual([rejection.file, rejection.line], ["src/app.bpf.c", 4]);
  });

  it("of Linux 7.3 may say where, and show the source", () => {
    const at = `At:
  on_exec @ nowhere.bpf.c:11:9
  Source context:
       9 |         int *value = lookup(&key);
      10 | ...
  >>> 11 |         return *value; /* may be NULL */
         |         ^-- error: invalid dereference of R0
      12 | ...
  Instruction context:
      6 | (85) call bpf_map_lookup_elem#1
  >>> 7 | (61) r0 = *(u32 *)(r0 +0)
`;
    const report = REPORT.replace(/At:\n(?: .*\n)+/, at);
    const { file, line, frame } = readRejection(wrapped(report))!;
    assert.deepEqual([file, line], ["src/nowhere.bpf.c", 11]);
    assert.equal(
      frame,
      "  src/nowhere.bpf.c:11\n" +
        "   9 |         int *value = lookup(&key);\n  10 |\n" +
        "> 11 |         return *value; /* may be NULL */\n  12 |",
    );
  });

  it("of a kernel before 6.8 shows the line's text, which is all there is", () => {
    const rejection = readRejection(wrapped(CLASSIC.replaceAll(/ @ app\.bpf\.c:\d+/g, "")))!;
    assert.equal(rejection.file, undefined);
    assert.equal(rejection.frame, "  return *value;");
  });

  it("is the last one, of the program that was refused", () => {
    const both = wrapped("0: (95) exit\nfirst\n", "one") + wrapped(CLASSIC, "two");
    assert.equal(readRejection(both)?.program, "two");
  });

  it("is absent where the kernel refused without a word", () => {
    assert.equal(readRejection("libbpf: failed to load object 'app_bpf'\n"), undefined);
    assert.ok(!(failure("bpf_object__load", -1, "app", "") instanceof VerifierError));
  });

  it("without instructions or a reason is read all the same", () => {
    assert.equal(readRejection(wrapped(""))?.reason, "the log gives no reason");
    assert.equal(
      readRejection(wrapped("back-edge from insn 13 to 3\n"))?.reason,
      "back-edge from insn 13 to 3",
    );
    assert.equal(
      readRejection(wrapped(CLASSIC).split("-- END")[0]!)?.reason,
      "R0 invalid mem access 'map_value_or_null'",
    );
  });
});

describe("the code frame", () => {
  const source = "one\ntwo\nthree\nreturn *value;\nfive\nsix\nseven\n";

  it("shows the lines around the failing one where the source is at hand", () => {
    const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
    const file = join(folder, "app.bpf.c");
    writeFileSync(file, source);
    try {
      const { frame } = readRejection(wrapped(CLASSIC.replaceAll("app.bpf.c", file)))!;
      assert.equal(frame, `  ${file}:4\n  2 | two\n  3 | three\n> 4 | return *value;\n  5 | five\n  6 | six`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("shows the log's own line elsewhere", () => {
    assert.equal(readRejection(wrapped(CLASSIC))?.frame, "  src/app.bpf.c:4\n> 4 | return *value;");
  });
});

describe("the error", () => {
  const error = failure("bpf_object__load", -13, "app", wrapped(CLASSIC));

  it("is a class of its own, with code, errno and call", () => {
    assert.ok(error instanceof VerifierError);
    assert.equal(error.name, "VerifierError");
    assert.deepEqual([error.code, error.errno, error.call], ["EACCES", -13, "bpf_object__load"]);
  });

  it("says what, why and what next", () => {
    assert.match(error.message, /^the kernel's verifier rejected on_exec: R0 invalid mem access/);
    assert.match(error.message, /> 4 \| return \*value;/);
    assert.match(error.message, /compare it with NULL before/);
    assert.match(error.message, /verifierLog/);
  });
});
