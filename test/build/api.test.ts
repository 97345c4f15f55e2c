import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { stalePages } from "../../docs/make/pages.ts";
import { extract } from "../../toolchain/api/extract.ts";
import { documents } from "../../toolchain/api/index.ts";
import { reference } from "../../toolchain/api/reference.ts";
import { folderWith } from "../app.ts";

describe("the public API", () => {
  const made = documents();

  it("is what docs/api and docs/reference say", () => {
    const files = stalePages(made.files);
    const advice =
      "if the change is meant, renew them with `npm run api`, look at the difference and commit it";
    assert.deepEqual(files, [], `${files.join(", ")}: not what toolchain/src exports now; ${advice}`);
  });

  it("is documented, and everything that it is made of is exported", () => {
    assert.deepEqual(made.problems, []);
  });

  it("is seen to be another one when a report is", () => {
    const path = "docs/api/runtime.api.md";
    const changed = { ...made, files: { ...made.files, [path]: `${made.files[path]}more\n` } };
    assert.deepEqual(stalePages(changed.files), [path]);
    assert.deepEqual(stalePages({ "docs/api/none.api.md": "" }), ["docs/api/none.api.md"]);
  });

  it("has what people use, and not what only generated code does", () => {
    const text = made.files["docs/api/runtime.api.md"]!;
    for (const name of ["BpfMap", "defineSkeleton", "keepBytes"]) {
      const exported = new RegExp(`^export .* ${name}\\b`, "m").test(text);
      assert.equal(exported, name === "BpfMap", name);
    }
  });
});

/** What is made of these declarations. */
function extracted(declarations: string, forgotten = false) {
  const folder = folderWith({
    "package.json": '{ "name": "example", "version": "1.0.0", "type": "module" }',
  });
  writeFileSync(join(folder, "index.d.ts"), declarations);
  return extract({ folder, types: "index.d.ts", forgotten });
}

describe("what is said of an API", () => {
  it("nothing, if it is as it should be", () => {
    const { problems, report } = extracted(
      "/** Adds one. */\nexport declare function add(to: number): number;\n",
    );
    assert.deepEqual(problems, []);
    assert.match(report, /^export function add\(to: number\): number;$/m);
  });

  it("exports and members without a comment", () => {
    const { problems } = extracted(
      "export declare const one: number;\n/** A place. */\nexport interface Place {\n  line: number;\n}\n",
    );
    assert.equal(problems.length, 2, problems.join("\n"));
    assert.match(problems[0]!, /^index\.d\.ts:1: .*"one".*\(ae-undocumented\)$/);
    assert.match(problems[1]!, /^index\.d\.ts:4: .*"line".*\(ae-undocumented\)$/);
  });

  it("types that are not exported, unless only what is internal is made of them", () => {
    const hidden = "interface Hidden {\n  a: number;\n}\n";
    const of = (tag: string) =>
      `${hidden}/** A thing. */\nexport declare class Thing {\n  /** What it has.${tag} */\n  has: Hidden;\n}\nexport {};\n`;
    assert.match(extracted(of("")).problems.join(), /"Hidden".*\(ae-forgotten-export\)/);
    const { problems, report } = extracted(of(" @internal"));
    assert.deepEqual(problems, []);
    assert.doesNotMatch(report, /has/);
    const allowed = extracted(of(""), true);
    assert.deepEqual(allowed.problems, []);
    assert.match(allowed.report, /^interface Hidden/m);
  });

  it("links that lead nowhere, and comments that are no TSDoc", () => {
    const { problems } = extracted(
      "/** See {@link Nothing}. @nonsense */\nexport declare function see(): void;\n",
    );
    assert.match(problems.join("\n"), /\(ae-unresolved-link\)/);
    assert.match(problems.join("\n"), /\(tsdoc-undefined-tag\)/);
  });
});

describe("the reference", () => {
  const declarations = `
/**
 * Runs \`a_b\` and *this*. Second sentence.
 *
 * @param to - where to
 * @returns the end
 * @throws {@link Fault} if it fails
 */
export declare function go(to: string): number;
/** Something failed. */
export declare class Fault extends Base {
  /** Where. */
  readonly where: string;
  /** @internal */
  constructor();
}
/** What all have. */
export declare class Base {
  /** Ends it. */
  end(): void;
}
/** The global's name. */
export declare class EventSource {
  /** Its number. */
  readonly id: number;
}
`;

  it("says everything that the comments say", () => {
    const page = reference("example", extracted(declarations).api);
    for (const line of [
      "# example",
      "- [`go`](#go): Runs `a_b` and \\*this\\*.",
      "function go(to: string): number;",
      "- `to`: where to",
      "- Returns the end",
      "- Throws [Fault](#fault) if it fails",
      "It has the members of [Base](#base), too.",
      "- **`readonly where: string`**  ",
      "## EventSource",
      "class EventSource",
    ])
      assert.ok(page.split("\n").includes(line), `${line}\n\n${page}`);
    assert.doesNotMatch(page, /constructor|_2/);
  });

  it("refuses two exports that no link could tell apart", () => {
    const { api } = extracted(
      "/** One. */\nexport interface Thing {\n}\n/** Other. */\nexport declare const thing: Thing;\n",
    );
    assert.throws(() => reference("example", api), /anchor #thing/);
  });
});
