import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { App } from "../app.ts";

/** Builds the app of this folder as an app's author does, and returns it. Its file is `dist/trial`. */
export function buildTrial(): App {
  const app = App.make("minimal");
  rmSync(app.path("src"), { recursive: true });
  for (const name of ["trial.bpf.c", "trial.ts"])
    cpSync(join(import.meta.dirname, name), join(app.path("src"), name));
  const built = app.build();
  if (built.status !== 0) throw new Error(`the app cannot be built:\n${built.stdout}${built.stderr}`);
  return app;
}
