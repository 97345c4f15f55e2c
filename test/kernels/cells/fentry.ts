import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Tracing (do|filename)_unlinkat"],
  trigger: "touch /tmp/fentry-file; rm /tmp/fentry-file; unlink /tmp/fentry-file || true",
  until: ['"filename":"/tmp/fentry-file"', '"event":"leave",.*"result":"ENOENT"'],
  judge({ stdout }) {
    const events = jsonLines(stdout);
    const enter = events.find((event) => event.filename === "/tmp/fentry-file");
    if (enter?.event !== "enter" || enter.comm !== "rm") return `${enter?.event} by ${enter?.comm}`;
    const leave = events.find((event) => event.event === "leave" && event.pid === enter.pid);
    if (leave?.filename !== "/tmp/fentry-file") return `left with ${leave?.filename}`;
    if (leave.result !== 0) return `result is ${leave.result}`;
    return undefined;
  },
} satisfies TemplateCheck;
