import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
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
  const rows = [...stdout.matchAll(/^ {2}(ok|MISSING|limited) +(\S+(?: \S+)*) *(.*)$/gm)].map(
    ([, state, subject, detail]): Row => ({ state: state!, subject: subject!, detail: detail! }),
  );
  const states = (state: string) => rows.filter((row) => row.state === state);
  return { status, stdout, rows, missing: states("MISSING"), ok: states("ok") };
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

/** Nothing that a build needs, but the package managers named. */
const bare = (...managers: readonly string[]) =>
  programs({
    ...{ clang: undefined, make: undefined, cc: undefined, "c++": undefined, git: undefined },
    ...{ "apt-get": undefined, bpftool: undefined },
    ...Object.fromEntries(managers.map((name) => [name, "true"])),
  });

for (const [manager, packages] of Object.entries({
  "apt-get": "clang make gcc g\\+\\+ git",
  dnf: "clang make gcc gcc-c\\+\\+ git",
})) {
  test(`doctor does not stop at the first thing that is missing, and one ${manager} installs all`, () => {
    const { status, missing, stdout } = doctor(appWithSources(), bare(manager));
    assert.deepEqual(
      missing.map(({ subject }) => subject),
      ["clang", "make", "cc", "c++", "git"],
    );
    assert.equal(status, 1);
    assert.match(stdout, new RegExp(`^Install .*${manager} .* ${packages}$`, "m"));
  });
}

test("doctor advises no command where it knows none", () => {
  const { status, stdout } = doctor(appWithSources(), bare());
  assert.equal(status, 1);
  assert.doesNotMatch(stdout, /apt|dnf/);
  assert.match(stdout, /package manager: .*clang.*make/);
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
  assert.match(stdout, /libbpf.*git submodule update/);
  assert.match(stdout, /Node to embed.*npm install/);
});

test("doctor tells what this kernel and this user allow, of which no build depends", () => {
  const { rows } = doctor(appWithSources(), programs());
  for (const subject of ["kernel", "privileges", "BPF LSM"]) {
    const row = rows.find((one) => one.subject === subject);
    assert.ok(row?.state === "ok" || row?.state === "limited", subject);
    assert.ok(row.detail.length > 0);
  }
});

test("doctor says what a file that is built needs to run, and nothing of one that is not", () => {
  const app = appWithSources();
  const name = readdirSync(join(app, "src"))
    .find((file) => file.endsWith(".bpf.c"))!
    .slice(0, -".bpf.c".length);
  const file = `dist/${name}`;
  const row = () => doctor(app, programs()).rows.find(({ subject }) => subject === file);
  assert.equal(row(), undefined);
  for (const folder of ["dist", ".output"]) mkdirSync(join(app, folder), { recursive: true });
  writeFileSync(join(app, file), "");
  const object = join(app, `.output/${name}.bpf.o`);
  copyFileSync(new URL("../skeleton/fixtures/events.bpf.o", import.meta.url), object);
  const { state, detail = "" } = row() ?? {};
  assert.equal(state, "ok");
  assert.match(detail, new RegExp(`^needs root, or: sudo setcap cap_bpf,\\S*\\+ep ${file}$`));
  writeFileSync(object, "no object");
  const broken = row();
  assert.equal(broken?.state, "limited");
  assert.match(broken?.detail ?? "", /ELF/);
});
