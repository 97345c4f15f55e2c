import { pathToFileURL } from "node:url";

/**
 * A generated file that runs without the addon: what it imports comes from the codecs alone, and its skeleton is the
 * specification that it would be made from.
 */
export function withoutRuntime(text: string): string {
  const codecs = pathToFileURL(new URL("./codecs.ts", import.meta.url).pathname).href;
  return text.replace('from "bpf-app/runtime"', `from ${JSON.stringify(codecs)}`);
}
