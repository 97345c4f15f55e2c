import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Tool } from "../../toolchain/src/host/tool.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import type { RunFailure } from "../../toolchain/src/run/failures.ts";
import type { Action, RunOptions } from "../../toolchain/src/run/index.ts";
import { type Built, shell, Workshop } from "../run/workshop.ts";

/*
 * Every kind of step meets every kind of trouble. Needs root, to mount small and read-only file systems.
 */

const make: Tool = { name: "make", path: "/usr/bin/make", version: "", identity: "make 1" };

interface Kind {
  /** A step that writes as many bytes as the file `size` says, in `out` or below it. */
  readonly step: Step;
  readonly output: string;
}

const fill = (to: string) => `head -c $(cat size) /dev/zero > ${to}`;

const kinds: Readonly<Record<string, Kind>> = {
  program: { step: shell("program", ["size"], ["o/out"], fill('"$1"')), output: "o/out" },
  "standard output": {
    step: shell("stdout", ["size"], ["o/out"], "head -c $(cat size) /dev/zero", { stdout: "o/out" }),
    output: "o/out",
  },
  folder: { step: shell("folder", ["size"], ["o/tree/"], fill('"$1/f"')), output: "o/tree/f" },
  "several outputs": {
    step: shell("several", ["size"], ["o/small", "o/out"], `echo > "$1"; ${fill('"$2"')}`),
    output: "o/out",
  },
  make: {
    step: {
      ...shell("make", ["size", "Makefile"], ["o/out"], ""),
      argv: ["make", "-s", { prefix: "OUT=", out: "o/out" }],
      tools: [make],
      jobserver: true,
    },
    output: "o/out",
  },
  action: {
    step: {
      ...shell("action", ["size"], ["o/out"], ""),
      argv: ["bpf-app", "fill", { out: "o/out" }],
      tools: [],
    },
    output: "o/out",
  },
  shared: { step: shell("shared", ["size"], ["o/out"], fill('"$1"'), { shared: true }), output: "o/out" },
};

function options(shop: Workshop): Partial<RunOptions> {
  const run: Action = async ([to]) => {
    writeFileSync(shop.path(to!), Buffer.alloc(Number(shop.read("size"))));
    return undefined;
  };
  return { actions: { fill: run }, cache: shop.path("cache") };
}

const FITS = 100_000;
const TOO_MUCH = 8_000_000;

/** An app in which the step has been built once, and whose source then has changed. */
async function prepare(shop: Workshop, { step }: Kind, size: number): Promise<void> {
  shop.write("Makefile", `all:\n\t${fill("$(OUT)").replace("$(cat", () => "$$(cat")}\n`);
  shop.write("size", `${FITS}`);
  assert.deepEqual(await shop.ran([step], options(shop)), [step.id]);
  shop.write("size", `${size}`);
}

/**
 * Checks that the trouble is called by its name, that the former output is whole, and that the build goes on once the
 * trouble is over.
 */
async function check(
  shop: Workshop,
  kind: Kind,
  built: Built,
  expected: RunFailure["kind"],
  cure: () => void,
) {
  assert.equal(built.failure?.kind, expected, JSON.stringify(built.failure));
  assert.equal(built.events.at(-1)?.type, "end");
  assert.deepEqual(Buffer.from(shop.read(kind.output)), Buffer.alloc(FITS));
  cure();
  assert.deepEqual(await shop.ran([kind.step], options(shop)), [kind.step.id]);
  assert.deepEqual(await shop.ran([kind.step], options(shop)), []);
}

/** An app on a file system of its own, in memory. */
function mountedShop(t: TestContext, options: string): { shop: Workshop; mount: string } {
  const mount = mkdtempSync(join(tmpdir(), "bpf-app-disk-"));
  const shop = new Workshop(t, join(mount, "app"));
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", mount]);
  // The app is removed before this runs, because what was registered first runs first.
  t.after(() => {
    execFileSync("umount", [mount]);
    rmdirSync(mount);
  });
  mkdirSync(shop.root);
  return { shop, mount };
}

for (const [name, kind] of Object.entries(kinds)) {
  test(`${name}: no space`, async (t) => {
    const { shop } = mountedShop(t, "size=4m");
    await prepare(shop, kind, TOO_MUCH);
    const built = await shop.build([kind.step], options(shop));
    await check(shop, kind, built, "no-space", () => shop.write("size", "200000"));
  });

  test(`${name}: a file system that is read-only`, async (t) => {
    const { shop, mount } = mountedShop(t, "size=40m");
    await prepare(shop, kind, 200_000);
    const mode = (flag: string) => execFileSync("mount", ["-o", `remount,${flag}`, mount]);
    mode("ro");
    const built = await shop.build([kind.step], options(shop));
    await check(shop, kind, built, "read-only", () => mode("rw"));
  });

  test(`${name}: a folder that may not be written to`, async (t) => {
    const shop = new Workshop(t);
    await prepare(shop, kind, 200_000);
    // Root may write everywhere, unless the file system itself says no.
    const attribute = (flag: string) => execFileSync("chattr", [flag, shop.path("o")]);
    attribute("+i");
    const built = await shop.build([kind.step], options(shop));
    attribute("-i");
    await check(shop, kind, built, "permission", () => {});
  });

  if (kind.step.argv[0] === "bpf-app") continue;

  test(`${name}: a program that vanished`, async (t) => {
    const shop = new Workshop(t);
    await prepare(shop, kind, 200_000);
    const tool = kind.step.tools[0]!;
    const gone = { ...kind.step, tools: [{ ...tool, path: shop.path("gone") }] };
    const built = await shop.build([gone], options(shop));
    await check(shop, kind, built, "tool-vanished", () => {});
  });

  test(`${name}: killed`, async (t) => {
    const shop = new Workshop(t);
    await prepare(shop, kind, 200_000);
    shop.write("killed", "#!/bin/sh\nkill -9 $$\n", 0o755);
    const tool = kind.step.tools[0]!;
    const killed = { ...kind.step, tools: [{ ...tool, path: shop.path("killed") }] };
    const built = await shop.build([killed], options(shop));
    await check(shop, kind, built, "step-killed", () => {});
  });
}
