import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { App, runUntil } from "./app.ts";
import { nodePackage } from "./nodes.ts";

const LINE = /BPF triggered from PID \d+/;

describe("an app under the Nodes that are supported", () => {
  let app: App;
  before(() => {
    app = App.make("minimal");
  });

  for (const version of ["22.23.3", "24.21.0", "26.10.0"]) {
    it(`runs as one file with Node ${version}, and in development`, async () => {
      const { node } = await nodePackage(process.arch === "arm64" ? "arm64" : "x64", version);
      const { status, stderr } = app.build([`NODE=${node}`]);
      assert.equal(status, 0, stderr);
      const file = await runUntil(app.dir, ["dist/minimal"], LINE);
      assert.match(file.stdout, LINE, file.stderr);
      assert.equal(file.status, 0);
      const plain = await runUntil(
        app.dir,
        ["node_modules/.bin/bpf-app", "dev", `NODE=${node}`, "--once"],
        LINE,
      );
      assert.match(plain.stdout, LINE, plain.stderr);
    });
  }

  it("is built and started anew after an edit, and kept running through one that is wrong", async () => {
    const file = app.path("src/minimal.ts");
    const text = readFileSync(file, "utf8");
    const child = spawn("node_modules/.bin/bpf-app", ["dev"], {
      cwd: app.dir,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (said: string) => (output += said));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const seen = async (pattern: RegExp) => {
      for (let tries = 0; tries < 200 && !pattern.test(output); tries++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      assert.match(output, pattern);
    };
    try {
      await seen(/as PID \d+/);
      const source = readFileSync(app.path("src/minimal.bpf.c"), "utf8");
      writeFileSync(app.path("src/minimal.bpf.c"), `${source}\nint broken = undeclared;\n`);
      await seen(/undeclared identifier[\s\S]*bpf:minimal failed/);
      writeFileSync(app.path("src/minimal.bpf.c"), source.replace("BPF triggered", "Edited and triggered"));
      writeFileSync(file, text.replaceAll("BPF triggered", "Edited and triggered"));
      await seen(/Edited and triggered from PID \d+/);
    } finally {
      process.kill(-child.pid!, "SIGINT");
      await ended;
    }
  });
});
