// Bundles create-bpf-app with the packages that it uses into dist/main.js, and puts the templates, the
// pins and those packages' licences beside it: `npm create` then fetches one package instead of some sixty.
// What is built replaces dist/ file by file, so that a process that runs from it keeps running.
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { thirdPartyNotices } from "../toolchain/notices.mjs";

const own = dirname(fileURLToPath(import.meta.url));
const dist = join(own, "dist");
const notices = "THIRD-PARTY-NOTICES.txt";
const staging = join(own, `dist.${process.pid}`);

try {
  const { metafile } = await build({
    absWorkingDir: own,
    entryPoints: ["src/main.ts"],
    outfile: join(staging, "main.js"),
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    charset: "utf8",
    minifySyntax: true,
    metafile: true,
    // Packages in CommonJS ask for Node's own modules by require, which a module in ESM has to make first.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  await cp(join(own, "..", "templates"), join(staging, "templates"), { recursive: true });
  await cp(join(own, "..", "vendor", "pins.json"), join(staging, "pins.json"));
  await writeFile(join(staging, notices), thirdPartyNotices([metafile], own));
  await mkdir(dist, { recursive: true });
  for (const name of ["templates", "pins.json", notices, "main.js"]) {
    await rm(join(dist, name), { recursive: true, force: true });
    await rename(join(staging, name), join(dist, name));
  }
} finally {
  await rm(staging, { recursive: true, force: true });
}
