// The pages of the documentation that only build, from the first block to the last. They may be run beside anything else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pagesThat, runPage } from "./run-page.ts";

describe("every block of the documentation does what its page says:", () => {
  const pages = pagesThat("build");
  for (const page of pages) it(page.path, (test) => runPage(page, test));

  it("and there are such pages", () => {
    assert.ok(pages.length > 3, pages.map(({ path }) => path).join(" "));
  });
});
