import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  args: ["--frequency", "99"],
  ready: ["^Sampling"],
  // It does not begin earlier, because it would take one of the guest's two CPUs from the start of the program that
  // is to see it.
  trigger: "[ -e /tmp/profile.pid ] || { dd if=/dev/zero of=/dev/null bs=1M & echo $! > /tmp/profile.pid; }",
  until: ['"comm":"dd","kernel":\\["[a-z]'],
  cleanup: "kill $(cat /tmp/profile.pid); rm /tmp/profile.pid",
  judge({ stdout }) {
    const samples = jsonLines(stdout).filter(({ comm }) => comm === "dd");
    const named = samples.find(({ kernel }) =>
      (kernel as string[]).some((name) => /(syscall|read)/i.test(name)),
    );
    if (named === undefined) return `no system call in ${JSON.stringify(samples[0]?.kernel)}`;
    return (named.user as string[]).length > 0 ? undefined : "no stack of the program";
  },
} satisfies TemplateCheck;
