import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Tracing (do|filename)_unlinkat"],
  trigger: "touch /tmp/kprobe-file; rm /tmp/kprobe-file; unlink /tmp/kprobe-file || true",
  until: ['"filename":"/tmp/kprobe-file"', '"event":"leave",.*"result":"ENOENT"'],
  judge({ stdout }) {
    const events = jsonLines(stdout);
    const enter = events.find((event) => event.filename === "/tmp/kprobe-file");
    if (enter?.event !== "enter" || enter.comm !== "rm") return `${enter?.event} by ${enter?.comm}`;
    const leave = events.find((event) => event.event === "leave" && event.pid === enter.pid);
    if (leave?.result !== 0) return `result is ${leave?.result}`;
    return undefined;
  },
} satisfies TemplateCheck;
