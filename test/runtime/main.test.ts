// An app whose output goes nowhere, or only slowly. Each is a process of its own, with a real pipe or device.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { folderWith } from "../app.ts";
import { ROOT } from "../root.ts";
import { type Ended, intoFullDisk, intoHead, intoSlowPipe } from "../unwritable.ts";

const RUNTIME = pathToFileURL(join(ROOT, "toolchain/src/runtime/index.ts")).href;

/** An app that prints `count` numbered lines, and says on standard error how it has ended. */
function app(print: string, count: number, until = "signal.aborted"): string[] {
  const folder = folderWith({
    "app.ts": `import { eventPrinter, main } from ${JSON.stringify(RUNTIME)};
await main(async ({ signal }) => {
  const print = eventPrinter({ columns: { n: ["N", 8], text: ["TEXT", -10] } });
  for (let n = 0; n < ${count} && !(${until}); n++) {
    ${print};
    if (n % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  console.error("ended by itself");
});
`,
  });
  return [process.execPath, join(folder, "app.ts")];
}

const WAYS = {
  "console.log": 'console.log(JSON.stringify({ n, text: "x".repeat(90) }))',
  eventPrinter: 'print({ n, text: "x".repeat(90) })',
};
const ENDLESS = Number.MAX_SAFE_INTEGER;

function saysNoStack({ stderr }: Ended): void {
  assert.doesNotMatch(stderr, /^ +at |node:|Error:/m);
}

for (const [way, print] of Object.entries(WAYS))
  describe(`an app that prints by ${way}`, () => {
    it("says that the disk is full, and ends", async () => {
      const ended = await intoFullDisk(app(print, ENDLESS));
      assert.equal(ended.status, 1);
      assert.match(ended.stderr, /^cannot write to standard output: ENOSPC \(.*\)\n {2}Make room there/);
      assert.match(ended.stderr, /ended by itself/);
      assert.equal(ended.stderr.split("cannot write").length, 2, "it says so once");
      saysNoStack(ended);
    });

    it("says that the disk is full also if it was the last line", async () => {
      const ended = await intoFullDisk(app(print, 1));
      assert.equal(ended.status, 1);
      assert.match(ended.stderr, /cannot write to standard output: ENOSPC/);
    });

    it("ends quietly when its reader does, with the status of SIGPIPE", async () => {
      const ended = await intoHead(app(print, ENDLESS));
      assert.match(ended.stdout, /^\{"n":0,/);
      assert.deepEqual([ended.status, ended.stderr], [141, "ended by itself\n"]);
    });

    it("is ended when it does not listen", async () => {
      for (const into of [intoFullDisk, intoHead]) {
        const ended = await into(app(print, ENDLESS, "false"));
        assert.equal(ended.status, into === intoHead ? 141 : 1);
        assert.doesNotMatch(ended.stderr, /ended by itself/);
        saysNoStack(ended);
      }
    });

    it("loses nothing in a pipe that is slow and does not block, and does not spin", async () => {
      const count = 20_000;
      const ended = await intoSlowPipe(app(print, count));
      assert.deepEqual([ended.status, ended.stderr], [0, "ended by itself\n"]);
      // A program that tries again and again would be busy for the two seconds in which nothing is read.
      assert.ok(ended.cpu < 1.5, `${ended.cpu} s`);
      const lines = ended.stdout.trimEnd().split("\n");
      assert.equal(lines.length, count);
      for (const [n, line] of lines.entries()) assert.equal((JSON.parse(line) as { n: number }).n, n);
    });
  });

describe("standard error", () => {
  it("may be full: the work goes on", async () => {
    const [node, file] = app(WAYS.eventPrinter, 3);
    const ended = await intoSlowPipe(["/bin/sh", "-c", `exec ${node} ${file} 2>/dev/full`]);
    assert.equal(ended.status, 0);
    assert.equal(ended.stdout.trimEnd().split("\n").length, 3);
  });
});
