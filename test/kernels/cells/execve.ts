import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  args: ["--message", "from the user side"],
  ready: ["^Tracing execve"],
  trigger: "sh -c '/bin/true; exit 0'",
  until: ['"comm":"sh","message":"from the user side"'],
  judge({ stdout }) {
    for (const { pid, ppid, message } of jsonLines(stdout)) {
      if (typeof pid !== "number" || pid <= 1) return `pid is ${pid}`;
      if (typeof ppid !== "number" || ppid < 1 || ppid === pid) return `ppid is ${ppid}`;
      if (message !== "from the user side") return `message is ${message}`;
    }
    return undefined;
  },
} satisfies TemplateCheck;
