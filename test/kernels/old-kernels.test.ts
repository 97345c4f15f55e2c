// An app that brings BTF along, on kernels whose own is hidden. The archive that it is built from is made of the kernels'
// own BTF, in the layout of BTFHub's.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Disk, makeDisk } from "../../toolchain/src/guest/disk.ts";
import { type Kernel, prepareKernels } from "../../toolchain/src/guest/kernels.ts";
import type { CellRun } from "../../toolchain/src/guest/protocol.ts";
import { type GuestCell, runGuest } from "../../toolchain/src/guest/run-guest.ts";
import { App, run } from "../build/app.ts";
import { btfOf } from "./btf-of.ts";
import { jsonLines } from "./check.ts";

const VERSIONS = ["5.10", "6.1"];
/** The kernel of none of the guests. */
const OTHER = "4.19.0-27-amd64";

const work = mkdtempSync(join(tmpdir(), "old-kernels-"));
after(() => rmSync(work, { recursive: true }));
let app: App;
let kernels: readonly Kernel[];
let disk: Disk;

function releaseOf({ packages }: Kernel): string {
  return packages[0]!.name.replace("linux-image-", "");
}

/** DISTRO/VERSION/ARCH/RELEASE.btf.tar.xz */
function archive(place: string, release: string, btf: Buffer): void {
  const folder = join(work, "btfhub", place);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${release}.btf`), btf);
  execFileSync("tar", ["-cJf", `${release}.btf.tar.xz`, `${release}.btf`], { cwd: folder });
  rmSync(join(folder, `${release}.btf`));
}

/** Builds, and keeps a copy of an executable. Returns what the build printed. */
function build(copy: string, ...settings: string[]): string {
  const { status, stdout, stderr } = app.build(settings);
  assert.equal(status, 0, stdout + stderr);
  cpSync(app.path("dist/bootstrap"), join(work, copy));
  return stdout + stderr;
}

before(async () => {
  kernels = (await prepareKernels(VERSIONS)).kernels;
  for (const kernel of kernels)
    archive(`debian/${kernel.release}/x86_64`, releaseOf(kernel), btfOf(kernel.vmlinuz, work));
  archive("debian/10/x86_64", OTHER, btfOf(kernels[0]!.vmlinuz, work));
  app = App.make("bootstrap");
  const added = run(app.dir, [app.path("node_modules/.bin/bpf-app"), "add", "fentry"]);
  assert.equal(added.status, 0, added.stderr);
  build("none");
  build("other", `BTF=${join(work, "btfhub")}`, `BTF_KERNELS=${OTHER}`);
  const said = build("own", `BTF=${join(work, "btfhub")}`);
  assert.match(said, /bootstrap: BTF for 3 kernels without BTF of their own, \d different, \d+ bytes/);
  const files = Object.fromEntries(["none", "other", "own"].map((name) => [name, join(work, name)]));
  disk = await makeDisk({ ...files, fentry: app.path("dist/fentry") }, join(work, "disk.img"));
});

it("a kernel takes a few hundred bytes", () => {
  const { stdout } = run(app.dir, [join(work, "own")], { BPF_APP: "inspect" });
  const { stdout: json } = run(app.dir, [
    app.path("node_modules/.bin/bpf-app"),
    "inspect",
    join(work, "own"),
    "--json",
  ]);
  const [{ btf }] = [JSON.parse(json)].flat();
  assert.deepEqual(
    btf[0].kernels.map((one: { release: string }) => one.release).sort(),
    [...kernels.map(releaseOf), OTHER].sort(),
  );
  for (const { size } of btf[0].kernels) assert.ok(size > 100 && size < 4096, `${size} bytes`);
  assert.ok(btf[0].size < 4096, `${btf[0].size} bytes`);
  assert.match(stdout, new RegExp(`^ +${releaseOf(kernels[0]!)} +debian/`, "m"));
});

const HIDE = "mkdir -p /tmp/nothing; mount --bind /tmp/nothing /sys/kernel/btf";
const SHOW = "umount /sys/kernel/btf";

/** The name of the program that is traced says what its parent is, and it ends with 7. */
const EVENTS: Omit<GuestCell, "name" | "argv" | "setup"> = {
  ready: ["^Tracing processes"],
  trigger:
    "printf '#!/bin/sh\\nexit 7\\n' >/tmp/by-$$; chmod +x /tmp/by-$$; /tmp/by-$$ || true; rm /tmp/by-$$",
  until: ['"event":"exec".*/tmp/by-', '"event":"exit","comm":"by-.*"exit_code":7'],
};

function cells(): GuestCell[] {
  const hidden = { setup: HIDE, cleanup: SHOW };
  return [
    { ...EVENTS, ...hidden, name: "hidden", argv: ["/app/own"] },
    { ...EVENTS, name: "shown", argv: ["/app/own"] },
    { ...hidden, name: "doctor", argv: ["/app/own"], env: { BPF_APP: "doctor" }, stop: "none" },
    { ...hidden, name: "none", argv: ["/app/none"], stop: "none" },
    { ...hidden, name: "other", argv: ["/app/other"], stop: "none" },
    { ...hidden, name: "fentry", argv: ["/app/fentry"], stop: "none" },
  ];
}

const onKernel = (version: string) =>
  describe(`Linux ${version}`, () => {
    const said = new Map<string, CellRun>();
    let release: string;

    before(async () => {
      const kernel = kernels.find((one) => one.wanted === version)!;
      release = releaseOf(kernel);
      const guest = await runGuest({ kernel, disk, cells: cells() });
      assert.ok(guest.finished, guest.console.slice(-2000));
      for (const one of guest.cells) said.set(one.name, one);
    });

    for (const name of ["hidden", "shown"])
      it(`sees events with the right values where the kernel's BTF is ${name}`, () => {
        const { exit, stdout, stderr } = said.get(name)!;
        assert.equal(exit, 0, stdout + stderr);
        const events = jsonLines(stdout).filter(({ comm }) => String(comm).startsWith("by-"));
        const ended = events.find((event) => event.event === "exit");
        const begun = events.find((event) => event.event === "exec" && event.pid === ended?.pid);
        // Both fields come out of structs of the kernel, at offsets that the BTF says.
        assert.equal(begun?.filename, `/tmp/by-${begun?.ppid}`);
        assert.equal(ended?.ppid, begun?.ppid);
        assert.equal(ended?.exit_code, 7);
      });

    it("doctor says that the file brings its own, and its programs load", () => {
      const { exit, stdout, stderr } = said.get("doctor")!;
      assert.match(stdout, new RegExp(`kernel BTF +none, and this file brings its own for Linux ${release}`));
      assert.match(stdout, /program handle_exit +loads/);
      assert.equal(exit, 0, stdout + stderr);
    });

    it("without BTF for it, the error names the kernel, what there is, and how to add it", () => {
      for (const name of ["none", "other"]) {
        const { exit, stderr } = said.get(name)!;
        assert.equal(exit, 1, stderr);
        assert.match(stderr, new RegExp(`this kernel, ${release} \\(x86_64\\), has none`));
        assert.match(
          stderr,
          new RegExp(`BTF=FOLDER, where the folder has \\S+/x86_64/${release}\\.btf\\.tar\\.xz`),
        );
        assert.doesNotMatch(stderr, /^ +at /m);
      }
      assert.match(said.get("none")!.stderr, /built without BTF for such kernels/);
      assert.match(said.get("other")!.stderr, new RegExp(`brings BTF for ${OTHER}, and none for it`));
    });

    it("what is attached by the kernel's own BTF says that no other can stand in", () => {
      const { exit, stderr } = said.get("fentry")!;
      assert.equal(exit, 1, stderr);
      assert.match(stderr, /cannot stand in for the kernel's own/);
      assert.match(stderr, /It concerns .*(?:fentry|fexit)\//);
    });
  });

// A guest has one thread of this machine, and the machine two.
describe("an app that brings BTF along", { concurrency: 2 }, () => {
  for (const version of VERSIONS) onKernel(version);
});
