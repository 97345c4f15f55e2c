// What an executable does where the variable BPF_APP is set: it answers a question about itself in place of running its app.
// This is bundled into a script of its own (dist/itself.cjs), which lies in every executable and is evaluated for this only.
// The name is the toolchain's, and options are the app's: so no option of an app can be shadowed by it.
import { basename } from "node:path";
import { didYouMean } from "../base/nearest.ts";
import { bugText, type WordsOf, wordingOf, wordingText } from "../base/wording.ts";
import { writeErrorText } from "../base/write-error.ts";
import { inspectWords } from "../inspect/words.ts";
import { colours, paintIf } from "../report/paint.ts";
import { terminal } from "../report/terminal.ts";
import { isSecure } from "../runtime/secure.ts";
import { answerCalls, CALLS_WORD } from "./calls.ts";
import { SWITCHES } from "./switches.ts";

const WORDS: WordsOf<"inspect"> = { inspect: inspectWords };
const NAME = basename(process.execPath);
/** What a shell gives for a command that SIGPIPE has ended. */
const READER_GONE = 141;

async function answer(word: string, args: readonly string[]): Promise<number> {
  if (word === CALLS_WORD && !isSecure()) {
    terminal.out(answerCalls(args[0] ?? ""));
    return 0;
  }
  const known = Object.keys(SWITCHES);
  const perform = Object.hasOwn(SWITCHES, word) ? SWITCHES[word] : undefined;
  if (perform === undefined) {
    const next = `${didYouMean(word, known)}It may be ${listed(known)}; unset it to run the app.`;
    return refuse(`BPF_APP=${word} is none of the questions that this file answers.`, next);
  }
  const odd = args.find((arg) => arg !== "--json");
  if (odd !== undefined) {
    const next = `${didYouMean(odd, ["--json"])}Unset BPF_APP to run the app.`;
    return refuse(`With BPF_APP=${word} there is no option but --json, and not ${odd}.`, next);
  }
  const { text, data, status } = await perform();
  terminal.out(args.length > 0 ? `${JSON.stringify(data, null, 2)}\n` : text(paintIf(colours())));
  if (!terminal.gone.aborted) return status;
  const failure = terminal.failure();
  if (failure === undefined) return READER_GONE;
  terminal.error(writeErrorText(NAME, failure));
  return 1;
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function refuse(what: string, next: string): number {
  terminal.error(wordingText(NAME, { what, next }));
  return 1;
}

answer(process.env.BPF_APP ?? "", process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const said = wordingOf(WORDS, error);
    terminal.error(said ? wordingText(NAME, said) : bugText(NAME, error));
    process.exitCode = 1;
  },
);
