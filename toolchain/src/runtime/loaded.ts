/**
 * Whether one of Node's own modules may have been loaded. Each takes its time when it is loaded first, so what only matters
 * once a module is there need not load it.
 */
export function mayBeLoaded(module: string): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  // The list is not documented: without one everything counts as loaded.
  return moduleLoadList?.includes(`NativeModule ${module}`) ?? true;
}

/**
 * `node:worker_threads`, if something has loaded it already, as Node itself does inside a worker. Loading it takes 3 ms and
 * half a megabyte, which an app that has no workers does not pay: without that module there are none.
 */
export function threads(): typeof import("node:worker_threads") | undefined {
  return mayBeLoaded("worker_threads") ? process.getBuiltinModule("node:worker_threads") : undefined;
}

/** Whether this is the thread that the process began with. */
export function onMainThread(): boolean {
  return threads()?.isMainThread ?? true;
}
