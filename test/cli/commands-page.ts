// The part of docs/commands.md that is made of the verbs' own help.
import { helpText } from "../../toolchain/src/cli/parse.ts";
import { VERBS } from "../../toolchain/src/cli/verbs.ts";

/** What follows this line of the page is made here. */
export const MADE =
  "<!-- From here on made of the verbs' help: UPDATE=1 node create/start.mjs --test test/cli/commands.test.ts -->";

/** A section for each verb. */
export async function verbSections(): Promise<string> {
  const sections: string[] = [];
  for (const verb of VERBS) {
    const help = (await helpText(verb)).trimEnd();
    sections.push(`\n## bpf-app ${verb.name}\n\n\`\`\`text\n${help}\n\`\`\`\n`);
  }
  return sections.join("");
}
