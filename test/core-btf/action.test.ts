// The step that reduces BTF, with a stand-in for bpftool: a script that says how it was called, and does what a test wants.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { which } from "../../toolchain/src/base/which.ts";
import { errorText } from "../../toolchain/src/cli/errors.ts";
import { minCoreBtfAction } from "../../toolchain/src/core-btf/action.ts";
import { decodePack } from "../../toolchain/src/facts/btf-pack.ts";
import { folderWith } from "../app.ts";
import { BtfBuilder } from "../btf/builder.ts";

/** BTF with one struct of this name. */
function btf(name: string): Uint8Array {
  const builder = new BtfBuilder();
  builder.struct(name, 4, [{ name: "x", type: builder.int("int", 4, { signed: true }) }]);
  return builder.bytes();
}

/** Keeps all, as bpftool would if all were asked for. */
const KEEP = `[ "$1 $2" = "gen min_core_btf" ] && [ "$(cat "$5")" = object ] && cp "$3" "$4"`;

function scene(files: Readonly<Record<string, Uint8Array>>, script = KEEP): string {
  const root = folderWith({ "minimal.bpf.o": "object", bpftool: `#!/bin/sh\n${script}\n`, ".output/x": "" });
  chmodSync(join(root, "bpftool"), 0o755);
  for (const [path, bytes] of Object.entries(files)) {
    const folder = join(root, path, "..");
    mkdirSync(folder, { recursive: true });
    const plain = path.replace(/\.tar\.xz$/, "");
    writeFileSync(join(root, plain), bytes);
    if (plain === path) continue;
    execFileSync("tar", ["-cJf", join(root, path), plain.split("/").at(-1)!], { cwd: folder });
    rmSync(join(root, plain));
  }
  return root;
}

async function perform(root: string, ...more: string[]) {
  const notes: string[] = [];
  const { signal } = new AbortController();
  const args = ["minimal.bpf.o", "hub", "--bpftool", "bpftool", "--arch", "x64", "--out", ".output/m.btf"];
  await minCoreBtfAction([...args, ...more], { root, signal, note: (line) => notes.push(line) });
  return { notes, pack: decodePack(readFileSync(join(root, ".output/m.btf"))) };
}

/** What a failure says, and that nothing is left behind. */
async function refused(root: string, ...more: string[]): Promise<{ kind: string; text: string }> {
  const error = await perform(root, ...more).catch((error: unknown) => error);
  assert.ok(error instanceof Failure, String(error));
  assert.deepEqual(readdirSync(join(root, ".output")), ["x"]);
  return { kind: error.failure.kind, text: errorText(error) };
}

describe("bpf-app min-core-btf", () => {
  it("unpacks, checks, reduces and packs what is of the architecture, and says how large it is", async () => {
    const root = scene({
      "hub/ubuntu/20.04/x86_64/5.4.0-42-generic.btf.tar.xz": btf("a"),
      "hub/ubuntu/20.04/x86_64/5.4.0-48-generic.btf.tar.xz": btf("a"),
      "hub/ubuntu/20.04/arm64/5.4.0-42-generic.btf.tar.xz": btf("b"),
      "hub/mine/4.19.0.btf": btf("c"),
    });
    const { notes, pack } = await perform(root);
    assert.deepEqual(
      pack.kernels.map(({ release, from }) => [release, from]),
      [
        ["4.19.0", ""],
        ["5.4.0-42-generic", "ubuntu/20.04"],
        ["5.4.0-48-generic", "ubuntu/20.04"],
      ],
    );
    assert.deepEqual(
      pack.blobs.map((one) => Buffer.from(one)),
      [btf("c"), btf("a")].map((one) => Buffer.from(one)),
    );
    assert.match(
      notes.join(),
      /^minimal: BTF for 3 kernels without BTF of their own, 2 different, \d+ bytes$/,
    );
    assert.deepEqual(readdirSync(join(root, ".output")).sort(), ["m.btf", "x"]);
    assert.equal((await perform(root, "--kernel", "4.*")).pack.kernels.length, 1);
  });

  it("gives bpftool no BTF that is not well-formed", async () => {
    const cut = btf("a").subarray(0, 40);
    const root = scene({ "hub/5.4.0-1.btf": cut }, "touch called; exit 1");
    const { kind, text } = await refused(root);
    assert.equal(kind, "btf-bad");
    assert.match(text, /hub\/5\.4\.0-1\.btf is no BTF of a kernel/);
    assert.ok(!readdirSync(root).includes("called"));
  });

  it("says what bpftool said, and when a signal has ended it", async () => {
    const files = { "hub/5.4.0-1.btf": btf("a") };
    const failed = await refused(scene(files, "echo 'Error: no such type' >&2; exit 255"));
    assert.match(failed.text, /cannot reduce hub\/5\.4\.0-1\.btf .*\(exit 255\)[\s\S]*no such type/);
    const crashed = await refused(scene(files, "kill -SEGV $$"));
    assert.match(crashed.text, /\(SIGSEGV\)/);
  });

  it("says that an archive is damaged, or that xz is missing", async () => {
    const root = scene({ "hub/5.4.0-1.btf.tar.xz": btf("a") });
    const file = join(root, "hub/5.4.0-1.btf.tar.xz");
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 20));
    assert.equal((await refused(root)).kind, "btf-archive-bad");
    writeFileSync(file, whole);
    mkdirSync(join(root, "bin"));
    for (const name of ["tar", "sh"]) symlinkSync(which(name, process.env.PATH!)!, join(root, "bin", name));
    const before = process.env.PATH;
    process.env.PATH = join(root, "bin");
    try {
      const { kind, text } = await refused(root);
      assert.equal(kind, "program-missing");
      assert.match(text, /xz was not found/);
    } finally {
      process.env.PATH = before;
    }
  });

  it("needs a kernel of the architecture", async () => {
    const root = scene({ "hub/debian/10/arm64/4.19.0.btf": btf("a") });
    assert.match((await refused(root)).text, /BTF names no kernel of x64.*\n.*arm64/);
  });
});
