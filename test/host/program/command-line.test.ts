import { describe, expect, test } from 'vitest';
import { readProgramLine } from './command-line.ts';

// As default_app/main.ts of Electron reads them.
describe('The command line of the stand-in’s program', () => {
  test('is Electron’s up to the app, and the app’s after it.', () => {
    const words = '--no-sandbox --inspect=0 --remote-debugging-port=0 -r a.cjs --require b.cjs';
    expect(readProgramLine([...words.split(' '), '/app', '--simulate', '-r', 'c.cjs'])).toEqual({
      app: '/app',
      modules: ['a.cjs', 'b.cjs'],
      inspectPort: 0,
      devToolsPort: 0,
      asksVersion: false,
    });
  });

  test('names no app, no ports and no modules when it has none.', () => {
    expect(readProgramLine(['--hidden', '--inspect=no'])).toEqual({
      app: undefined,
      modules: [],
      inspectPort: undefined,
      devToolsPort: undefined,
      asksVersion: false,
    });
  });

  test('asks for the version only before the app.', () => {
    expect(readProgramLine(['-v']).asksVersion).toBe(true);
    expect(readProgramLine(['/app', '--version']).asksVersion).toBe(false);
  });

  test('is refused with a module that is not named.', () => {
    expect(() => readProgramLine(['-r'])).toThrow('Invalid Usage: --require [file]');
  });
});
