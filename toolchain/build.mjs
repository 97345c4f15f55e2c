// Bundles the package: the command line (split, so that a verb loads what it needs), what apps import, and types.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { packagesOf, thirdPartyNotices } from "./notices.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "dist");
const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
// A whole new folder every time: a file that is no longer made is not shipped.
rmSync(out, { recursive: true, force: true });

const common = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  charset: "utf8",
  metafile: true,
  logLevel: "warning",
};
const tool = await build({
  ...common,
  entryPoints: { cli: "src/cli.ts", config: "src/config/index.ts" },
  splitting: true,
  chunkNames: "chunk/[name]-[hash]",
  external: ["esbuild"],
  alias: {
    // Its main file is of a kind that bundlers cannot follow (UMD); the package has an ES module as well.
    "jsonc-parser": "jsonc-parser/lib/esm/main.js",
    // Its entry for Node also brings XML, which nothing here writes, and asks for packages that do.
    "@cyclonedx/cyclonedx-library/Serialize": serializers(),
  },
  minifySyntax: true,
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  define: { BPF_APP_VERSION: JSON.stringify(version), BPF_APP_IDENTITY: JSON.stringify(identity()) },
});
// What apps import. Split, so that `bpf-app/runtime` and `bpf-app/generated` share one copy of the runtime: a map that a
// generated skeleton has made is an instance of the class that an app's author imports.
const imported = await build({
  ...common,
  entryPoints: {
    runtime: "src/runtime/index.ts",
    generated: "src/runtime/generated.ts",
    testing: "src/testing/index.ts",
  },
  splitting: true,
  chunkNames: "chunk/[name]-[hash]",
  target: "node22",
});
// Every app carries these, and V8 reads their comments whenever one starts. esbuild drops comments only together with line
// breaks, which stack traces and debuggers need; so the breaks are made anew.
for (const file of Object.keys(imported.metafile.outputs)) {
  const path = join(here, file);
  const { code } = await transform(readFileSync(path), { minifyWhitespace: true, legalComments: "inline" });
  writeFileSync(path, (await transform(code, { charset: "utf8" })).code);
}
// What `check` runs with privileges, here and in guests: one file, which needs nothing beside it.
const runner = await build({
  ...common,
  entryPoints: { "check-runner": "src/verdict/main.ts" },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  target: "node22",
});
// What lies in every executable beside the app, and answers to the variable BPF_APP.
const itself = await build({
  ...common,
  entryPoints: { itself: "src/itself/main.ts" },
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  target: "node22",
  minify: true,
  legalComments: "none",
});
for (const name of ["init.sh", "runner.c"]) cpSync(join(here, "src/guest", name), join(out, "guest", name));
execFileSync(process.execPath, [tsc(), "-p", join(here, "tsconfig.types.json")], { stdio: "inherit" });
const notices = thirdPartyNotices([tool.metafile, imported.metafile, runner.metafile, itself.metafile], here);
writeFileSync(join(out, "THIRD-PARTY-NOTICES.txt"), notices);
// What of it lies in every executable, whose own list of licences has it too.
const brought = packagesOf([imported.metafile, itself.metafile], here);
writeFileSync(join(out, "brought.json"), `${JSON.stringify(brought, null, 1)}\n`);
cpSync(join(here, "../templates"), join(out, "templates"), { recursive: true });

/** The part of CycloneDX's library that writes JSON, which it does not export by itself. */
function serializers() {
  const main = createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/Serialize");
  return join(dirname(main), "index.common.js");
}

/** The hash of the toolchain's sources and of what it is bundled with: what built-in steps depend on. */
function identity() {
  const hash = createHash("sha256");
  for (const file of [...files(join(here, "src")), join(here, "../package-lock.json")].sort()) {
    hash.update(relative(here, file)).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function tsc() {
  const script = [
    join(here, "../node_modules/typescript/bin/tsc"),
    join(here, "node_modules/typescript/bin/tsc"),
  ];
  return script.find(existsSync);
}
