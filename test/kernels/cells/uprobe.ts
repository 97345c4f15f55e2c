import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Tracing getpriority and setpriority"],
  // It calls the functions itself.
  until: ['"function":"setpriority","event":"return"'],
  judge({ stdout }) {
    const events = jsonLines(stdout);
    const find = (name: string, event: string) => {
      const { arg1, arg2, arg3, result } =
        events.find((one) => one.function === name && one.event === event) ?? {};
      return JSON.stringify([arg1, arg2, arg3, result]);
    };
    const pid = events.find((one) => one.function === "setpriority")?.pid;
    const seen = [
      find("getpriority", "call"),
      find("getpriority", "return"),
      find("setpriority", "call"),
      find("setpriority", "return"),
    ].join(" ");
    const wanted = `[0,${pid},null,null] [null,null,null,0] [0,${pid},0,null] [null,null,null,0]`;
    return seen === wanted ? undefined : `${seen} instead of ${wanted}`;
  },
} satisfies TemplateCheck;
