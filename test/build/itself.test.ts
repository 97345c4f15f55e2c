// What an executable says of itself and of the machine: as root, as nobody, with some of what it needs taken away.
import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import type { Verified } from "../../toolchain/src/cli/verify.ts";
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

  it("prints the licences of all that is in it, and its bill of materials, with nothing else there", () => {
    const alone = mkdtempSync(join(tmpdir(), "bpf-app-alone-"));
    try {
      copyFileSync(app.path("dist/bootstrap"), join(alone, "bootstrap"));
      const of = (word: string) => run(alone, ["env", "-i", `BPF_APP=${word}`, "./bootstrap"], {}).stdout;
      const text = of("licenses");
      for (const said of [
        /^bootstrap holds:\n {2}bootstrap +0\.1\.0/,
        /^── Node\.js \d+\.\d+\.\d+ \(MIT\)$/m,
        /^- OpenSSL, located at deps\/openssl, is licensed as follows:$/m,
        /^── libbpf 1\.7\.0 \(LGPL-2\.1-only OR BSD-2-Clause\)$/m,
        /GNU LESSER GENERAL PUBLIC LICENSE/,
        /^── libelf \S+ \(LGPL-3\.0-or-later OR GPL-2\.0-or-later\)$/m,
        /Jean-loup Gailly/,
        /^── bpf-app \S+ \(MIT\)$/m,
        /^── node-addon-api \S+ \(MIT\)$/m,
        /^── valibot \S+ \(MIT\)$/m,
      ])
        assert.match(text, said);
      assert.ok(!text.includes(app.dir));
      const sbom = JSON.parse(of("sbom"));
      const [sum] = sbom.metadata.component.hashes;
      assert.equal(sum.content, hash(join(alone, "bootstrap")));
      const inspected = run(app.dir, ["node_modules/.bin/bpf-app", "inspect", "bootstrap", "--sbom"]);
      assert.deepEqual(JSON.parse(inspected.stdout), sbom);
      const object = sbom.components.find(({ name }: { name: string }) => name === "bootstrap.bpf.o");
      assert.equal(object.hashes[0].content, hash(app.path(".output/bootstrap.bpf.o")));
      assert.ok(!JSON.stringify(sbom).includes(app.dir));
    } finally {
      rmSync(alone, { recursive: true });
    }
  });

  it("is not run by the question, takes no other, and is the app without one", () => {
    const text = ask("inspect", "dist/bootstrap", [], []);
    assert.match(text.stdout, /^dist\/bootstrap\n/);
    assert.ok(!text.stdout.includes("\x1b"), "no colours in a pipe");
    const unknown = ask("inspct");
    assert.equal(unknown.status, 1);
    assert.match(
      unknown.stderr,
      /^bootstrap: BPF_APP=inspct .*\n {2}Did you mean inspect\? It may be inspect, doctor, licenses or sbom;/,
    );
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

describe("bpf-app verify", () => {
  const verify = (...args: readonly string[]) =>
    run(app.dir, ["node_modules/.bin/bpf-app", "verify", ...args]);

  it("says that what was built is what the sources give, and leaves dist and no copy of it", () => {
    const before = hash(app.path("dist/minimal"));
    const { status, stdout } = verify("minimal");
    assert.equal(status, 0, stdout);
    assert.equal(stdout, `ok: dist/minimal is what these sources give, byte for byte.\n  sha256 ${before}\n`);
    assert.deepEqual(readdirSync(app.path(".output/verify")), []);
    assert.equal(hash(app.path("dist/minimal")), before);
  });

  it("names the part that was changed after the build", () => {
    const bytes = readFileSync(app.path("dist/minimal"));
    const change = (text: string) => {
      const changed = Buffer.from(bytes);
      const at = changed.lastIndexOf(text);
      assert.ok(at > 0, text);
      changed[at]! ^= 1;
      writeFileSync(app.path("changed"), changed);
      const { status, stdout } = verify("./changed", "--json");
      assert.equal(status, 1);
      const { equal, parts, inputs } = JSON.parse(stdout) as Verified;
      assert.equal(equal, false);
      assert.deepEqual(inputs, []);
      return parts.map(({ part }) => part);
    };
    try {
      assert.deepEqual(change("NODE_EXTRA_CA_CERTS"), ["Node"]);
      assert.deepEqual(change("__bpf_app_meta = {"), ["minimal.cjs"]);
      assert.deepEqual(change("handle_tp"), ["addon.node", "BPF object minimal"]);
      assert.match(verify("./changed").stdout, /Another compiler or other settings/);
    } finally {
      rmSync(app.path("changed"));
    }
  });

  it("names the sources that differ, and builds nothing into dist", () => {
    const source = readFileSync(app.path("src/minimal.ts"), "utf8");
    const before = hash(app.path("dist/minimal"));
    writeFileSync(app.path("src/minimal.ts"), source.replaceAll("BPF triggered", "Something triggered"));
    try {
      const { status, stdout } = verify("dist/minimal");
      assert.equal(status, 1);
      assert.match(stdout, /^differs: dist\/minimal is not what these sources give\.\n/);
      assert.match(stdout, /\n {2}minimal\.cjs\n {4}in the file {2}\w{64}\n/);
      assert.match(stdout, /What they are made of, and differs:\n {2}src\/minimal\.ts\n/);
      assert.equal(hash(app.path("dist/minimal")), before);
    } finally {
      writeFileSync(app.path("src/minimal.ts"), source);
    }
  });

  it("is for files of this app", () => {
    assert.match(verify("/bin/true").stderr, /\/bin\/true was not made by bpf-app build/);
    assert.match(verify("nowhere").stderr, /nowhere cannot be read/);
  });
});

describe("an addon", () => {
  it("is read-only after it was relocated, bound at once, and its stack is not executable", () => {
    const said = (option: string) => run(app.dir, ["readelf", "-W", option, ".output/minimal.node"]).stdout;
    assert.match(said("-l"), /GNU_RELRO/);
    assert.match(said("-l"), /GNU_STACK .* RW {2}0x/);
    assert.doesNotMatch(said("-l"), /LOAD .* (?:RWE|WE) /);
    assert.match(said("-d"), /BIND_NOW/);
    assert.doesNotMatch(said("-d"), /TEXTREL|RPATH|RUNPATH/);
    const symbols = said("--dyn-syms");
    assert.match(symbols, / __stack_chk_fail@/);
    assert.match(symbols, / __vsnprintf_chk@/);
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

/** A root with nothing but musl, busybox and an executable. musl is Alpine's C library, and this package of Debian's is it. */
function muslRoot(file: string): { readonly root: string; readonly sh: (script: string) => Ran } {
  const root = mkdtempSync(join(tmpdir(), "bpf-app-musl-"));
  for (const folder of ["bin", "lib", "lib64"]) mkdirSync(join(root, folder));
  const [arch] = run("/", ["uname", "-m"]).stdout.trim().split("\n") as [string];
  copyFileSync(`/lib/ld-musl-${arch}.so.1`, join(root, `lib/ld-musl-${arch}.so.1`));
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  copyFileSync(file, join(root, "app"));
  return { root, sh: (script) => run(root, ["chroot", root, "/bin/busybox", "sh", "-c", script]) };
}

describe("an executable on a system of musl", () => {
  it("is not found, or not relocated, and runs with glibc beside musl, as docs/cross-building.md says", () => {
    const file = app.path("dist/minimal");
    const { root, sh } = muslRoot(file);
    try {
      const none = sh("/app --help");
      assert.equal(none.status, 127);
      assert.match(none.stderr, /^sh: \/app: not found$/m);
      // What a layer of compatibility does at best.
      const needs = run("/", ["ldd", file]).stdout;
      const loader = /^\s*(\/lib\S*\/ld-linux\S+)/m.exec(needs)?.[1] ?? "";
      mkdirSync(dirname(join(root, loader)), { recursive: true });
      const own = readdirSync(join(root, "lib")).find((name) => name.startsWith("ld-musl-")) ?? "";
      symlinkSync(`/lib/${own}`, join(root, loader));
      const odd = sh("/app --help");
      assert.equal(odd.status, 127);
      assert.match(odd.stderr, /symbol not found/);
      rmSync(join(root, loader));
      for (const [, path = ""] of [...needs.matchAll(/=> (\/\S+)/g), [undefined, loader] as const]) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        copyFileSync(path, join(root, path));
      }
      const runs = sh("/app --help");
      assert.equal(runs.status, 0, runs.stderr);
      assert.match(runs.stdout, /^Usage: /);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
