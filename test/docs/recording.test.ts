import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { film } from "../../docs/make/recording/screen.ts";
import { svg } from "../../docs/make/recording/svg.ts";
import { ROOT } from "../root.ts";

const SIZE = { columns: 20, rows: 3 };

describe("the recording that README begins with", () => {
  for (const theme of ["dark", "light"]) {
    const text = readFileSync(join(ROOT, `docs/recording-${theme}.svg`), "utf8");

    it(`shows how an app is made, built and run, in the ${theme} picture`, () => {
      const typed = [...text.matchAll(/>\$ ([^<]+)</g)].map(([, line]) => line);
      for (const command of [
        "npm create bpf-app@latest my-tool -- --template bootstrap --yes",
        "npm run build",
        "sudo ./dist/bootstrap --pid $!",
      ])
        assert.ok(typed.includes(command), command);
      assert.match(text, />\d\d:\d\d:\d\d exec {2}date .*\/usr\/bin\/date</);
    });

    it(`is small, and shows nothing of the machine, in the ${theme} picture`, () => {
      assert.ok(text.length < 200_000, `${text.length} bytes`);
      for (const secret of [ROOT, homedir(), `${hostname()}:`, "/tmp/"])
        assert.ok(!text.includes(secret), secret);
      assert.ok(!/<script|href|url\((?!#)/.test(text), "it loads or runs something");
    });
  }
});

describe("a recording", () => {
  const chunks = [
    { at: 0, text: "$ " },
    { at: 1, text: "ls\r\n\u001b[32mgreen\u001b[0m & <b>\r\n" },
    { at: 2, text: "wait 1\r" },
    { at: 3, text: "wait 2\r\n$ \r\n" },
  ];

  it("knows each line as long as it stands there, and when lines move up", async () => {
    const { versions, scrolls, length } = await film(chunks, SIZE);
    const lines = versions.map(({ line, runs, from, to }) => [
      line,
      runs.map((run) => run.text).join(" "),
      from,
      to,
    ]);
    assert.deepEqual(lines, [
      [0, "$", 0, 1],
      [0, "$ ls", 1, undefined],
      [1, "green & <b>", 1, undefined],
      [2, "wait 1", 2, 3],
      [2, "wait 2", 3, undefined],
      [3, "$", 3, undefined],
    ]);
    assert.deepEqual(scrolls, [
      { at: 0, line: 0 },
      { at: 3, line: 2 },
    ]);
    assert.equal(length, 3);
    assert.equal(versions[2]!.runs[0]!.colour, 2);
  });

  it("is a picture whose text has its columns and colours, and which ends with the last screen", async () => {
    const text = svg(await film(chunks, SIZE), { ...SIZE, theme: "dark", title: "a & b" });
    assert.match(text, /<title>a &amp; b<\/title>/);
    assert.match(text, /class="c2">green<\/text>/);
    assert.match(text, />&amp; &lt;b&gt;<\/text>/);
    assert.match(text, /<g class="s" transform="translate\(0 -38\)">/);
    assert.match(text, /prefers-reduced-motion/);
  });
});
