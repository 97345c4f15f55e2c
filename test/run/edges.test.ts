import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { dependents, misjudgedEdits, sources } from "./edges.ts";
import { concat, shell, Workshop } from "./workshop.ts";

/** The shape of an app with two programs: libraries, a tool made on the way, one chain per program, a shared header. */
function twoPrograms(): Step[] {
  const lib = (name: string, ...more: string[]) =>
    shell(
      name,
      [`vendor/${name}/`, ...more],
      [`o/${name}.a`, `o/${name}/`],
      `cat vendor/${name}/* ${more.join(" ")} > "$1"; cp vendor/${name}/* "$2"`,
    );
  const program = (name: string) => [
    shell(
      `bpf:${name}`,
      [`src/${name}.bpf.c`, "o/vmlinux.h", "o/libbpf/"],
      [`o/${name}.bpf.o`],
      `cat src/${name}.bpf.c src/common.h o/vmlinux.h o/libbpf/* > "$1"; echo "x: src/common.h" > "$2"`,
      { depfile: `o/${name}.d` },
    ),
    concat(`skel:${name}`, [`o/${name}.bpf.o`, "o/bpftool"], `o/${name}.skel.h`),
    concat(`addon:${name}`, [`o/${name}.skel.h`, "o/libbpf.a", "o/libelf.a"], `o/${name}.node`),
    concat(`bundle:${name}`, [`src/${name}.ts`, `o/${name}.skel.h`], `o/${name}.cjs`),
    concat(`sea:${name}`, [`o/${name}.cjs`, `o/${name}.node`, "node"], `dist/${name}`),
  ];
  return [
    lib("libelf"),
    lib("libz"),
    lib("libbpf", "o/libelf/"),
    concat("bpftool", ["vendor/bpftool/main.c", "o/libbpf.a", "o/libelf.a", "o/libz.a"], "o/bpftool"),
    concat("vmlinux", ["btf", "o/bpftool"], "o/vmlinux.h"),
    ...program("one"),
    ...program("two"),
  ].map((step) =>
    step.id === "libbpf"
      ? {
          ...step,
          argv: step.argv.map((arg) =>
            typeof arg === "string"
              ? arg.replace("cat vendor/libbpf/* o/libelf/", "cat vendor/libbpf/* o/libelf/*")
              : arg,
          ),
        }
      : step,
  );
}

/** A plan whose steps read a random choice of sources and of the outputs of steps before them. */
function randomPlan(seed: number): Step[] {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const steps: Step[] = [];
  const files = ["s/0", "s/1", "s/2", "s/3"];
  for (let n = 0; n < 8; n++) {
    const inputs = [...new Set(Array.from({ length: 1 + random(3) }, () => files[random(files.length)]!))];
    const outputs = random(3) === 0 ? [`o/${n}`, `o/${n}.also`] : [`o/${n}`];
    steps.push(
      shell(
        `${n}`,
        inputs,
        outputs,
        `cat ${inputs.join(" ")} | tee "$1" > "\${2:-/dev/null}"; echo ${n} >> "$1"`,
      ),
    );
    files.push(...outputs);
  }
  return steps.sort((a, b) => ((Number(a.id) * 5) % 8) - ((Number(b.id) * 5) % 8));
}

async function walk(
  shop: Workshop,
  steps: readonly Step[],
  files: readonly string[],
  discovered?: (id: string) => string[],
) {
  assert.equal((await shop.ran(steps)).length, steps.length);
  assert.deepEqual(await shop.ran(steps), []);
  for (const file of files) {
    const folder = file.endsWith("/") ? `${file}file` : file;
    shop.write(folder, `${shop.read(folder)}edited\n`);
    const wanted = [...dependents(steps, file, discovered)].sort();
    assert.ok(wanted.length > 0, `${file} is read`);
    assert.deepEqual([...(await shop.ran(steps))].sort(), wanted, `after an edit of ${file}`);
  }
  for (const step of steps) {
    for (const output of step.outputs.filter((path) => !path.endsWith("/"))) {
      const bytes = shop.read(output);
      shop.write(output, "meddled");
      assert.deepEqual(await shop.ran(steps), [step.id], `after an edit of ${output}`);
      assert.equal(shop.read(output), bytes);
    }
  }
  assert.deepEqual(await shop.ran(steps), []);
}

test("each edge of an app with two programs: an edit runs what depends on it and nothing else", async (t) => {
  const shop = new Workshop(t);
  const steps = twoPrograms();
  const files = [...sources(steps), "src/common.h"];
  for (const file of files) shop.write(file.endsWith("/") ? `${file}file` : file, `${file}\n`);
  await walk(shop, steps, files, (id) => (id.startsWith("bpf:") ? ["src/common.h"] : []));
});

for (const seed of [1, 2, 3]) {
  test(`each edge of random plan ${seed}`, async (t) => {
    const shop = new Workshop(t);
    const steps = randomPlan(seed);
    for (const file of sources(steps)) shop.write(file, `${file}\n`);
    await walk(shop, steps, sources(steps));
  });
}

test("what would run after an edit is told as it then runs, in both directions", async (t) => {
  const shop = new Workshop(t);
  const steps = twoPrograms();
  const files = [...sources(steps), "src/common.h"];
  for (const file of files) shop.write(file.endsWith("/") ? `${file}file` : file, `${file}\n`);
  await shop.ran(steps);
  const options = {
    root: shop.root,
    jobs: 1,
    actions: {},
    listener() {},
    signal: new AbortController().signal,
    env: process.env,
  };
  const discovered = (id: string) => (id.startsWith("bpf:") ? ["src/common.h"] : []);
  assert.deepEqual(misjudgedEdits(steps, options, ["src/common.h"], discovered), []);
  const wrong = misjudgedEdits(steps, options, ["src/common.h"]);
  assert.deepEqual(
    wrong.map(({ path, depend }) => [path, depend]),
    [["src/common.h", []]],
    "a wrong expectation is found out",
  );
  assert.deepEqual(await shop.ran(steps), []);
});
