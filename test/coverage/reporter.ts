// A reporter of Node's test runner, which measures itself what the tests run (--experimental-test-coverage) but sums it up
// by file alone. This one prints the tests that failed, and then the coverage of each room.
import { globSync } from "node:fs";
import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { ROOT } from "../root.ts";
import { type Coverage, lengthOf, roomsOf, table } from "./rooms.ts";

const SOURCES = ["toolchain/src/**/*.ts", "create/src/**/*.ts", "vendor/**/*.ts"];

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type === "test:fail") yield `✖ ${data.name} (${data.file})\n${data.details.error.message}\n`;
    if (type !== "test:coverage") continue;
    const measured = new Map(
      data.summary.files.map((file): [string, Coverage] => [
        relative(ROOT, file.path),
        {
          lines: { total: file.totalLineCount, covered: file.coveredLineCount },
          branches: { total: file.totalBranchCount, covered: file.coveredBranchCount },
          functions: { total: file.totalFunctionCount, covered: file.coveredFunctionCount },
        },
      ]),
    );
    yield `${table(roomsOf(measured, globSync(SOURCES, { cwd: ROOT }), lengthOf))}\n`;
  }
}
