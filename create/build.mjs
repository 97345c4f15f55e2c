// Bundles create-bpf-app's own modules into dist/main.js and puts the templates and the pins beside it. Packages stay
// npm dependencies. What is built replaces dist/ file by file, so that a process that runs from it keeps running.
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const own = dirname(fileURLToPath(import.meta.url));
const dist = join(own, "dist");
const staging = join(own, `dist.${process.pid}`);

try {
  await build({
    absWorkingDir: own,
    entryPoints: ["src/main.ts"],
    outfile: join(staging, "main.js"),
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
  await cp(join(own, "..", "templates"), join(staging, "templates"), { recursive: true });
  await cp(join(own, "..", "vendor", "pins.json"), join(staging, "pins.json"));
  await mkdir(dist, { recursive: true });
  for (const name of ["templates", "pins.json", "main.js"]) {
    await rm(join(dist, name), { recursive: true, force: true });
    await rename(join(staging, name), join(dist, name));
  }
} finally {
  await rm(staging, { recursive: true, force: true });
}
