// --json: what a verb prints for people, for programs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { writeProvenance } from "../../vendor/provenance.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "./run.ts";

function json(app: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): unknown {
  const { status, stdout, stderr } = bpfApp(app, [...args, "--json"], env);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("clean says what it has removed", () => {
  const app = folderWith({ ...MINIMAL, ".output/x": "", "dist/minimal": "" });
  assert.deepEqual(json(app, ["clean"]), { removed: ["dist/minimal", ".output"] });
  assert.deepEqual(json(app, ["clean"]), { removed: [] });
});

test("cache says what it holds, in bytes, or that it is off", () => {
  const folder = folderWith({});
  const cache = `${folder}/cache`;
  const contents = { path: cache, bytes: 0, results: [] };
  assert.deepEqual(json(folder, ["cache"], { BPF_APP_CACHE: cache }), { contents });
  const pruned = { results: 0, bytes: 0, freed: 0 };
  assert.deepEqual(json(folder, ["cache", "prune"], { BPF_APP_CACHE: cache }), { pruned, contents });
  assert.equal(json(folder, ["cache"], { BPF_APP_CACHE: "off" }), null);
});

test("settings says their types and defaults", () => {
  const { settings, file } = json(folderWith({}), ["settings"]) as {
    settings: { word: string; fallback: unknown }[];
    file: { key: string }[];
  };
  assert.deepEqual(settings.find(({ word }) => word === "CLANG")?.fallback, ["clang"]);
  assert.deepEqual(
    file.map(({ key }) => key),
    ["events", "programs", "targets"],
  );
});

test("add says which templates there are, and what it has written", () => {
  const app = folderWith(MINIMAL);
  const { templates } = json(app, ["add"]) as { templates: Record<string, unknown>[] };
  const tc = templates.find(({ name }) => name === "tc");
  assert.deepEqual(Object.keys(tc ?? {}).sort(), [
    "capabilities",
    "config",
    "declared",
    "dependencies",
    "devDependencies",
    "kernel",
    "name",
    "programs",
    "teaches",
    "title",
  ]);
  const files = ["src/hello.bpf.c", "src/hello.test.ts", "src/hello.ts"];
  assert.deepEqual(json(app, ["add", "hello"]), { template: "hello", files, packages: [] });
});

test("vendor says what is on record", async () => {
  const app = folderWith(MINIMAL);
  const libbpf = { origin: "git", version: "1.7.0", commit: "f5dcbae", licence: "MIT", tried: [] } as const;
  await writeProvenance(app, { sources: { libbpf } });
  assert.deepEqual(json(app, ["vendor"]), { sources: { libbpf } });
});

test("what goes wrong is said to people, and nothing is printed for programs", () => {
  const { status, stdout, stderr } = bpfApp(folderWith({}), ["clean", "--json"]);
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
  assert.match(stderr, /^bpf-app: /);
});
