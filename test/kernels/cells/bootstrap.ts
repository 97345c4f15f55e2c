import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Tracing processes"],
  trigger: "sh -c 'exit 7'",
  until: ['"event":"exec".*/sh"', '"event":"exit".*"exit_code":7'],
  judge({ stdout }) {
    const events = jsonLines(stdout);
    const exit = events.find((event) => event.event === "exit" && event.exit_code === 7);
    const exec = events.find((event) => event.event === "exec" && event.pid === exit?.pid);
    if (exec?.comm !== "sh" || exit?.comm !== "sh") return `comm is ${exec?.comm}, then ${exit?.comm}`;
    if (typeof exec.ppid !== "number" || exec.ppid <= 1 || exec.ppid !== exit.ppid)
      return `ppid is ${exec.ppid}, then ${exit.ppid}`;
    if (!/\/sh$/.test(String(exec.filename))) return `filename is ${exec.filename}`;
    if (exit.signal !== 0) return `signal is ${exit.signal}`;
    if (!(Number(exit.duration_ms) > 0)) return `duration is ${exit.duration_ms}`;
    return undefined;
  },
} satisfies TemplateCheck;
