import { readdirSync } from 'node:fs';
import { expectSystemError } from '../resource/held-file.ts';

/** The ids of all processes that `procFolder`, usually /proc, shows. */
export function processIds(procFolder: string): readonly string[] {
  try {
    return readdirSync(procFolder).filter((name) => isDigit(name.charCodeAt(0)));
  } catch (error) {
    expectSystemError(error);
    return [];
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
