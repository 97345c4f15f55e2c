import assert from "node:assert/strict";
import { test } from "node:test";
import { formatted, sources } from "./c-style.ts";

test("what people write is checked, and nothing else", () => {
  const all = sources();
  for (const file of [
    "templates/bootstrap/src/bootstrap.bpf.c",
    "toolchain/include/bpf_app.h",
    "toolchain/native/object.cc",
    "toolchain/src/guest/runner.c",
  ])
    assert.ok(all.includes(file), file);
  assert.ok(!all.some((file) => /node_modules|\bdist\b|\.output/.test(file)));
});

test("C has the kernel's style, a program's section on a line of its own", () => {
  const good = 'SEC("tc")\nint *look(void *ctx)\n{\n\treturn 0;\n}\n';
  assert.equal(formatted("test/no.bpf.c", 'SEC("tc")\nint * look(void* ctx) {\n    return 0; }\n'), good);
  assert.equal(formatted("test/no.bpf.c", good), good);
});

test("the addon's C++ has another", () => {
  const good = "int* look(void* ctx) { return 0; }\n";
  assert.equal(formatted("toolchain/native/no.cc", "int *look(void *ctx)\n{\n\treturn 0;\n}\n"), good);
});
