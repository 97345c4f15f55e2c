import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import { ROOT } from "../root.ts";
import { difference } from "./expected.ts";
import { kindOf, notFound, problemsOf } from "./kinds.ts";
import { anchorsOf, deadLinks } from "./links.ts";
import { type Block, pages, readPage } from "./pages.ts";
import { SUBSTITUTIONS, substitute } from "./substitutions.ts";

const PAGES = pages();
const BLOCKS = PAGES.flatMap(({ blocks }) => blocks);

/** The only block of a page. */
function block(fence: string, text: string): Block {
  const { blocks } = readPage("docs/some.md", `# Some\n\n\`\`\`${fence}\n${text}\n\`\`\`\n`);
  assert.equal(blocks.length, 1);
  return blocks[0]!;
}

describe("the documentation", () => {
  it("has blocks of kinds only that something is done with", () => {
    assert.deepEqual(BLOCKS.flatMap(problemsOf), []);
    assert.ok(BLOCKS.length > 100, `only ${BLOCKS.length} blocks were found`);
  });

  it("has links that lead to files and headings that exist", () => {
    assert.deepEqual(PAGES.flatMap(deadLinks), []);
  });

  it("has every page in its index", () => {
    const index = PAGES.find(({ path }) => path === "docs/README.md");
    const missing = PAGES.filter(({ path }) => /^docs\/[^/]+\.md$/.test(path) && path !== "docs/README.md")
      .map(({ path }) => path.replace("docs/", ""))
      .filter((path) => !index?.text.includes(`(${path})`));
    assert.deepEqual(missing, []);
  });

  it("needs every substitution that is made for it", () => {
    const commands = BLOCKS.filter((one) => ["sh", "console"].includes(kindOf(one) ?? ""));
    const used = new Set(commands.flatMap((one) => substitute(one.text).used));
    assert.deepEqual(
      SUBSTITUTIONS.filter((one) => !used.has(one)).map(({ what }) => String(what)),
      [],
    );
  });

  it("writes no path of the machine that made it", () => {
    const found = PAGES.filter(({ text }) => [ROOT, `${tmpdir()}/`].some((path) => text.includes(path)));
    assert.deepEqual(
      found.map(({ path }) => path),
      [],
    );
  });
});

describe("the tests of the documentation", () => {
  it("refuse a block that says nothing, or something unknown", () => {
    assert.match(problemsOf(block("", "ls"))[0]!, /docs\/some\.md:3: a block that says nothing/);
    assert.match(problemsOf(block("python", "print()"))[0]!, /says python/);
    assert.match(problemsOf(block("ts", "const a = 1;"))[0]!, /says ts/);
    assert.match(problemsOf(block("sh later", "ls"))[0]!, /has no later/);
    assert.match(problemsOf(block("text", "npm run build"))[0]!, /"npm" is a command/);
    assert.match(problemsOf(block("console", "ls"))[0]!, /no command/);
    const indented = readPage("docs/some.md", "Text:\n\n    npm run build\n");
    assert.match(indented.blocks.flatMap(problemsOf)[0]!, /says nothing/);
  });

  it("find an excerpt in its file, and see when it is not there", () => {
    const file = "\tone\n\ttwo\n\tthree\nfour\n";
    assert.equal(notFound("one\n…\nfour", file), undefined);
    assert.equal(notFound("two\nthree", file), undefined);
    assert.equal(notFound("one\nthree", file), "one");
    assert.equal(notFound("four\n...\none", file), "one");
  });

  it("see a link that leads nowhere", () => {
    const page = (link: string) => deadLinks(readPage("docs/some.md", `[a](${link})\n`));
    assert.equal(page("none.md").length, 1);
    assert.equal(page("architecture.md#no-such-heading").length, 1);
    assert.deepEqual(page("architecture.md#facts"), []);
    assert.ok(anchorsOf("# What `a_b` & c <d>\n").has("what-a_b--c-d"));
  });

  it("see when a command prints something else", () => {
    assert.equal(difference("pid 12  ok", "pid 4711 ok\n"), undefined);
    assert.equal(difference("a\n…\nd", "a\nb\nc\nd\n"), undefined);
    assert.equal(difference("a … d", "a b c d"), undefined);
    assert.equal(difference("b\na", "a\nb", true), undefined);
    assert.match(difference("b\na", "a\nb")!, /not in this order/);
    assert.equal(difference("a\nc", "a\nb"), "c");
    assert.match(difference("a", "a\nb", true)!, /not on the page: b/);
    assert.match(difference("", "a")!, /nothing should be/);
    assert.equal(difference("", ""), undefined);
  });

  it("replace what cannot be run, and nothing else", () => {
    assert.match(
      substitute("npm create bpf-app@latest my-tool -- --template tc").text,
      /main\.js my-tool --yes --no-git --vendor pool,index --template tc$/,
    );
    assert.equal(substitute("sudo ./dist/minimal").text, "./dist/minimal");
    assert.equal(substitute("npm run build -- V=1").text, "npm run build -- V=1");
  });
});
