import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Tracing signals"],
  trigger: "$APP_DIR/signals",
  until: ['"target":2147483632,"result":"ESRCH"'],
  programs: {
    signals: `
      #define _GNU_SOURCE
      #include <signal.h>
      #include <sys/syscall.h>
      #include <unistd.h>

      int main(void)
      {
        signal(SIGUSR1, SIG_IGN);
        signal(SIGUSR2, SIG_IGN);
        kill(getpid(), SIGUSR1);
        syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2);
        kill(0x7ffffff0, SIGUSR1);
        return 0;
      }
    `,
  },
  judge({ stdout }) {
    const events = jsonLines(stdout).filter((event) => event.comm === "signals");
    const [kill, tgkill, nobody] = events;
    if (kill?.call !== "kill" || kill.target !== kill.pid || kill.result !== 0) return JSON.stringify(kill);
    if (tgkill?.call !== "tgkill" || tgkill.target !== kill.pid || tgkill.result !== 0)
      return JSON.stringify(tgkill);
    if (nobody?.target !== 0x7ffffff0 || nobody.result !== "ESRCH") return JSON.stringify(nobody);
    return undefined;
  },
} satisfies TemplateCheck;
