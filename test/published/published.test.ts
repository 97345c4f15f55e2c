import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { installCommand, NEEDS } from "../../toolchain/src/base/packages.ts";
import { folderWith } from "../app.ts";
import { makeForge } from "../forge/forge.ts";
import { FreshMachine, type Typed } from "../fresh/machine.ts";
import { publish } from "./publish.ts";
import { startRegistry } from "./registry.ts";
import { upstreamTrees } from "./upstream.ts";

// What a stranger does once the packages are published: on a bare machine, with a registry and no forge.
const dir = folderWith({});
const registry = await startRegistry(join(dir, "registry"));
after(() => registry.stop());
await publishFromForge();

async function publishFromForge(): Promise<void> {
  const forge = await makeForge(join(dir, "forge"), await upstreamTrees(join(dir, "upstream")));
  try {
    const said = await publish(dir, registry, forge);
    for (const name of ["bpf-app", "create-bpf-app"]) assert.match(said, new RegExp(`^\\+ ${name}@`, "m"));
  } finally {
    await forge.stop();
  }
}

/** What README names for building. */
const COMPILERS = installCommand("apt", [...new Set(NEEDS.map((need) => need.apt))]).join(" ");

describe("npm create, on a bare debian-13", () => {
  let machine: FreshMachine;
  before(async () => {
    machine = await bareMachine("debian-13");
  });
  after(() => machine[Symbol.dispose]());

  test("makes an app out of the registry alone", async () => {
    const typed = await machine.type("npm create --yes bpf-app@latest my-tool -- --template bootstrap");
    succeeded(typed);
    assert.match(typed.output, /^ {2}npm run build$/m, "says what comes next");
    const fetched = succeeded(await machine.type("ls .npm/_npx/*/node_modules")).output;
    assert.equal(fetched.trim(), "create-bpf-app", "the scaffolder is one package");
    const origins = JSON.parse(succeeded(await machine.type("cat my-tool/vendor/origins.json")).output);
    for (const [name, source] of Object.entries<{ origin: string }>(origins.sources))
      assert.equal(source.origin, "bundled", `${name} came from elsewhere`);
  });

  test("says what it takes to build the app, and how to get it", async () => {
    const typed = await machine.type("npm run build", { cwd: "/root/my-tool" });
    assert.equal(typed.status, 1, typed.output);
    assert.match(typed.output, /clang/);
    assert.match(typed.output, /apt-get install|apt install/);
    succeeded(await machine.type(`apt-get -q update && ${COMPILERS}`, noQuestions));
  });

  test("npm run build -- V=1 shows every command and makes one file", async () => {
    const typed = await machine.type("npm run build -- V=1", { cwd: "/root/my-tool" });
    succeeded(typed);
    assert.match(typed.output, /^\S*clang .*-target bpf .*bootstrap\.bpf\.c/m);
    assert.deepEqual(left(typed), { processes: [], mounts: [], temporary: [] });
  });

  test("the file shows what the machine runs", async () => {
    // Another program has to run while it looks: one that nothing else on the machine is named like.
    const look = "cp /bin/true /root/my-own-true && ./dist/bootstrap --duration 3 & sleep 1.5";
    const typed = await machine.type(`${look}; /root/my-own-true; wait $!`, { cwd: "/root/my-tool" });
    succeeded(typed);
    // Not to a terminal, it writes lines of JSON.
    assert.match(typed.output, /"event":"exec","comm":"my-own-true"/);
    assert.match(typed.output, /"event":"exit","comm":"my-own-true"/);
    assert.deepEqual(left(typed), { processes: [], mounts: [], temporary: [] });
  });
});

/** Each in an exact version, with how it starts the scaffolder and runs a script. */
const MANAGERS = [
  { name: "pnpm", version: "10.34.8", create: "pnpm create bpf-app", build: "pnpm run build V=1" },
  { name: "yarn", version: "1.22.22", create: "yarn create bpf-app", build: "yarn run build V=1" },
  { name: "bun", version: "1.4.5", create: "bun create bpf-app", build: "bun run build V=1" },
];

describe("the other package managers, on a bare debian-12", () => {
  let machine: FreshMachine;
  before(async () => {
    machine = await bareMachine("debian-12");
    succeeded(await machine.type(`apt-get -q update && ${COMPILERS}`, noQuestions));
  });
  after(() => machine[Symbol.dispose]());

  for (const { name, version, create, build } of MANAGERS) {
    test(`${name} create`, async () => {
      succeeded(await machine.type(`npm install --global ${name}@${version}`));
      const app = `my-${name}-tool`;
      succeeded(await machine.type(`${create} ${app} --template minimal`));
      const built = succeeded(await machine.type(build, { cwd: `/root/${app}` }));
      assert.match(built.output, /clang .*minimal\.bpf\.c/, "V=1 arrives");
      const help = succeeded(await machine.type("./dist/minimal --help", { cwd: `/root/${app}` }));
      assert.match(help.output, /^Usage: minimal/);
    });
  }
});

const noQuestions = { env: { DEBIAN_FRONTEND: "noninteractive" } };

async function bareMachine(name: string): Promise<FreshMachine> {
  const machine = await FreshMachine.open(name);
  for (const note of machine.root.notes) console.log(note);
  writeFileSync(machine.path("/root/.npmrc"), registry.npmrc);
  // Yarn 1 reads .npmrc too, and then tells the npm that a scaffolder starts of the registry in its own file.
  writeFileSync(machine.path("/root/.yarnrc"), `registry "${registry.url}"\n`);
  return machine;
}

function succeeded(typed: Typed): Typed {
  assert.equal(typed.status, 0, `ended with ${typed.status}; its last lines:\n${typed.output.slice(-6000)}`);
  return typed;
}

function left({ processes, mounts, temporary }: Typed) {
  return { processes, mounts, temporary };
}
