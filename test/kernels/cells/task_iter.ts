import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  // Sleeps for as long as the guest lives if the clean-up does not end it.
  setup: "sleep 1000 & echo $! > /tmp/task_iter.pid",
  stop: "none",
  cleanup: "kill $(cat /tmp/task_iter.pid); rm /tmp/task_iter.pid",
  judge({ stdout }) {
    const tasks = jsonLines(stdout);
    const sleeper = tasks.find(({ comm, state }) => comm === "sleep" && state === "sleeping");
    if (sleeper === undefined) return `no sleep among ${tasks.length} tasks`;
    if (!(Number(sleeper.depth) > 0)) return "no stack";
    if (!tasks.some(({ state }) => state === "running")) return "it did not see itself run";
    // Some virtual machines keep their first process to themselves.
    return tasks.some(({ pid, comm }) => pid === 2 && comm === "kthreadd") ? undefined : "no kthreadd";
  },
} satisfies TemplateCheck;
