import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Refusing bpf\\(\\) calls of this process"],
  until: ['"verdict":"refused"'],
  judge({ stdout, stderr }) {
    const calls = jsonLines(stdout);
    const strange = calls.find(
      (call) => call.command !== "BPF_MAP_LOOKUP_ELEM" || call.pid !== calls[0]?.pid,
    );
    if (strange !== undefined) return `refused ${JSON.stringify(strange)}`;
    // The count is read by such a call too: that it could be read shows that the program is gone.
    return /^[1-9]\d* calls of BPF_MAP_LOOKUP_ELEM were refused\.$/m.test(stderr) ? undefined : stderr;
  },
} satisfies TemplateCheck;
