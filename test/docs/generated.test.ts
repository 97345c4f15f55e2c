import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generatedPages } from "../../docs/make/index.ts";
import { stalePages } from "../../docs/make/pages.ts";

describe("pages that are made of tables in the sources", () => {
  const pages = generatedPages();

  it("say what the tables say", () => {
    assert.deepEqual(
      stalePages(pages),
      [],
      "renew them with `npm run docs`, look at the difference and commit it",
    );
  });

  it("are seen to be others when a word is", () => {
    const [path = "", text] = Object.entries(pages)[0]!;
    assert.deepEqual(stalePages({ ...pages, [path]: `${text} ` }), [path]);
  });

  it("have the messages of every layer, of running apps and of the verifier", () => {
    const text = pages["docs/troubleshooting.md"]!;
    for (const said of [
      "create-bpf-app: my-tool is not empty: it contains README.md.",
      "bpf-app: There is no setting CLNG.\n  Did you mean CLANG?",
      "bpf-app: clang was not found.\n  It is in none of the folders of PATH.\n  Install it: sudo apt-get install -y clang",
      "src/calls.bpf.c:14: note: the events of rb are read as bytes: ",
      "The kernel's tracing file system is not mounted.\nmount -t tracefs tracefs /sys/kernel/tracing",
      "| `_or_null'` | The pointer may be NULL there",
    ])
      assert.ok(text.includes(said), said);
  });
});
