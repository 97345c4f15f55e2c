import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { build } from "esbuild";
import { folderWith } from "../app.ts";
import { ROOT } from "../root.ts";

// What `npm publish` would send, file by file: that it is whole, and that it has nothing that is not needed.

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly repository: { readonly url: string; readonly directory?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Packages that no module imports, with the reason why they are declared all the same. */
const NOT_IMPORTED: Readonly<Record<string, string>> = {
  "node-addon-api": "headers, which an app's addon is compiled with",
};

for (const folder of ["create", "toolchain"]) {
  describe(`the package in ${folder}/`, () => {
    const dir = pack(folder);
    const manifest = readManifest(dir);

    test("declares what it imports, and imports what it declares", async () => {
      const imported = new Set([...(await bundled(dir)), ...required(dir), ...typesImported(dir)]);
      imported.delete(manifest.name);
      const declared = Object.keys(manifest.dependencies ?? {});
      const undeclared = [...imported].filter((name) => !declared.includes(name));
      assert.deepEqual(undeclared, [], "imported, and not among the dependencies");
      const idle = declared.filter((name) => !imported.has(name) && !(name in NOT_IMPORTED));
      assert.deepEqual(idle, [], "a dependency, and imported by nothing");
      for (const [name, version] of Object.entries(manifest.dependencies ?? {}))
        assert.match(version, /^\d+\.\d+\.\d+$/, `${name} has to be an exact version`);
    });

    test("has a README, the project's licence and those of what is bundled", () => {
      assert.match(readFileSync(join(dir, "README.md"), "utf8"), new RegExp(`^# ${manifest.name}\n`));
      assert.equal(
        readFileSync(join(dir, "LICENSE"), "utf8"),
        readFileSync(join(ROOT, "LICENSE"), "utf8"),
        "the copy of LICENSE",
      );
      const notices = readFileSync(join(dir, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
      const named = [...notices.matchAll(/^── (\S+) /gm)].map((match) => match[1]);
      // A package's own development dependencies, beyond the tools of the workspace, are what goes into its bundle.
      for (const name of Object.keys(manifest.devDependencies ?? {}))
        assert.ok(named.includes(name), `${name} is bundled, and its licence is not there`);
      for (const match of notices.matchAll(/^── (\S+) \S+ \((.+)\)$/gm))
        assert.match(
          match[2]!,
          // The last two are of SPDX's lists of names, which are data.
          /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-3\.0)$/,
          `${match[1]}`,
        );
    });

    test("says where it comes from and whom to ask", () => {
      const root = readManifest(ROOT);
      assert.equal(manifest.repository.url, root.repository.url);
      assert.equal(manifest.repository.directory, folder);
      const home = root.repository.url.replace(/^git\+|\.git$/g, "");
      assert.equal(manifest.bugs, `${home}/issues`);
      assert.ok(`${manifest.homepage}`.startsWith(home), `${manifest.homepage}`);
      assert.ok((manifest.keywords as string[]).includes("ebpf"));
      assert.equal(manifest.license, "MIT");
      assert.deepEqual(manifest.publishConfig, { access: "public", provenance: true });
    });

    test("has no tests, source maps or paths of the machine that made it", () => {
      const files = globSync("**/*", { cwd: dir });
      const strange = files.filter((file) => /(^|\/)(test|src|node_modules)\/|\.map$/.test(file));
      // A template is an app: its src/ and its test are what a user gets.
      assert.deepEqual(
        strange.filter((file) => !/^dist\/(templates|sources)\//.test(file)),
        [],
      );
      for (const file of files.filter((one) => /\.(?:[cm]?js|ts|json|txt|md|h|cc|mk)$/.test(one))) {
        const text = readFileSync(join(dir, file), "utf8");
        assert.ok(!text.includes(ROOT), `${file} names ${ROOT}`);
        assert.doesNotMatch(text, /sourceMappingURL=/, file);
      }
    });

    test("has the files that its bin and exports name", () => {
      const { bin, exports = {} } = manifest as { bin?: Record<string, string>; exports?: object };
      const named = JSON.stringify([bin, exports]).match(/(?<=")(?:\.\/)?dist\/[^"]+(?=")/g) ?? [];
      assert.ok(named.length > 0);
      for (const file of named) assert.ok(existsSync(join(dir, file)), file);
    });
  });
}

test("both packages have one version, which the scaffolder writes into an app", () => {
  const [create, toolchain] = ["create", "toolchain"].map((folder) => readManifest(join(ROOT, folder)));
  assert.equal(create?.version, toolchain?.version);
});

/** Packs a workspace as it was built last, and unpacks that; returns the folder with its package.json. */
function pack(folder: string): string {
  const root = folderWith({});
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", root], {
    cwd: join(ROOT, folder),
  });
  const [tarball] = globSync("*.tgz", { cwd: root });
  execFileSync("tar", ["-xzf", tarball as string], { cwd: root });
  return join(root, "package");
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Packages that the modules in dist/ import, as a bundler finds them. */
async function bundled(dir: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: dir,
    entryPoints: globSync("dist/{*,chunk/*}.js", { cwd: dir }),
    outdir: join(dir, "unused"),
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return imports.filter((one) => one.external).flatMap((one) => packageOf(one.path));
}

/** Packages that bundled CommonJS asks for when it runs; a bundler does not follow a `require` made at run time. */
function required(dir: string): string[] {
  return globSync("dist/{*,chunk/*}.js", { cwd: dir }).flatMap((file) =>
    [...readFileSync(join(dir, file), "utf8").matchAll(/\brequire\("([\w@][^"]*)"\)/g)].flatMap((match) =>
      packageOf(match[1]!),
    ),
  );
}

/** Packages whose types the declarations speak of. */
function typesImported(dir: string): string[] {
  return globSync("dist/types/**/*.d.ts", { cwd: dir }).flatMap((file) =>
    [...readFileSync(join(dir, file), "utf8").matchAll(/(?:from |import\()"([^".][^"]*)"/g)].flatMap(
      (match) => packageOf(match[1]!),
    ),
  );
}

/** The package of an import, and nothing for Node's own modules. */
function packageOf(path: string): string[] {
  if (path.startsWith("node:") || builtinModules.includes(path) || /^[./]/.test(path)) return [];
  return [
    path
      .split("/")
      .slice(0, path.startsWith("@") ? 2 : 1)
      .join("/"),
  ];
}
