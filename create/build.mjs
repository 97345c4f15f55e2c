// Bundles create-bpf-app and the packages that it uses into dist/main.js, and puts the templates, the pins and the
// licences of those packages beside it. So `npm create` fetches one package instead of about sixty. The files of dist/
// are replaced one by one, so that a process that runs from there keeps running.
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { thirdPartyNotices } from "../toolchain/notices.mjs";

const own = dirname(fileURLToPath(import.meta.url));
const dist = join(own, "dist");
const NOTICES = "THIRD-PARTY-NOTICES.txt";
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
    // Packages in CommonJS load Node's own modules by require, which does not exist in an ES module by itself.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  await cp(join(own, "..", "templates"), join(staging, "templates"), { recursive: true });
  await cp(join(own, "..", "vendor", "pins.json"), join(staging, "pins.json"));
  await writeFile(join(staging, NOTICES), thirdPartyNotices([metafile], own));
  await mkdir(dist, { recursive: true });
  for (const name of ["templates", "pins.json", NOTICES, "main.js"]) {
    await rm(join(dist, name), { recursive: true, force: true });
    await rename(join(staging, name), join(dist, name));
  }
} finally {
  await rm(staging, { recursive: true, force: true });
}
