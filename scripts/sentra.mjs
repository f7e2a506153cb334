#!/usr/bin/env node
import { ensureBuilt, monitorBundle, monitorFlags } from './build.mjs';
import { ownNode, passThrough, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// The command line: any sub-command, from any directory.
await runScript(async () => {
  await ensureDependencies();
  await ensureBuilt();
  return passThrough(ownNode, [...monitorFlags, monitorBundle, ...process.argv.slice(2)]);
});
