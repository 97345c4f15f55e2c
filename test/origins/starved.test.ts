import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { folderWith } from "../app.ts";
import { type ServerFault, serve } from "../forge/server.ts";
import { ROOT } from "../root.ts";
import { failureOf, fetchInto } from "../vendor/fetching.ts";
import { BESIDE, everything, makeWorld, PATIENCE } from "./world.ts";

const world = await makeWorld();

/** Makes a file system of so many kilobytes, which is gone after `work`. */
async function withDisk(size: number, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = folderWith({});
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}k`, "bpf-app-test", folder]);
  try {
    await work(folder);
  } finally {
    execFileSync("umount", [folder]);
  }
}

describe("a full disk", () => {
  for (const bundle of [world.bundle, undefined]) {
    it(
      `below the cache: the app comes out whole, ${bundle ? "from what is carried" : "from Debian's"}`,
      PATIENCE,
      async () => {
        await withDisk(64, async (cache) => {
          await using open = await world.open(bundle ? undefined : everything("404"));
          const app = folderWith({});
          const { said } = await fetchInto({
            pins: open.pins,
            app,
            cache,
            mirrors: [open.mirror.url],
            bundle,
          });
          assert.deepEqual(readdirSync(join(app, "vendor")).sort(), [
            "bpftool",
            "libbpf",
            "libelf",
            "origins.json",
            "zlib",
          ]);
          assert.match(said.join("\n"), /cannot be written/);
        });
      },
    );
  }

  it("below the app: the error says where", PATIENCE, async () => {
    await withDisk(64, async (app) => {
      await using open = await world.open();
      const asked = {
        pins: open.pins,
        app,
        cache: folderWith({}),
        mirrors: [open.mirror.url],
        bundle: world.bundle,
      };
      const failure = await failureOf(fetchInto(asked));
      assert.equal(failure.kind, "no-room");
      assert.match(failure.kind === "no-room" ? failure.path : "", new RegExp(`^${app}`));
    });
  });

  it("a cache that may not be written is no obstacle", PATIENCE, async () => {
    await using open = await world.open();
    // A file stands where the folder should be. That stops root too, whom permissions would not stop.
    const cache = join(folderWith({ file: "" }), "file");
    const app = folderWith({});
    await fetchInto({ pins: open.pins, app, cache, mirrors: [open.mirror.url] });
    assert.ok(existsSync(join(app, "vendor/zlib/zlib.h")));
  });
});

describe("a name server that never answers", () => {
  it("keeps nobody waiting for a minute, and the sources come from what is carried", PATIENCE, async () => {
    const server = createSocket("udp4");
    await new Promise<void>((resolve) => server.bind(53, "127.0.0.153", resolve));
    const work = folderWith({ "resolv.conf": "nameserver 127.0.0.153\n" });
    const job = join(work, "job.json");
    await using open = await world.open();
    const sources = open.pins.sources.map((pin) => ({
      ...pin,
      url: pin.url.replace(/127[.\d]+:\d+/, "forge.example"),
    }));
    writeFileSync(
      job,
      JSON.stringify({ pins: { ...open.pins, sources }, bundle: world.bundle, app: join(work, "app") }),
    );
    mkdirSync(join(work, "app"));
    const script = 'mount --bind "$1" /etc/resolv.conf && exec "$2" "$3" "$4"';
    const words = [join(work, "resolv.conf"), process.execPath, join(ROOT, "test/origins/nameless.ts"), job];
    try {
      const { stdout } = await output("unshare", ["--mount", "sh", "-c", script, "sh", ...words]);
      const { carried, without } = JSON.parse(stdout);
      assert.deepEqual(carried, ["bundled"]);
      assert.deepEqual(without, ["unreachable", "no-bundle", "slow"]);
    } finally {
      server.close();
    }
  });
});

describe("an npm registry that is broken", BESIDE, () => {
  const faults: readonly (ServerFault | "refused")[] = ["refused", "silent", "503", "reset", "404", "slow"];
  for (const fault of faults) {
    it(`${fault}: the app is whole but for its packages, and the error says so`, PATIENCE, async () => {
      const body = Buffer.alloc(1 << 20, " ");
      const server = await serve(
        async () => ({ status: 200, headers: { "content-type": "application/json" }, body }),
        () => (fault === "refused" ? undefined : fault),
      );
      await using open = await world.open();
      const home = folderWith({ "pins.json": JSON.stringify(open.pins) });
      const registry = fault === "refused" ? "http://127.0.0.1:9" : server.url;
      const env = {
        ...process.env,
        HOME: home,
        XDG_CACHE_HOME: join(home, "cache"),
        npm_config_registry: registry,
        npm_config_cache: join(home, "npm"),
      };
      const flags = [
        "--template",
        "minimal",
        "--yes",
        "--toolchain",
        "0.1.0",
        "--pins",
        join(home, "pins.json"),
      ];
      const command = [join(ROOT, "create/src/main.ts"), "app", ...flags];
      const run = await output(process.execPath, command, { cwd: home, env });
      await server.stop();
      assert.equal(run.code, 1);
      assert.match(run.stderr, /npm install failed[\s\S]*Run npm install there/);
      assert.ok(existsSync(join(home, "app/vendor/zlib/zlib.h")));
    });
  }
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Servers answer from this process, so nothing here may wait for a child synchronously. */
function output(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}
