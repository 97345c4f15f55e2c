// The pages of the documentation that load programs into the kernel, from the first block to the last.
import { describe, it } from "node:test";
import { pagesThat, runPage } from "./run-page.ts";

describe("every block of the documentation does what its page says:", () => {
  for (const page of pagesThat("load")) it(page.path, (test) => runPage(page, test));
});
