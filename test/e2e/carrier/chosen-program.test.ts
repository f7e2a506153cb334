import { describe, expect, test } from 'vitest';
import { chooseProgram } from './chosen-program.ts';

describe('The program that the scenarios run on', () => {
  const here = { electron: '/opt/electron/electron', hasScreen: true, isRoot: false };

  test('is Electron where it is and can run.', () => {
    expect(chooseProgram(here)).toEqual({
      path: '/opt/electron/electron',
      isElectron: true,
      reason: 'Electron is here: /opt/electron/electron.',
    });
  });

  test.each([
    [{ ...here, electron: undefined }, 'there is no program of Electron on this machine'],
    [{ ...here, hasScreen: false }, 'Electron is here, but there is no screen'],
    [{ ...here, isRoot: true }, 'Electron is here, but its sandbox does not run as root'],
  ])('is the stand-in with the reason where not: %o', (around, reason) => {
    const chosen = chooseProgram(around);
    expect(chosen.isElectron).toBe(false);
    expect(chosen.path).toMatch(/test\/host\/program\/electron$/);
    expect(chosen.reason).toContain(reason);
  });

  test('is not taken for Electron when the folder named is the stand-in’s own.', () => {
    const { path } = chooseProgram({ ...here, electron: undefined });
    expect(chooseProgram({ ...here, electron: path }).isElectron).toBe(false);
  });
});
