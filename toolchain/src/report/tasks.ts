import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import type { Step } from "../plan/step.ts";
import { TYPES } from "../plan/types.ts";
import type { Listener, RunEvent } from "../run/events.ts";
import type { Colors } from "./colors.ts";
import { messagesText } from "./messages.ts";

/** A group of steps. A terminal shows one line for each group, with its time, and below it what is being made. */
interface Group {
  readonly title: string;
  readonly left: Set<string>;
  readonly running: Map<string, Step>;
  ran: number;
  show: () => void;
  finish: () => void;
  fail: (reason: Error) => void;
  /** Something else has ended the build. */
  abandon: () => void;
}

/**
 * Renders a build with listr2. There is one group for the libraries and tools, and one for each program. `flush`
 * resolves when the last frame has been drawn, and what the commands have printed is written after it.
 */
export function taskReporter(
  write: (text: string) => void,
  colors: Colors,
): {
  listen: Listener;
  flush: () => Promise<void>;
} {
  let groups: Group[] = [];
  let listr: Promise<unknown> = Promise.resolve();
  const said: string[] = [];
  // The cast holds because `begin` has made a group for every step of the plan.
  const groupOf = (step: Step) => groups.find((group) => group.title === groupTitle(step)) as Group;
  const settle = (step: Step) => {
    const group = groupOf(step);
    group.left.delete(step.id);
    group.running.delete(step.id);
    group.show();
    if (group.left.size === 0) group.finish();
  };
  const listen = (event: RunEvent) => {
    switch (event.type) {
      case "begin":
        groups = makeGroups(event.steps);
        listr = start(groups);
        break;
      case "waiting":
        said.push(`Waited for the build of process ${event.pid} in this folder.\n`);
        break;
      case "start": {
        const group = groupOf(event.step);
        group.ran++;
        group.running.set(event.step.id, event.step);
        group.show();
        break;
      }
      case "output":
        said.push(event.text);
        break;
      case "skip":
      case "done":
        settle(event.step);
        break;
      case "failed":
        groupOf(event.step).fail(new Error(`${event.step.label} ${event.step.subject}`));
        break;
      case "end":
        for (const group of groups) group.left.size === 0 ? group.finish() : group.abandon();
        break;
    }
  };
  const flush = async () => {
    await listr;
    for (const text of said) write(messagesText(text, colors));
  };
  return { listen, flush };
}

function groupTitle({ id }: Step): string {
  return id.split(":")[1] ?? (id === TYPES ? "types" : "libraries and tools");
}

function makeGroups(steps: readonly Step[]): Group[] {
  const groups = new Map<string, Group>();
  for (const step of steps) {
    const title = groupTitle(step);
    const group = groups.get(title) ?? {
      title,
      left: new Set(),
      running: new Map(),
      ran: 0,
      show: () => {},
      finish: () => {},
      fail: () => {},
      abandon: () => {},
    };
    group.left.add(step.id);
    groups.set(title, group);
  }
  return [...groups.values()];
}

function start(groups: readonly Group[]): Promise<unknown> {
  const tasks = groups.map(
    (group): ListrTask => ({
      title: group.title,
      task: (_, task) =>
        new Promise<void>((resolve, reject) => {
          group.show = () => {
            task.output = [...group.running.values()]
              .map((step) => `${step.label} ${step.subject}`)
              .join(", ");
          };
          group.show();
          group.finish = () => {
            if (group.ran === 0) task.title = `${group.title} (up to date)`;
            resolve();
          };
          group.fail = (reason) => {
            group.abandon = () => {};
            reject(reason);
          };
          group.abandon = () => {
            task.skip(`${group.title} (not finished)`);
            resolve();
          };
        }),
    }),
  );
  const options = {
    concurrent: true,
    exitOnError: false,
    // Its own listener would end the process before the commands that run.
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: true, showErrorMessage: false },
  };
  return new Listr(tasks, options).run();
}
