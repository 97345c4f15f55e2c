// What an executable says of itself and of the machine: as root, as nobody, with some of what it needs taken away.
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { before, describe, it } from "node:test";
import type { Finding } from "../../toolchain/src/doctor/finding.ts";
import type { Inspection } from "../../toolchain/src/inspect/inspect.ts";
import { App, hash, type Ran, run } from "./app.ts";

/** A user without privileges. */
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

let app: App;
before(() => {
  app = App.make("bootstrap");
  const added = run(app.dir, ["node_modules/.bin/bpf-app", "add", "minimal"]);
  assert.equal(added.status, 0, added.stderr);
  const built = app.build();
  assert.equal(built.status, 0, built.stderr);
  // So that nobody may come to the executables.
  for (const folder of [dirname(app.dir), app.dir]) chmodSync(folder, 0o755);
});

/** Asks an executable about itself, by a command that stands before it. */
function ask(word: string, file = "dist/bootstrap", before: readonly string[] = [], args = ["--json"]): Ran {
  return run(app.dir, [...before, app.path(file), ...args], { BPF_APP: word });
}

interface Said {
  readonly status: number | null;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  about(subject: string): Finding;
}

function doctor(before: readonly string[] = [], file?: string): Said {
  const { status, stdout, stderr } = ask("doctor", file, before);
  assert.equal(stderr, "");
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  assert.equal(status, ok ? 0 : 1);
  const about = (subject: string) => {
    const found = findings.find((one) => one.subject === subject);
    assert.ok(found, stdout);
    return found;
  };
  return { status, ok, findings, about };
}

describe("an executable", () => {
  it("says the same of itself as bpf-app inspect, and what the build has made", () => {
    const own = ask("inspect");
    assert.equal(own.status, 0, own.stderr);
    const said = JSON.parse(own.stdout) as Inspection;
    const inspected = run(app.dir, ["node_modules/.bin/bpf-app", "inspect", "bootstrap", "--json"]);
    assert.deepEqual(said, JSON.parse(inspected.stdout));
    assert.equal(said.sha256, hash(app.path("dist/bootstrap")));
    assert.equal(said.script.sha256, hash(app.path(".output/bootstrap.cjs")));
    assert.equal(said.addons[0]?.sha256, hash(app.path(".output/bootstrap.node")));
    assert.equal(said.objects[0]?.sha256, hash(app.path(".output/bootstrap.bpf.o")));
    assert.equal(said.about.inputs["src/bootstrap.ts"], hash(app.path("src/bootstrap.ts")));
    assert.equal(said.about.inputs.node, hash(app.path(`node_modules/node-linux-${process.arch}/bin/node`)));
    assert.equal(said.about.libraries.libbpf?.version, "1.7.0");
    assert.ok(said.about.libraries.libbpf?.origin);
    assert.equal(said.node, said.about.node);
    assert.match(said.floors.glibc ?? "", /^2\.\d+$/);
    assert.match(said.setcap, /^setcap cap_bpf,\S+\+ep dist\/bootstrap$/);
    // As a linker's own tool reads it.
    const names = (file: string) => run(app.dir, ["objdump", "-p", app.path(file)]).stdout;
    for (const version of said.addons[0]?.needs.versions ?? [])
      assert.ok(names(".output/bootstrap.node").includes(` ${version}\n`), version);
  });

  it("is not run by the question, takes no other, and is the app without one", () => {
    const text = ask("inspect", "dist/bootstrap", [], []);
    assert.match(text.stdout, /^dist\/bootstrap\n/);
    assert.ok(!text.stdout.includes("\x1b"), "no colours in a pipe");
    const unknown = ask("inspct");
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /^bootstrap: BPF_APP=inspct .*\n {2}Did you mean inspect\?/);
    assert.match(ask("doctor", "dist/bootstrap", [], ["--jsno"]).stderr, /Did you mean --json\?/);
    const none = ask("", "dist/bootstrap", [], ["--help"]);
    assert.equal(none.status, 0);
    assert.doesNotMatch(none.stdout, /verifier|capabilities/);
  });

  it("rebuilds what it says when a source changes, and nothing when none does", () => {
    const source = readFileSync(app.path("src/bootstrap.ts"), "utf8");
    writeFileSync(app.path("src/bootstrap.ts"), `${source}// A comment that no bundle keeps.\n`);
    assert.equal(app.build(["bootstrap"]).status, 0);
    const said = JSON.parse(ask("inspect").stdout) as Inspection;
    assert.equal(said.about.inputs["src/bootstrap.ts"], hash(app.path("src/bootstrap.ts")));
    assert.equal(app.build(["bootstrap"]).stdout, "");
  });
});

describe("the doctor in an executable", () => {
  it("finds all well for root", () => {
    const { ok, findings, about } = doctor();
    assert.ok(ok, JSON.stringify(findings));
    for (const name of ["handle_exec", "handle_exit"])
      assert.match(about(`program ${name}`).detail, /^loads/);
    assert.equal(about("kernel BTF").state, "ok");
  });

  it("is asked by bpf-app doctor", () => {
    const { status, stdout } = run(app.dir, ["node_modules/.bin/bpf-app", "doctor", "--json"]);
    assert.equal(status, 0, stdout);
    const { targets } = JSON.parse(stdout);
    assert.deepEqual(
      targets.map(({ file }: { file: string }) => file),
      ["dist/bootstrap", "dist/minimal"],
    );
    assert.deepEqual(targets[0].findings, doctor().findings);
  });

  it("names what nobody lacks, in the words of inspect", () => {
    const { ok, about } = doctor(NOBODY);
    assert.ok(!ok);
    const { setcap } = JSON.parse(ask("inspect").stdout) as Inspection;
    assert.match(about("capabilities").fix ?? "", new RegExp(setcap.slice(0, 14)));
    assert.equal(about("object bootstrap").state, "error");
    assert.match(about("object bootstrap").detail, /EPERM/);
  });

  it("names the capabilities that were dropped, and no other", () => {
    const { about } = doctor(["setpriv", "--bounding-set=-all,+bpf,+dac_read_search", "--inh-caps=-all"]);
    assert.match(about("capabilities").detail, /^missing: CAP_PERFMON/);
  });

  it("knows a user namespace, and that its root is none", () => {
    const { about } = doctor([...NOBODY, "unshare", "--user", "--map-root-user"]);
    assert.match(about("capabilities").detail, /user namespace/);
  });

  it("misses the kernel's types where they are hidden, and says so of each program", () => {
    const { ok, about } = doctor([
      "unshare",
      "--mount",
      "sh",
      "-c",
      'mount -t tmpfs none /sys/kernel/btf; exec "$@"',
      "sh",
    ]);
    assert.ok(!ok);
    assert.match(about("kernel BTF").why ?? "", /^bootstrap is fitted to the running kernel's types/);
    assert.equal(about("program handle_exec").state, "error");
    assert.match(about("program handle_exec").why ?? "", /needs the kernel's BTF/);
  });

  it("misses the tracing file system where it is not mounted", () => {
    const hide =
      'umount -l /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug 2>/dev/null; exec "$@"';
    assert.equal(doctor(["unshare", "--mount", "sh", "-c", hide, "sh"]).about("tracefs").state, "error");
  });

  for (const [how, prepare] of [
    [
      "capabilities",
      (file: string) => run("/", ["setcap", "cap_bpf,cap_perfmon,cap_dac_read_search+ep", file]),
    ],
    ["the setuid bit", (file: string) => run("/", ["chmod", "4755", file])],
  ] as const)
    it(`loads nothing out of a file with ${how} for one who has none`, () => {
      copyFileSync(app.path("dist/bootstrap"), app.path("dist/privileged"));
      chmodSync(app.path("dist/privileged"), 0o755);
      try {
        assert.equal(prepare(app.path("dist/privileged")).status, 0);
        const { about, findings } = doctor(NOBODY, "dist/privileged");
        assert.match(about("programs").detail, /^not tried/);
        assert.ok(!findings.some(({ subject }) => subject.startsWith("program ")));
        // For root the file has nothing to give.
        assert.ok(
          doctor([], "dist/privileged").findings.some(({ subject }) => subject === "program handle_exec"),
        );
      } finally {
        rmSync(app.path("dist/privileged"));
      }
    });

  it("tries the programs for one whom capabilities were handed on to", () => {
    const caps = "+bpf,+perfmon,+dac_read_search";
    const { ok, about } = doctor([...NOBODY, `--inh-caps=${caps}`, `--ambient-caps=${caps}`]);
    assert.match(about("program handle_exec").detail, /^loads/);
    assert.ok(ok);
  });

  it("gives the verifier's reason for the one program that it rejects", () => {
    const path = app.path("src/minimal.bpf.c");
    const source = readFileSync(path, "utf8");
    writeFileSync(
      path,
      `${source}
SEC("tp/sched/sched_switch")
int rejected(unsigned long *ctx)
{
	return *(int *)ctx[1];
}
`,
    );
    try {
      const built = app.build(["minimal"]);
      assert.equal(built.status, 0, built.stderr);
      const { ok, about } = doctor([], "dist/minimal");
      assert.ok(!ok);
      const { state, detail, why = "" } = about("program rejected");
      assert.equal(state, "error");
      assert.match(detail, /verifier rejects it/);
      assert.match(why, /invalid mem access|Invalid/);
      assert.match(why, /return \*\(int \*\)ctx\[1\]/);
      assert.equal(about("program handle_tp").state, "ok");
    } finally {
      writeFileSync(path, source);
    }
  });
});
