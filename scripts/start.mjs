import { ensureBuilt, monitorBundle, monitorFlags } from './build.mjs';
import { ownNode, passThrough, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm start` runs the main job. What stands after `--` goes to the monitor.
await runScript(async () => {
  await ensureDependencies();
  await ensureBuilt();
  return passThrough(ownNode, [...monitorFlags, monitorBundle, 'watch', ...process.argv.slice(2)]);
});
