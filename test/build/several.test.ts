// One executable with the objects of several programs, whose user side has none of its own name.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import type { Inspection } from "../../toolchain/src/inspect/inspect.ts";
import { App, hash, type Ran, run } from "./app.ts";

let app: App;
before(() => {
  app = App.make("bootstrap");
  const added = run(app.dir, ["node_modules/.bin/bpf-app", "add", "tc"]);
  assert.equal(added.status, 0, added.stderr);
  for (const name of ["bootstrap", "tc"]) rmSync(app.path(`src/${name}.ts`));
  writeFileSync(app.path("bpf-app.config.ts"), `export default { targets: ["agent"] };\n`);
  writeFileSync(
    app.path("src/agent.ts"),
    `import { main } from "bpf-app/runtime";
import { bootstrap } from "../.output/bootstrap.skel.ts";
import { tc } from "../.output/tc.skel.ts";

await main(() => {
  using one = bootstrap.open();
  one.rodata.min_duration_ns = 5n;
  one.load();
  using other = tc.openAndLoad();
  using again = bootstrap.open();
  console.log(JSON.stringify([Object.keys(one.progs), Object.keys(other.progs), String(again.rodata.min_duration_ns)]));
});
`,
  );
  const built = app.build();
  assert.equal(built.status, 0, built.stdout + built.stderr);
});

const agent = (env: NodeJS.ProcessEnv, ...args: readonly string[]): Ran =>
  run(app.dir, ["dist/agent", ...args], env);

describe("an app with one user side and two programs", () => {
  it("opens each program by its name, as often as it likes", () => {
    const { status, stdout, stderr } = agent({});
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [["handle_exec", "handle_exit"], ["tc_packet"], "0"]);
  });

  it("has one addon, in which each object is found under its name", () => {
    const said = JSON.parse(agent({ BPF_APP: "inspect" }, "--json").stdout) as Inspection;
    assert.deepEqual(
      said.addons.map(({ name, sha256 }) => [name, sha256]),
      [["addon.node", hash(app.path(".output/agent.all.node"))]],
    );
    assert.deepEqual(
      said.objects.map(({ name, sha256 }) => [name, sha256]),
      ["bootstrap", "tc"].map((name) => [name, hash(app.path(`.output/${name}.bpf.o`))]),
    );
  });

  it("has all programs verified by its doctor, and is asked by the app's", () => {
    const { status, stdout } = agent({ BPF_APP: "doctor" }, "--json");
    assert.equal(status, 0, stdout);
    const loads = (text: string) =>
      [...text.matchAll(/"program (\w+)",\s+"state": "ok"/g)].map(([, name]) => name);
    assert.deepEqual(loads(stdout), ["handle_exec", "handle_exit", "tc_packet"]);
    const doctor = run(app.dir, ["node_modules/.bin/bpf-app", "doctor", "--json"]);
    assert.deepEqual(loads(doctor.stdout), loads(stdout));
  });

  it("is built and started under its own name, and has no other executable", () => {
    assert.equal(app.build(["agent"]).stdout, "");
    const started = run(app.dir, ["node_modules/.bin/bpf-app", "start"]);
    assert.match(started.stdout, /tc_packet/);
    const unknown = app.build(["agnet"]);
    assert.match(unknown.stderr, /There is no target agnet\.\n.*Did you mean agent\?/);
    assert.equal(run(app.dir, ["ls", "dist"]).stdout, "agent\n");
  });
});
