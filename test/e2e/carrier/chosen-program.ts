import { join } from 'node:path';

/** The program on which the scenarios run besides, and why it is not another. */
export interface ChosenProgram {
  readonly path: string;
  /** Whether it is taken for Electron; what it is it says itself when it runs. */
  readonly isElectron: boolean;
  /** A sentence. */
  readonly reason: string;
}

const standIn = join(import.meta.dirname, '../../host/program/electron');

/** What decides it. */
export interface ProgramSurroundings {
  /** Electron's program on this machine; undefined where there is none. */
  readonly electron: string | undefined;
  readonly hasScreen: boolean;
  readonly isRoot: boolean;
}

/**
 * Electron where its program is and can run, else the stand-in as a program. Sentra's pages are in
 * Chromium's sandbox always, which does not start as root.
 */
export function chooseProgram(around: ProgramSurroundings): ChosenProgram {
  const { electron } = around;
  if (electron === undefined) return instead('there is no program of Electron on this machine');
  if (electron === standIn) return instead('ELECTRON_OVERRIDE_DIST_PATH names it');
  if (!around.hasScreen) return instead('Electron is here, but there is no screen (try xvfb-run)');
  if (around.isRoot) return instead('Electron is here, but its sandbox does not run as root');
  return { path: electron, isElectron: true, reason: `Electron is here: ${electron}.` };
}

function instead(reason: string): ChosenProgram {
  return { path: standIn, isElectron: false, reason: `The stand-in as a program: ${reason}.` };
}

/** The program for this machine. */
export async function programHere(): Promise<ChosenProgram> {
  const script = join(import.meta.dirname, '../../../scripts/electron.mjs');
  const { findElectron, hasScreen } = (await import(script)) as {
    readonly findElectron: () => string | undefined;
    readonly hasScreen: () => boolean;
  };
  return chooseProgram({
    electron: findElectron(),
    hasScreen: hasScreen(),
    isRoot: process.platform === 'linux' && process.getuid?.() === 0,
  });
}
