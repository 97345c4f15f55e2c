// Says as lines of JSON what programs print, and what the kernel says of one. It is run in guests.
import { main } from "bpf-app/runtime";
import { streams } from "../.output/streams.skel.ts";

/** The kernel takes the 14 bytes of the Ethernet header off for this type of program. */
const PACKET = { dataIn: new Uint8Array(64) };

/** Takes that many lines, or fewer where no more come. */
async function take(lines: (end: AbortSignal) => AsyncIterable<string>, count: number): Promise<string[]> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), 20_000);
  const seen: string[] = [];
  for await (const line of lines(end.signal)) if (seen.push(line) === count) break;
  clearTimeout(timer);
  return seen;
}

await main(async () => {
  using skel = streams.open();
  const spins = process.argv.includes("--spin");
  skel.progs.spins.setAutoload(spins);
  skel.load();
  const { tells, tells_much: much, without_values: other } = skel.progs;
  const say = (what: string, value: unknown) => console.log(JSON.stringify({ [what]: value }));
  say("source", [tells.stdout.source, tells.stderr.source]);

  // The reader is there first, and waits.
  const reading = take((signal) => tells.stdout.lines({ signal }), 3);
  await new Promise((resolve) => setTimeout(resolve, 50));
  tells.testRun(PACKET);
  await new Promise((resolve) => setTimeout(resolve, 300));
  tells.testRun({ ...PACKET, repeat: 2 });
  say("told", await reading);

  const both: string[] = [];
  const half = take((signal) => other.stdout.lines({ signal }), 2);
  other.testRun(PACKET);
  both.push(...(await half));
  say("other", both);

  if (tells.stdout.source !== "stream") return;
  // What was printed before is there, and each line reaches one of two readers.
  much.testRun(PACKET);
  const [first, second] = await Promise.all(
    [1, 2].map(() => take((signal) => much.stdout.lines({ signal }), 250)),
  );
  say(
    "much",
    [...first!, ...second!].toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
  );

  // A stream that nobody reads is full some time. What is in it stays whole.
  skel.bss.lines = 0;
  much.testRun({ ...PACKET, repeat: 40 });
  const lines = much.stdout.read().trimEnd().split("\n");
  say("full", {
    refused: Number(skel.bss.refused),
    lines: lines.length,
    whole: lines.every((line, index) => line === `line ${index}`),
  });
  say("empty", much.stdout.read());

  if (!spins) return;
  skel.progs.spins.testRun(PACKET);
  say("turns", Number(skel.bss.turns));
  say("report", await take((signal) => skel.progs.spins.stderr.lines({ signal }), 1));
});
