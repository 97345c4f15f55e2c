import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { nearest } from "../../toolchain/src/base/nearest.ts";
import {
  installOf,
  installOfProgram,
  installText,
  managerOf,
  NEEDS,
  osRelease,
} from "../../toolchain/src/base/packages.ts";
import { folderWith } from "../app.ts";

/** A PATH of one folder that holds these programs. */
function pathWith(...programs: readonly string[]): string {
  const folder = folderWith({});
  for (const program of programs) {
    writeFileSync(join(folder, program), "#!/bin/sh\n");
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

/** The os-release of a distribution of which we know nothing. */
const UNKNOWN = 'ID=nixos\nNAME="NixOS"\n';

/** os-release(5) as distributions write it, and the package manager that they have. */
const SYSTEMS = [
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', "apt"],
  ["NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n", "apt"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt"],
  ['NAME="Fedora Linux"\nVARIANT_ID=container\nID=fedora\nVERSION_ID=43\n', "dnf"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"],
  ["ID=arch\nBUILD_ID=rolling\n", "pacman"],
  ["ID=manjaro\nID_LIKE=arch\n", "pacman"],
  ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "zypper"],
  ['ID="sles"\nID_LIKE="suse"\n', "zypper"],
  ['NAME="Alpine Linux"\nID=alpine\n', "apk"],
  ["ID=postmarketos\nID_LIKE='alpine'\n", "apk"],
] as const;

describe("the package manager", () => {
  for (const [system, manager] of SYSTEMS)
    it(`of a machine with ${/^ID=.*/m.exec(system)?.[0]} is ${manager}, whatever else is installed`, () => {
      for (const program of ["apt-get", "dnf", "apk"])
        assert.equal(managerOf(system, pathWith(program)), manager);
      const root = folderWith({ "usr/lib/os-release": system });
      assert.equal(managerOf(osRelease(root), pathWith()), manager);
    });

  it("of an unknown distribution is the one whose program is there", () => {
    assert.equal(managerOf(UNKNOWN, pathWith("pacman")), "pacman");
    assert.equal(managerOf(osRelease(folderWith({})), pathWith("zypper")), "zypper");
    assert.equal(managerOf("ID=constructor\nID_LIKE=__proto__\n", pathWith()), undefined);
  });

  it("is said by /etc before /usr/lib", () => {
    const root = folderWith({ "etc/os-release": "ID=arch\n", "usr/lib/os-release": "ID=alpine\n" });
    assert.equal(managerOf(osRelease(root), pathWith()), "pacman");
  });
});

describe("what to install", () => {
  for (const [program, line] of [
    ["apt-get", "sudo apt-get install -y g++ git"],
    ["dnf", "sudo dnf install -y gcc-c++ git"],
    ["pacman", "sudo pacman -S --needed gcc git"],
    ["zypper", "sudo zypper install gcc-c++ git"],
    ["apk", "sudo apk add g++ git"],
  ] as const)
    it(`is said as ${program} wants it where that is there`, () => {
      const needs = NEEDS.filter((need) => ["c++", "git"].includes(need.command));
      assert.equal(installText(installOf(needs, pathWith(program), UNKNOWN), "them"), `Install it: ${line}`);
    });

  it("is said in words where no package manager is known", () => {
    const none = installOfProgram("xz", pathWith(), UNKNOWN);
    assert.equal(none, undefined);
    assert.equal(installText(none, "xz"), "Install xz with this system's package manager.");
  });

  it("has the name of the package, not of the program", () => {
    assert.deepEqual(installOfProgram("xz", pathWith("apt-get"), UNKNOWN)?.packages, ["xz-utils"]);
    assert.deepEqual(installOfProgram("xz", pathWith("dnf"), UNKNOWN)?.packages, ["xz"]);
    assert.deepEqual(installOfProgram("unheard-of", pathWith("dnf"), UNKNOWN)?.packages, ["unheard-of"]);
  });
});

describe("the nearest known word", () => {
  const known = ["minimal", "minimal_ns", "bootstrap", "tc"];
  for (const [typed, word] of [
    ["minmal", "minimal"],
    ["Minimal", "minimal"],
    ["boot", "bootstrap"],
    ["bostrap", "bootstrap"],
    ["ct", undefined],
    ["zzzzzz", undefined],
    ["", undefined],
  ] as const)
    it(`to ${typed || "nothing"} is ${word ?? "none"}`, () => assert.equal(nearest(typed, known), word));
});
