import { appFolder, ensureShellBuilt } from './build-shell.mjs';
import { ensureBuilt, monitorBundle, monitorFlags } from './build.mjs';
import { ensureElectron, hasScreen } from './electron.mjs';
import { ownNode, passThrough, runScript } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

/** What the tray app understands; all else is said to a monitor in the terminal. */
const trayOptions = /^--(?:hidden|simulate|engine|policy|state)(?:=|$)/;

/** Why the monitor is to run in this terminal, without a window; undefined for the tray app. */
async function whyInTerminal(words, say) {
  const options = words.filter((word) => word.startsWith('-'));
  const foreign = options.find((option) => !trayOptions.test(option));
  if (foreign !== undefined) return { reason: undefined };
  if (!hasScreen()) return { reason: 'There is no screen to open a window on.' };
  const electron = await ensureElectron(say);
  return electron.path === undefined ? { reason: `${electron.reason}.` } : electron;
}

// `npm start` opens the tray app. Where it cannot, or where an option is the terminal's own, the same
// monitor runs in this terminal. What stands after `--` goes to either.
await runScript(async () => {
  const words = process.argv.slice(2);
  const say = (text) => process.stderr.write(`${text}\n`);
  await ensureDependencies();
  const { path, reason } = await whyInTerminal(words, say);
  if (path !== undefined) {
    await ensureShellBuilt();
    return passThrough(path, [appFolder, ...words]);
  }
  if (reason !== undefined) {
    say(`${reason} Watching in this terminal; "npm run preview" shows the app in Chromium.`);
  }
  await ensureBuilt();
  return passThrough(ownNode, [...monitorFlags, monitorBundle, 'watch', ...words]);
});
