import { appFolder, ensureShellBuilt } from './build-shell.mjs';
import { ensureBuilt, monitorBundle, monitorFlags } from './build.mjs';
import { ensureElectron, hasScreen } from './electron.mjs';
import { ownNode, passThrough, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

/** What the tray app understands; all else is said to a monitor in the terminal. */
const trayOptions = /^--(?:hidden|simulate|engine|policy|state)(?:=|$)/;

/** Electron's program as `path`; or what is to be said before the monitor runs in this terminal. */
async function findWindow(words, say) {
  const options = words.filter((word) => word.startsWith('-'));
  if (options.some((option) => !trayOptions.test(option))) return {};
  const here = 'Watching in this terminal';
  if (!hasScreen()) return { reason: `There is no screen to open a window on. ${here}.` };
  const { path, reason } = await ensureElectron(say);
  if (path !== undefined) return { path };
  return { reason: `${reason} ${here}; "npm run preview" shows the app in Chromium.` };
}

// `npm start` opens the tray app. Where it cannot, or where an option is the terminal's own, the same
// monitor runs in this terminal. What stands after `--` goes to either.
await runScript(async () => {
  const words = process.argv.slice(2);
  const say = (text) => process.stderr.write(`${text}\n`);
  await ensureDependencies();
  const { path, reason } = await findWindow(words, say);
  if (path !== undefined) {
    await ensureShellBuilt();
    return passThrough(path, [appFolder, ...words]);
  }
  if (reason !== undefined) say(reason);
  await ensureBuilt();
  // There is no window here that could be hidden.
  const rest = words.filter((word) => word !== '--hidden');
  return passThrough(ownNode, [...monitorFlags, monitorBundle, 'watch', ...rest]);
});
