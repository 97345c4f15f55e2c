// BPF_APP_LOG=verifier with a built file: as root, as a user of a file with capabilities, and in dev.
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { before, describe, it } from "node:test";
import { App, type Ran, run } from "./app.ts";

/** Debian's user `nobody`. */
const NOBODY = 65_534;

const KERNEL_SIDE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, int);
} table SEC(".maps");
SEC("tp/syscalls/sys_enter_getpgid")
int unchecked(void *ctx)
{
	int key = 0;
	int *value = bpf_map_lookup_elem(&table, &key);

	return *value; /* may be NULL */
}
`;
const USER_SIDE = `import { main } from "bpf-app/runtime";
import { minimal } from "../.output/minimal.skel.ts";
await main(() => minimal.openAndLoad().destroy());
`;

/** The verifier's log of the program, from libbpf's first line around it to the last. */
const WHOLE =
  /^libbpf: prog 'unchecked': -- BEGIN PROG LOAD LOG --\n[\s\S]*\nprocessed \d+ insns[\s\S]*-- END PROG LOAD LOG --$/m;
/** It is how the verifier shows the address of a map. */
const ADDRESS = /\(18\) r\d = 0xf[0-9a-f]{15}/;

describe("a program that the verifier refuses", () => {
  let app: App;
  before(() => {
    app = App.make("minimal");
    writeFileSync(app.path("src/minimal.bpf.c"), KERNEL_SIDE);
    writeFileSync(app.path("src/minimal.ts"), USER_SIDE);
    const built = app.build();
    assert.equal(built.status, 0, built.stdout + built.stderr);
    mkdirSync(app.path("run"));
    copyFileSync(app.path("dist/minimal"), app.path("run/minimal"));
    for (const one of [tmpdir(), dirname(app.dir), app.dir, app.path("run")])
      chmodSync(one, (statSync(one).mode & 0o7777) | 0o011);
  });

  const refused = ({ status, stderr }: Ran): string => {
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^the kernel's verifier rejected unchecked: /m);
    return stderr;
  };

  it("is reported with its place in the app, and with the variable that shows more", () => {
    const said = refused(run(app.dir, ["dist/minimal"]));
    assert.match(said, /^ {2}src\/minimal\.bpf\.c:16$/m);
    assert.match(said, /^> 16 \| \treturn \*value;/m);
    assert.match(said, /BPF_APP_LOG=verifier in the environment shows the whole log/);
    assert.doesNotMatch(said, WHOLE);
    assert.ok(!said.includes(app.dir), "places are relative to the app");
  });

  it("is reported with the kernel's whole log as it is where root asks for it", () => {
    const said = refused(run(app.dir, ["dist/minimal"], { BPF_APP_LOG: "verifier" }));
    assert.match(said, WHOLE);
    assert.match(said, ADDRESS);
  });

  it("is reported with it from the sources too", () => {
    const said = run(app.dir, ["node_modules/.bin/bpf-app", "dev", "--once"], { BPF_APP_LOG: "verifier" });
    assert.match(refused(said), WHOLE);
  });

  it("shows a user of a file with capabilities all of it but the kernel's addresses", () => {
    const set = run(app.dir, [
      "setcap",
      "cap_bpf,cap_perfmon,cap_sys_admin,cap_dac_read_search+ep",
      "run/minimal",
    ]);
    assert.equal(set.status, 0, set.stderr);
    const as = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
    const said = refused(run(app.path("run"), [...as, "./minimal"], { BPF_APP_LOG: "verifier" }));
    assert.match(said, WHOLE);
    assert.doesNotMatch(said, ADDRESS);
    assert.match(said, /\(18\) r\d = 0x\(hidden\)/);
  });

  it("says that a word is misspelt, and does the rest all the same", () => {
    const said = refused(run(app.dir, ["dist/minimal"], { BPF_APP_LOG: "verifer" }));
    assert.match(said, /^BPF_APP_LOG takes .*Did you mean verifier\?$/m);
  });
});
