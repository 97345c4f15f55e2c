import assert from "node:assert/strict";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ARCHES } from "../../toolchain/src/base/arch.ts";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { doctor } from "../../toolchain/src/cli/doctor.ts";
import { loadConfig } from "../../toolchain/src/config/load.ts";
import { findNode } from "../../toolchain/src/host/node.ts";
import { probeHost } from "../../toolchain/src/host/probe.ts";
import { hostWords } from "../../toolchain/src/host/words.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { image } from "../sea/images.ts";

const MUSL = "/lib/ld-musl-x86_64.so.1";
const PT_INTERP = 3;

/** A machine whose C library is musl, with tools that leave a file behind when they are run. */
function alpine() {
  const root = folderWith({ "lib/ld-musl-x86_64.so.1": "", "bin/README": "" });
  for (const name of ["clang", "cc", "c++", "make"]) {
    writeFileSync(join(root, "bin", name), `#!/bin/sh\n: > ${root}/ran\necho clang version 19\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }
  return { root, environment: { PATH: join(root, "bin") }, glibc: () => undefined };
}

describe("a system of musl", () => {
  it("is refused before any tool runs, with what to do instead", async () => {
    const { environment, ...libc } = alpine();
    const sources = ["libbpf/src/Makefile", "bpftool/src/Makefile", "libelf/src/libelfP.h", "zlib/zlib.h"];
    const files = Object.fromEntries(sources.map((path) => [`vendor/${path}`, ""]));
    const config = await loadConfig(folderWith({ ...MINIMAL, ...files }), {}, environment);
    assert.throws(
      () => probeHost(config, environment, libc),
      ({ failure }: Failure<"host">) => {
        assert.equal(failure.kind, "host-is-musl");
        const { what, why, next } = hostWords(failure);
        assert.match(what, /C library is musl/);
        assert.match(why ?? "", /ld-musl-x86_64\.so\.1.*glibc/s);
        assert.match(next, /docker run .*node:24-bookworm/);
        return true;
      },
    );
    assert.ok(!existsSync(join(libc.root, "ran")));
  });

  it("is an error of the doctor, and glibc is none", async () => {
    const root = folderWith(MINIMAL);
    const about = async (place: Parameters<typeof doctor>[1]) => {
      const { findings } = await doctor({ root, folder: root, assignments: {} }, place);
      return findings.find(({ subject }) => subject === "C library");
    };
    const found = await about(alpine());
    assert.equal(found?.state, "error");
    assert.match(found?.detail ?? "", /musl/);
    assert.match(found?.fix ?? "", /^Build in a container/);
    const { environment } = alpine();
    assert.deepEqual(await about({ environment, glibc: () => "2.36" }), {
      subject: "C library",
      state: "ok",
      detail: "glibc 2.36",
    });
  });
});

it("a Node that is built for musl is refused by its loader", () => {
  const root = folderWith({ "node/bin/README": "", "node/include/node/node_version.h": "" });
  const file = join(root, "node/bin/node");
  const bytes = image({
    data: `${MUSL}\0`.padEnd(0x100, "\0"),
    change: (segments) =>
      segments.map((one) =>
        one.type === 4 ? { ...one, type: PT_INTERP, offset: 0x1000, filesz: MUSL.length + 1 } : one,
      ),
  });
  writeFileSync(file, bytes);
  assert.throws(
    () => findNode(root, ARCHES.x64, file),
    ({ failure }: Failure<"host">) => {
      assert.deepEqual(failure, { kind: "node-for-musl", executable: file, loader: MUSL });
      assert.match(hostWords(failure).what, /is built for musl/);
      return true;
    },
  );
});
