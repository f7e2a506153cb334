/** What is asked of the stand-in on its command line, as Electron's own program would be. */
export interface ProgramLine {
  /** What is to run: a folder with a package.json. Undefined when nothing was named. */
  readonly app: string | undefined;
  /** Files to be required before it, in their order. */
  readonly modules: readonly string[];
  /** Where Node's inspector is to listen; 0 for any port, undefined for nowhere. */
  readonly inspectPort: number | undefined;
  /** The same for Chromium's DevTools. */
  readonly devToolsPort: number | undefined;
  readonly asksVersion: boolean;
}

/**
 * Reads the words after the program's name as default_app/main.ts of Electron does: everything before
 * the app is Electron's, everything after it the app's.
 */
export function readProgramLine(words: readonly string[]): ProgramLine {
  const modules: string[] = [];
  let line: Omit<ProgramLine, 'modules'> = {
    app: undefined,
    inspectPort: undefined,
    devToolsPort: undefined,
    asksVersion: false,
  };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '-r' || word === '--require') {
      index += 1;
      const module = words[index];
      if (module === undefined) throw new Error('Invalid Usage: --require [file]');
      modules.push(module);
    } else if (word === '-v' || word === '--version') {
      return { ...line, modules, asksVersion: true };
    } else if (word.startsWith('-')) {
      line = { ...line, ...portsIn(word) };
    } else {
      return { ...line, modules, app: word };
    }
  }
  return { ...line, modules };
}

function portsIn(word: string): Partial<Omit<ProgramLine, 'modules'>> {
  const [, name, port] = /^--(inspect|remote-debugging-port)=(\d+)$/.exec(word) ?? [];
  if (name === 'inspect') return { inspectPort: Number(port) };
  return name === undefined ? {} : { devToolsPort: Number(port) };
}
