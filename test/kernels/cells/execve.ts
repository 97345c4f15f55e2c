import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  args: ["--message", "from the user side"],
  // A shell for the first CPU and one for the last, told from each other by their names: Linux 7.1 runs the program on one
  // CPU, if the runtime does not take care.
  setup: "ln -s $(which busybox) /tmp/busybox-first; ln -s $(which busybox) /tmp/busybox-last",
  ready: ["^Tracing execve"],
  trigger: `
    taskset 1 /tmp/busybox-first sh -c '/bin/true; exit 0'
    taskset $(printf %x $((1 << $(nproc) - 1))) /tmp/busybox-last sh -c '/bin/true; exit 0'`,
  until: ['"comm":"busybox-first","message":"from', '"comm":"busybox-last","message":"from'],
  cleanup: "rm /tmp/busybox-first /tmp/busybox-last",
  judge({ stdout }) {
    for (const { pid, ppid, message } of jsonLines(stdout)) {
      if (typeof pid !== "number" || pid <= 1) return `pid is ${pid}`;
      if (typeof ppid !== "number" || ppid < 1 || ppid === pid) return `ppid is ${ppid}`;
      if (message !== "from the user side") return `message is ${message}`;
    }
    return undefined;
  },
} satisfies TemplateCheck;
