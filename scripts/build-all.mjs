import { ensureShellBuilt } from './build-shell.mjs';
import { ensureBuilt } from './build.mjs';
import { runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm run build`: the monitor for the terminal, and the tray app; what is up to date is left as it is.
await runScript(async () => {
  await ensureDependencies();
  await ensureBuilt();
  await ensureShellBuilt();
  return 0;
});
