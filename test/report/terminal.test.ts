// What a build shows at a terminal, and what it does not write anywhere else. Programs that only stand for compilers make
// a build that takes a second; everything else of it is real.
import assert from "node:assert/strict";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { appWithSources, bpfApp, CLI, PLAIN, programs, SCRIPTS } from "../cli/run.ts";
import { ROOT } from "../root.ts";
import { atTerminal, type Seen } from "../terminal.ts";

/** From its sources bpf-app takes nothing for fresh that it has made itself, so that its own edits count. */
const BUNDLED = join(ROOT, "toolchain/dist/cli.js");

const ESCAPE = "\x1b";
const CURSOR_SHOWN = `${ESCAPE}[?25h`;
const CURSOR_HIDDEN = `${ESCAPE}[?25l`;

interface Asked {
  readonly app?: string;
  readonly path?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cli?: string;
}

const pathOf = (own = programs()) => `${own}:/usr/bin:/bin`;

function build(asked: Asked = {}): Promise<Seen> {
  const { app = appWithSources(), path, args = [], env = {}, cli = CLI } = asked;
  const variables = { ...PLAIN, PATH: pathOf(path), ...env };
  return atTerminal(app, [process.execPath, cli, "build", ...args], variables);
}

/** A person has their cursor back. */
function cursorIsShown({ written }: Seen): void {
  assert.ok(written.lastIndexOf(CURSOR_SHOWN) >= written.lastIndexOf(CURSOR_HIDDEN), "the cursor is hidden");
}

const ERROR = "src/minimal.bpf.c:1:1: error: unknown type name 'flaw'";
const FAILING = { clang: `echo "${ERROR}" >&2; exit 1` };

/** What the step TRIM says of the locale data that it keeps. */
const NOTE = "note: The file holds the data of these languages: en\\..*";

describe("a build at a terminal", () => {
  it("shows a list of what is made, and under each entry what is being done for it", async () => {
    const app = appWithSources();
    const seen = await build({ app });
    assert.equal(seen.status, 0, seen.last);
    assert.ok(existsSync(join(app, "dist/minimal")));
    const during = seen.screens.filter((screen) => /LIB libelf\.a/.test(screen));
    assert.ok(during.length > 0, "the library that is being made is on the list");
    for (const screen of during) assert.match(screen, /libraries and tools\n.*LIB.*\n.* minimal/);
    const list = "✔ libraries and tools \\[.*s\\]\n✔ minimal \\[.*s\\]\n✔ types \\[.*s\\]";
    assert.match(seen.last, new RegExp(`^${list}\n${NOTE}$`));
    cursorIsShown(seen);
  });

  it("turns the sign before an entry while something is done for it", async () => {
    const { screens } = await build();
    const signs = new Set(screens.flatMap((screen) => /^(\S) libraries and tools/.exec(screen)?.[1] ?? []));
    assert.ok(signs.size > 3, [...signs].join());
  });

  it("has colours", async () => {
    const { coloured } = await build();
    assert.equal(coloured.length, 3, coloured.join("\n"));
  });

  it("has no colours with NO_COLOR, and the list all the same", async () => {
    const seen = await build({ env: { NO_COLOR: "1" } });
    assert.match(seen.last, /^✔ libraries and tools.*\n✔ minimal/);
    assert.deepEqual(seen.coloured, []);
    cursorIsShown(seen);
  });

  it("shows at the end what a compiler says, once, and marks what failed", async () => {
    const app = appWithSources();
    const seen = await build({ app, path: programs(FAILING) });
    assert.equal(seen.status, 1);
    assert.match(seen.last, /libraries and tools.*\n✖ minimal/);
    assert.doesNotMatch(seen.last, /✖ libraries/, "nothing of these has failed");
    assert.equal(seen.last.split(ERROR).length - 1, 1, seen.last);
    assert.match(seen.last, /^bpf-app: .*minimal/m);
    assert.doesNotMatch(seen.last, /fault of bpf-app itself/);
    assert.ok(!existsSync(join(app, "dist/minimal")));
    cursorIsShown(seen);
  });

  it("shows a warning after the list, where it stays", async () => {
    const clang = `echo "src/minimal.bpf.c:1:1: warning: flaw" >&2\n${SCRIPTS.clang}`;
    const { status, last } = await build({ path: programs({ clang }) });
    assert.equal(status, 0, last);
    assert.match(last, new RegExp(`✔ minimal.*\n(.*\n)*.*warning: flaw\n${NOTE}$`));
  });

  it("says that all is up to date, without a list, when there is nothing to do", async () => {
    const [app, path] = [appWithSources(), programs()];
    assert.equal((await build({ app, path, cli: BUNDLED })).status, 0);
    const seen = await build({ app, path, cli: BUNDLED });
    assert.equal(seen.status, 0);
    assert.match(seen.last, /up to date/);
    for (const screen of seen.screens) assert.doesNotMatch(screen, /libraries and tools/);
    assert.ok(!seen.written.includes(ESCAPE), "nothing is drawn");
  });

  it("says of an entry that it is up to date when others are not", async () => {
    const [app, path] = [appWithSources(), programs()];
    assert.equal((await build({ app, path, cli: BUNDLED })).status, 0);
    appendFileSync(join(app, "src/minimal.ts"), "console.log(1);\n");
    const { status, last } = await build({ app, path, cli: BUNDLED });
    assert.equal(status, 0, last);
    assert.match(last, /libraries and tools \(up to date\)/);
    assert.match(last, /^✔ minimal(?! \(up to date\))/m);
  });

  for (const [what, asked] of Object.entries({
    "with V=1": { args: ["V=1"] },
    "with --explain": { args: ["--explain"] },
    "with --json": { args: ["--json"] },
    "of a build server": { env: { CI: "1" } },
  } satisfies Readonly<Record<string, Asked>>)) {
    it(`${what} writes plain lines`, async () => {
      const { status, written } = await build(asked);
      assert.equal(status, 0, written);
      assert.ok(!written.includes(ESCAPE), JSON.stringify(written));
      assert.match(written, /libelf/);
      assert.match(written, /minimal/);
    });
  }
});

describe("a build in a pipe", () => {
  it("writes a line a step, and no escape codes", () => {
    const { status, stdout, stderr } = bpfApp(appWithSources(), ["build"], { PATH: pathOf() });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines) assert.match(line, new RegExp(`^( {2}[A-Z-]+ +\\S+|${NOTE})$`));
    assert.ok(lines.length > 10);
    assert.match(lines.at(-1)!, /dist\/minimal/);
  });

  it("gives what a compiler says as it is, and the message to standard error", () => {
    const path = pathOf(programs(FAILING));
    const { status, stdout, stderr } = bpfApp(appWithSources(), ["build"], { PATH: path });
    assert.equal(status, 1);
    assert.equal(`${stdout}${stderr}`.split(ERROR).length - 1, 1);
    assert.match(stderr, /^bpf-app: .*minimal/m);
    assert.ok(!`${stdout}${stderr}`.includes(ESCAPE));
  });

  it("with --json writes an object a line, and nothing else", () => {
    const { status, stdout } = bpfApp(appWithSources(), ["build", "--json"], { PATH: pathOf() });
    assert.equal(status, 0);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    assert.equal(events[0]?.type, "begin");
    assert.equal(events.at(-1)?.type, "end");
  });
});
