import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Forge, makeForge } from "../forge/forge.ts";
import { ROOT } from "../root.ts";

/** The forge answers from this process. So nothing here may wait synchronously for a child. */
function run(
  cwd: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ status: number | null; output: string }> {
  const child = spawn(command[0]!, command.slice(1), { cwd, env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, output })));
}

describe("an app whose sources are submodules", () => {
  let folder: string;
  let forge: Forge;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bpf-app-test-"));
    forge = await makeForge(join(folder, "forge"));
  });
  after(async () => {
    // If the forge could not be made, there is none to stop.
    await (forge as Forge | undefined)?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("builds bpftool in the layout of its own repository, and runs", async () => {
    const command = [
      "create/dist/main.js",
      join(folder, "app"),
      "--template",
      "minimal",
      "--yes",
      "--vendor",
      "git",
      "--pins",
      forge.pins,
    ];
    const made = await run(ROOT, [process.execPath, ...command], forge.env);
    assert.equal(made.status, 0, made.output);
    assert.match(await readFile(join(folder, "app/.gitmodules"), "utf8"), /path = vendor\/bpftool/);
    // The user's cache is off, because an earlier run of this test may have left the same bpftool there.
    const built = await run(join(folder, "app"), ["npm", "run", "--silent", "build"], {
      BPF_APP_CACHE: "off",
    });
    assert.equal(built.status, 0, built.output);
    assert.match(
      built.output,
      /^ {2}BPFTOOL {2}bpftool\/bootstrap\/bpftool$/m,
      "bpftool is made, not found in a cache",
    );
    await access(join(folder, "app/vendor/bpftool/src/Makefile"));
    const ran = await run(join(folder, "app"), ["./dist/minimal", "--duration", "2"]);
    assert.equal(ran.status, 0, ran.output);
    assert.match(ran.output, /BPF triggered from PID \d+/);
  });
});
