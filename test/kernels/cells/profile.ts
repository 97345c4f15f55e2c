import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  args: ["--frequency", "99"],
  ready: ["^Sampling"],
  // It does not begin earlier, because it would take one of the guest's two CPUs from the start of the program that
  // is to see it.
  trigger: "[ -e /tmp/profile.pid ] || { dd if=/dev/zero of=/dev/null bs=1M & echo $! > /tmp/profile.pid; }",
  // A sample of its start, in a page fault or in execve, names no system call or has no stack of the program.
  until: ['"comm":"dd","kernel":\\[.*read.*\\],"user":\\["0x'],
  cleanup: "kill $(cat /tmp/profile.pid); rm /tmp/profile.pid",
  judge({ stdout }) {
    const samples = jsonLines(stdout).filter(({ comm }) => comm === "dd");
    const whole = samples.find(
      ({ kernel, user }) =>
        (kernel as string[]).some((name) => /read/i.test(name)) && (user as string[]).length > 0,
    );
    return whole === undefined ? `no read in ${JSON.stringify(samples[0])}` : undefined;
  },
} satisfies TemplateCheck;
