// `npm run docs` writes the pages that are made of tables in the sources. A test fails while they are not current.
import { configurationPage } from "./configuration.ts";
import { type Pages, writePages } from "./pages.ts";
import { troubleshootingPage } from "./troubleshooting.ts";

/** What the generated pages should hold. */
export function generatedPages(): Pages {
  return {
    "docs/configuration.md": configurationPage(),
    "docs/troubleshooting.md": troubleshootingPage(),
  };
}

if (import.meta.main) writePages(generatedPages());
