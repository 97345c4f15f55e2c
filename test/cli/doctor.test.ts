import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doctor as diagnose } from "../../toolchain/src/cli/doctor.ts";
import { doctorText } from "../../toolchain/src/report/doctor.ts";
import { plain } from "../../toolchain/src/report/paint.ts";
import { folderWith } from "../app.ts";
import { appWithSources, bpfApp, programs } from "./run.ts";

interface Row {
  readonly state: string;
  readonly subject: string;
  readonly detail: string;
}

function doctor(app: string, path: string, args: readonly string[] = []) {
  const { status, stdout, stderr } = bpfApp(app, ["doctor", ...args], { PATH: path });
  assert.equal(stderr, "");
  assert.ok(!stdout.includes("\x1b"), "no colours in a pipe");
  const rows = [...stdout.matchAll(/^ {2}(ok|warn|error) +(\S+(?: \S+)*) *(.*)$/gm)].map(
    ([, state, subject, detail]): Row => ({ state: state!, subject: subject!, detail: detail! }),
  );
  const states = (state: string) => rows.filter((row) => row.state === state);
  return { status, stdout, rows, missing: states("error"), ok: states("ok") };
}

test("doctor says of each thing that a build needs that it is there, and in which version", () => {
  const { status, missing, ok, stdout } = doctor(appWithSources(), programs());
  assert.deepEqual(missing, [], stdout);
  assert.equal(status, 0);
  for (const said of [/clang +clang version 19/, /make +GNU Make 4\.4/, /Node to embed +\d+\.\d+\.\d+/])
    assert.match(stdout, said);
  for (const subject of ["clang", "make", "cc", "c++", "git", "libc headers"])
    assert.ok(
      ok.some((row) => row.subject === subject),
      subject,
    );
  assert.match(stdout, /vendored sources +libbpf, bpftool/);
});

for (const [program, debian] of Object.entries({
  clang: "clang",
  make: "make",
  cc: "gcc",
  "c++": "g\\+\\+",
  git: "git",
})) {
  test(`doctor misses ${program}, and nothing else, and names the package`, () => {
    const { status, missing, stdout } = doctor(appWithSources(), programs({ [program]: undefined }));
    assert.deepEqual(
      missing.map(({ subject }) => subject),
      [program],
    );
    assert.equal(status, 1);
    assert.match(stdout, new RegExp(`^Install .* ${debian}$`, "m"));
  });
}

/** The PATH of a machine that has nothing a build needs. */
const bare = () =>
  programs({
    ...{ clang: undefined, make: undefined, cc: undefined, "c++": undefined, git: undefined },
    ...{ "apt-get": undefined, bpftool: undefined },
  });

/** What doctor says on a machine that has only these files, and of programs those in PATH. */
function elsewhere(files: Readonly<Record<string, string>>, PATH = bare()) {
  const place = { environment: { PATH }, root: folderWith(files) };
  const root = appWithSources();
  return diagnose({ root, folder: root, assignments: {} }, place);
}

for (const [system, line] of Object.entries({
  "ID=debian": "apt-get install -y clang make gcc g++ git libc6-dev linux-libc-dev",
  "ID=fedora": "dnf install -y clang make gcc gcc-c++ git glibc-devel kernel-headers",
  "ID=arch": "pacman -S --needed clang make gcc git glibc linux-api-headers",
  'ID="opensuse-leap"\nID_LIKE="suse opensuse"':
    "zypper install clang make gcc gcc-c++ git glibc-devel linux-glibc-devel",
  "ID=alpine": "apk add clang make gcc g++ git musl-dev linux-headers",
}))
  test(`doctor does not stop at the first thing that is missing; all is one line where ${system}`, async () => {
    const { findings, install, missing } = await elsewhere({ "etc/os-release": `${system}\n` });
    const wanted = ["clang", "make", "cc", "c++", "git", "libc headers", "kernel headers"];
    assert.deepEqual(missing, wanted);
    const errors = findings.filter(({ state }) => state === "error").map(({ subject }) => subject);
    assert.deepEqual(errors, wanted);
    assert.equal(install, process.getuid?.() === 0 ? line : `sudo ${line}`);
  });

test("doctor misses only what is not there, headers too", async () => {
  const headers = { "usr/include/stdio.h": "", "usr/include/linux/types.h": "" };
  const whole = await elsewhere({ ...headers, "etc/os-release": "ID=alpine\n" }, programs());
  assert.equal(whole.install, undefined);
  assert.deepEqual(whole.missing, []);
  const { "usr/include/linux/types.h": _, ...musl } = headers;
  const { install = "" } = await elsewhere({ ...musl, "etc/os-release": "ID=alpine\n" }, programs());
  assert.match(install, /apk add linux-headers$/);
});

test("doctor advises no command where it knows none", async () => {
  const diagnosis = await elsewhere({ "etc/os-release": "ID=nixos\n" });
  assert.equal(diagnosis.install, undefined);
  const text = doctorText(diagnosis, plain);
  assert.doesNotMatch(text, /apt|dnf|apk/);
  assert.match(text, /package manager: .*clang.*make/);
});

test("doctor says that a clang is too old, and what one that will do does not know", async () => {
  const with_ = (version: string) => {
    const path = programs();
    writeFileSync(join(path, "clang"), `#!/bin/sh\necho 'clang version ${version}'\n`);
    return elsewhere({ "etc/os-release": "ID=debian\n" }, path);
  };
  const clang = async (version: string) =>
    (await with_(version)).findings.find(({ subject }) => subject === "clang");
  const old = await clang("10.0.1");
  assert.equal(old?.state, "error");
  assert.match(`${old?.detail} ${old?.why} ${old?.fix}`, /too old.*10\.0\.1.*11 or newer.*CLANG=clang-19/s);
  const some = await clang("14.0.6");
  assert.equal(some?.state, "ok");
  assert.match(some?.why ?? "", /arena maps \(clang 19\)/);
  assert.equal((await clang("19.1.7"))?.why, undefined);
});

test("doctor prints its findings as JSON, and colours only where they are wanted", () => {
  const app = appWithSources();
  const path = programs({ clang: undefined });
  const json = bpfApp(app, ["doctor", "--json"], { PATH: path });
  assert.equal(json.status, 1);
  const said = JSON.parse(json.stdout);
  assert.equal(said.ok, false);
  assert.match(said.install, /apt-get install -y clang$/);
  assert.deepEqual(said.targets, []);
  assert.equal(said.findings[0].subject, "clang");
  assert.equal(said.findings[0].state, "error");
  const coloured = (env: NodeJS.ProcessEnv) =>
    bpfApp(app, ["doctor"], { PATH: path, ...env }).stdout.includes("\x1b[");
  assert.equal(coloured({ FORCE_COLOR: "1" }), true);
  assert.equal(coloured({ FORCE_COLOR: "0" }), false);
});

test("doctor names a program that does not run", () => {
  const path = programs();
  writeFileSync(join(path, "make"), "#!/bin/sh\nexit 3\n");
  const { status, stdout, missing } = doctor(appWithSources(), path);
  assert.deepEqual(
    missing.map(({ subject }) => subject),
    ["make"],
  );
  assert.equal(status, 1);
  assert.ok(stdout.includes(`${path}/make does not run`), stdout);
});

test("doctor looks for the program that a setting names", () => {
  const path = programs({ clang: undefined });
  const { missing, stdout } = doctor(appWithSources(), path, ["CLANG=clang-77"]);
  assert.match(missing.map(({ detail }) => detail).join(), /clang-77/, stdout);
});

test("doctor misses sources that were not checked out, and a Node to embed", () => {
  const app = appWithSources();
  rmSync(join(app, "vendor/libbpf"), { recursive: true });
  writeFileSync(join(app, ".gitmodules"), '[submodule "vendor/libbpf"]\n\tpath = vendor/libbpf\n');
  rmSync(join(app, "node_modules"));
  const { status, missing, stdout } = doctor(app, programs());
  assert.deepEqual(
    missing.map(({ subject }) => subject),
    ["Node to embed", "vendored sources"],
    stdout,
  );
  assert.equal(status, 1);
  assert.match(stdout, /libbpf.*git submodule update/s);
  assert.match(stdout, /Node to embed.*npm install/s);
});

test("doctor tells what this kernel and this user allow, of which no build depends", () => {
  const { rows } = doctor(appWithSources(), programs());
  for (const subject of ["kernel", "privileges", "disk", "qemu"]) {
    const row = rows.find((one) => one.subject === subject);
    assert.ok(row?.state === "ok" || row?.state === "warn", subject);
    assert.ok(row.detail.length > 0);
  }
});

test("doctor does not start what it does not know to answer", () => {
  const app = appWithSources();
  const name = readdirSync(join(app, "src"))
    .find((file) => file.endsWith(".bpf.c"))!
    .slice(0, -".bpf.c".length);
  const file = `dist/${name}`;
  const ask = () => doctor(app, programs());
  assert.ok(!ask().stdout.includes(file));
  mkdirSync(join(app, "dist"));
  const started = join(app, "started");
  writeFileSync(join(app, file), `#!/bin/sh\ntouch '${started}'\n`);
  chmodSync(join(app, file), 0o755);
  const { status, stdout } = ask();
  assert.equal(status, 0, "a build works all the same");
  assert.match(stdout, new RegExp(`error +${file} +${file} was not made by bpf-app build`));
  assert.ok(!existsSync(started));
});
