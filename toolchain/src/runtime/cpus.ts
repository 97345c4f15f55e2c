import { readFileSync } from "node:fs";

/** The numbers of the CPUs that are online, as sysfs lists them: `0-3,6`. */
export function onlineCpus(): number[] {
  const cpus: number[] = [];
  for (const range of readFileSync("/sys/devices/system/cpu/online", "latin1").trim().split(",")) {
    const [first, last = first] = range.split("-").map(Number);
    for (let cpu = first!; cpu <= last!; cpu++) cpus.push(cpu);
  }
  return cpus;
}
