// Every template, built, run by a user who is not root: with the capabilities that its README says as capabilities of the
// file, and with one of them missing.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Finding } from "../../toolchain/src/doctor/finding.ts";
import {
  allows,
  type Capability,
  machineOf,
  neededCapabilities,
  setcap,
  USUAL_MACHINE,
} from "../../toolchain/src/facts/capabilities.ts";
import { partsOf } from "../../toolchain/src/skeleton/parts.ts";
import type { TemplateCheck } from "../kernels/check.ts";
import { App, type Ran, run } from "./app.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates", import.meta.url));
const NAMES = readdirSync(TEMPLATES)
  .filter((name) => existsSync(join(TEMPLATES, name, "template.json")))
  .sort();

/** Debian's user `nobody`. */
const NOBODY = 65_534;
/** How long a program may take to say that it works, in milliseconds. */
const PATIENCE = 20_000;

/** Templates that this kernel may refuse whoever asks: it has no kprobes, or does not patch functions. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  ...Object.fromEntries(
    ["kprobe", "ksyscall", "tracecon"].map((name) => [name, /This kernel has no kprobes/]),
  ),
  ...Object.fromEntries(["fentry", "lsm"].map((name) => [name, /All capabilities are there|BPF LSM/])),
};

let app: App;
before(() => {
  app = App.make(NAMES[0]!);
  for (const name of NAMES.slice(1)) {
    const added = run(app.dir, ["node_modules/.bin/bpf-app", "add", name]);
    assert.equal(added.status, 0, added.stderr);
  }
  const built = app.build();
  assert.equal(built.status, 0, built.stderr);
  mkdirSync(app.path("run"));
  for (const one of [tmpdir(), dirname(app.dir), app.dir, app.path("run")])
    chmodSync(one, (statSync(one).mode & 0o7777) | 0o011);
});

function needed(name: string, machine = machineOf(release(), read("/proc/sys/kernel/perf_event_paranoid"))) {
  const parts = partsOf(readFileSync(app.path(`.output/${name}.bpf.o`)));
  return neededCapabilities(parts, machine).map(({ capability }) => capability);
}

function read(file: string): string {
  return readFileSync(file, "latin1");
}

/** Runs a template's file as that user, until it says that it has attached, and ends it. */
async function asUser(name: string, capabilities: readonly Capability[]): Promise<Ran & { works: boolean }> {
  const { default: check } = (await import(`../kernels/cells/${name}.ts`)) as { default: TemplateCheck };
  const file = app.path(`run/${name}`);
  copyFileSync(app.path(`dist/${name}`), file);
  chmodSync(file, 0o755);
  const given = setcap(capabilities, file).split(" ");
  if (capabilities.length > 0) assert.equal(run(app.dir, given).status, 0, "setcap(8), of libcap2-bin");
  try {
    return await until(file, check);
  } finally {
    rmSync(file);
  }
}

async function until(
  file: string,
  { args = [], ready = [] }: TemplateCheck,
): Promise<Ran & { works: boolean }> {
  const child = spawn(file, args, {
    uid: NOBODY,
    gid: NOBODY,
    cwd: app.dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  let works = ready.length === 0;
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
      const all = `${said.stdout}\n${said.stderr}`;
      if (works || !ready.every((one) => new RegExp(one, "m").test(all))) return;
      works = true;
      // Some open the trace pipe or read the first event after they have said so.
      setTimeout(() => child.kill("SIGINT"), 200);
    });
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  return { status, ...said, works: works && status === 0 };
}

describe("a template's file, run by nobody", () => {
  for (const name of NAMES)
    it(`${name}: attaches with what is computed, and without one of it names all`, async () => {
      const all = needed(name);
      const { works, stdout, stderr } = await asUser(name, all);
      if (!works) assert.match(stderr, REFUSED[name] ?? /^$/, `${all}: ${stdout}${stderr}`);
      for (const one of all) {
        const rest = all.filter((other) => other !== one);
        if (allows(new Set(rest), one)) continue;
        const less = await asUser(name, rest);
        // Where kprobes are refused for another reason, that may be what is seen first.
        if (REFUSED[name]?.test(less.stderr)) continue;
        assert.equal(less.works, false, `it works without ${one}`);
        assert.equal(less.status, 1);
        assert.match(less.stderr, new RegExp(`does not have ${one}: |hides the addresses|may not be read`));
        assert.ok(less.stderr.includes(`sudo ${setcap(all, `run/${name}`)}`), less.stderr);
        assert.doesNotMatch(less.stderr, /^ +at /m, "no stack");
      }
    });
});

describe("a template's capabilities", () => {
  for (const name of NAMES)
    it(`${name}: those of its template.json, and so of its README, are those that are computed`, () => {
      const { capabilities } = JSON.parse(read(join(TEMPLATES, name, "template.json")));
      assert.deepEqual(capabilities, needed(name, USUAL_MACHINE));
    });

  it("bpf-app doctor says the same of each file that is built, for this machine", () => {
    const { stdout } = run(app.dir, ["npm", "run", "--silent", "doctor", "--", "--json"]);
    const { targets } = JSON.parse(stdout) as { targets: { file: string; findings: Finding[] }[] };
    assert.deepEqual(targets.map(({ file }) => file).sort(), NAMES.map((name) => `dist/${name}`).sort());
    for (const { file, findings } of targets) {
      const found = findings.find(({ subject }) => subject === "capabilities");
      assert.equal(found?.detail, needed(file.slice("dist/".length)).join(", "), file);
    }
  });
});
