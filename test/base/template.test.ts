import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { findTemplate, listTemplates } from "../../toolchain/src/base/template.ts";
import { templateWords } from "../../toolchain/src/base/words.ts";
import { folderWith } from "../app.ts";

const templates = fileURLToPath(new URL("../../templates", import.meta.url));
const valid = { title: "T", teaches: "t", programs: ["xdp"], kernel: "5.8", config: [], capabilities: [] };

function described(description: unknown): string {
  const text = typeof description === "string" ? description : JSON.stringify(description);
  return folderWith({ "one/template.json": text, "_app/x": "" });
}

test("every template of the project is described, and has its program, its user side and a README with a title", async () => {
  const all = await listTemplates(templates);
  assert.ok(all.length >= 2);
  for (const { name, folder } of all) {
    for (const file of [`src/${name}.bpf.c`, `src/${name}.ts`])
      assert.ok(existsSync(join(folder, file)), `${name}: ${file}`);
    assert.ok(readFileSync(join(folder, "README.md"), "utf8").startsWith(`# ${name}\n`), name);
    assert.match(
      readFileSync(join(folder, "src", `${name}.bpf.c`), "utf8"),
      /SEC\("license"\) = "Dual BSD\/GPL"/,
      name,
    );
  }
});

test("an unknown template is an error that lists the known ones and guesses", async () => {
  await assert.rejects(findTemplate(templates, "minmal"), (error: { failure: Record<string, unknown> }) => {
    assert.equal(error.failure.kind, "unknown-template");
    assert.ok((error.failure.known as string[]).includes("hello"));
    return true;
  });
  const words = (name: string) =>
    templateWords({ kind: "unknown-template", name, known: ["hello", "minimal"] });
  assert.match(words("minmal").next, /Did you mean minimal\?/);
  assert.doesNotMatch(words("zzzzzz").next, /Did you mean/);
});

test("a template's name cannot lead out of the folder", async () => {
  for (const name of ["../templates/minimal", "_app", ".", ""])
    await assert.rejects(
      findTemplate(templates, name),
      (error: { failure: { kind: string } }) => error.failure.kind === "unknown-template",
    );
});

test("fields that may be absent are filled in", async () => {
  const template = await findTemplate(described(valid), "one");
  assert.deepEqual([template.dependencies, template.devDependencies, template.declared], [{}, {}, []]);
});

test("a description that is not valid says where", async () => {
  const cases: [unknown, RegExp][] = [
    ["{", /JSON/],
    [[], /not an object|title/],
    [{ ...valid, kernel: "5" }, /kernel/],
    [{ ...valid, programs: "xdp" }, /programs/],
    [{ ...valid, dependencies: { a: 1 } }, /dependencies/],
    [{ ...valid, declared: [{ reason: "no" }] }, /declared/],
    [{ ...valid, requires: [] }, /requires: is not a known field/],
    [{ ...valid, title: undefined }, /title/],
  ];
  for (const [description, problem] of cases)
    await assert.rejects(
      listTemplates(described(description)),
      (error: { failure: { kind: string; problem: string } }) => {
        assert.equal(error.failure.kind, "template-invalid");
        assert.match(error.failure.problem, problem);
        return true;
      },
    );
});

test("a reason declared for some kernels is kept", async () => {
  const declared = [
    { kernel: "<5.15", reason: "no such helper" },
    { when: "no-bpf-lsm", reason: "off at boot" },
  ];
  assert.deepEqual((await findTemplate(described({ ...valid, declared }), "one")).declared, declared);
});
