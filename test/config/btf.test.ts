import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import { fromFolder, takeAssignments } from "../../toolchain/src/config/assignments.ts";
import { findBtf } from "../../toolchain/src/config/btf.ts";
import { loadConfig } from "../../toolchain/src/config/load.ts";
import { folderWith, MINIMAL } from "../app.ts";

/** Files of BTFHub's archive, by their real names. */
const HUB = Object.fromEntries(
  [
    "amzn/2/arm64/4.14.101-91.76.amzn2.aarch64.btf.tar.xz",
    "centos/7/x86_64/3.10.0-1062.4.1.el7.x86_64.btf.tar.xz",
    "ubuntu/20.04/arm64/5.4.0-42-generic.btf.tar.xz",
    "ubuntu/20.04/x86_64/5.4.0-42-generic.btf.tar.xz",
    "ubuntu/18.04/x86_64/5.4.0-42-generic.btf.tar.xz",
    "ubuntu/20.04/x86_64/.git/5.4.0-1-generic.btf",
    "README.md",
  ].map((path) => [`hub/${path}`, ""]),
);

function refusal(work: () => unknown) {
  try {
    work();
  } catch (error) {
    assert.ok(isFailure(error, "config"), String(error));
    return error.failure;
  }
  return assert.fail("nothing was refused");
}

describe("BTF of other kernels", () => {
  it("is understood in BTFHub's layout, from any folder of it", () => {
    const root = folderWith(HUB);
    const said = (places: readonly string[]) =>
      findBtf(root, places, []).map(({ release, arch, from }) => [release, arch, from]);
    assert.deepEqual(said(["hub"]), [
      ["4.14.101-91.76.amzn2.aarch64", "arm64", "amzn/2"],
      ["3.10.0-1062.4.1.el7.x86_64", "x64", "centos/7"],
      ["5.4.0-42-generic", "x64", "ubuntu/18.04"],
      ["5.4.0-42-generic", "arm64", "ubuntu/20.04"],
      ["5.4.0-42-generic", "x64", "ubuntu/20.04"],
    ]);
    assert.deepEqual(said(["hub/ubuntu/18.04/x86_64"]), [["5.4.0-42-generic", "x64", "ubuntu/18.04"]]);
    const file = "hub/ubuntu/20.04/x86_64/5.4.0-42-generic.btf.tar.xz";
    assert.deepEqual(said([file, "hub/ubuntu/20.04/x86_64", file]), [
      ["5.4.0-42-generic", "x64", "ubuntu/20.04"],
    ]);
  });

  it("may lie flat, in btf/ for auto; a release that ends in an architecture tells it", () => {
    const root = folderWith({
      "btf/5.4.0-42-generic.btf": "",
      "btf/4.19.0-27-amd64.btf": "",
      "btf/deeper/4.18.0-80.el8.aarch64.btf": "",
      "btf/vmlinux": "",
    });
    assert.deepEqual(
      findBtf(root, ["auto"], []).map(({ release, arch, from }) => [release, arch, from]),
      [
        ["4.19.0-27-amd64", "x64", ""],
        ["5.4.0-42-generic", undefined, ""],
        ["4.18.0-80.el8.aarch64", "arm64", ""],
      ],
    );
  });

  it("takes links to files, and follows none to a folder", () => {
    const root = folderWith({ "real/5.4.0-1.btf": "" });
    mkdirSync(join(root, "links"));
    symlinkSync("../real/5.4.0-1.btf", join(root, "links/5.4.0-2.btf"));
    symlinkSync("..", join(root, "links/up"));
    assert.deepEqual(
      findBtf(root, ["links"], []).map(({ path }) => path),
      ["links/5.4.0-2.btf"],
    );
  });

  it("is chosen by release, or by place and release", () => {
    const root = folderWith(HUB);
    const chosen = (...kernels: string[]) =>
      findBtf(root, ["hub"], kernels).map(({ release, arch, from }) => `${from}/${arch}/${release}`);
    assert.deepEqual(chosen("5.4.0-*-generic").length, 3);
    assert.deepEqual(chosen("ubuntu/20.04/x86_64/*"), ["ubuntu/20.04/x64/5.4.0-42-generic"]);
    assert.deepEqual(chosen("centos/*", "4.14.*"), [
      "amzn/2/arm64/4.14.101-91.76.amzn2.aarch64",
      "centos/7/x64/3.10.0-1062.4.1.el7.x86_64",
    ]);
    // A dot is a dot.
    assert.equal(refusal(() => chosen("5x4.0-42-generic")).kind, "btf-kernel-unknown");
    assert.equal(refusal(() => chosen("5.4.0-42")).kind, "btf-kernel-unknown");
  });

  it("that is not there, or names no kernel, is refused", () => {
    const root = folderWith({ "empty/x.txt": "", vmlinux: "" });
    const of = (place: string) => refusal(() => findBtf(root, [place], [])).kind;
    assert.equal(of("auto"), "btf-not-there");
    assert.equal(of("empty"), "btf-none");
    assert.equal(of("vmlinux"), "btf-unnamed");
  });

  it("is typed in a folder below the app as from there", () => {
    const { BTF } = fromFolder({ BTF: `auto "my hub" /srv/hub` }, "/app/src", "/app");
    assert.equal(BTF, "auto 'src/my hub' /srv/hub");
  });

  it("is a setting of the file and of the command line, and looked for only then", async () => {
    const root = folderWith({
      ...MINIMAL,
      "my hub/5.4.0-1.btf": "",
      "bpf-app.config.ts": `export default { btf: ["my hub"], btfKernels: ["5.4.*"] };`,
    });
    const { assignments } = takeAssignments(["BTF="]);
    assert.deepEqual((await loadConfig(root, assignments, {})).btf, []);
    assert.equal((await loadConfig(root, {}, {})).btf[0]?.release, "5.4.0-1");
    const typed = takeAssignments([`BTF="my hub" auto`]).assignments;
    await assert.rejects(loadConfig(root, typed, {}), (error: unknown) => isFailure(error, "config"));
  });
});
