import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { sharesKernel, type Workload } from '../../model/workload.ts';
import { expectSystemError } from '../resource/held-file.ts';

/** The process that plays the kernel for a container under gVisor. */
export interface GvisorSandbox {
  /** Its process id. */
  readonly pid: number;
  /** The process that started it, in whose network namespace it takes orders. */
  readonly parentPid: number;
  /** The program it runs, as a path on this machine. */
  readonly runsc: string;
  /** Where this runtime keeps its containers. */
  readonly stateRoot: string;
}

/**
 * Whether a container may be under gVisor, as far as everybody on the machine can see: by the engine's
 * word about its runtime and by what its main process calls itself, which proves nothing.
 */
export function maySandbox(
  procFolder: string,
  { mainPid, runtime }: Pick<Workload, 'mainPid' | 'runtime'>,
): boolean {
  if (sharesKernel(runtime) || mainPid === undefined) return false;
  if (!Number.isSafeInteger(mainPid) || mainPid < 1) return false;
  try {
    return readFileSync(`${procFolder}/${mainPid}/cmdline`, 'utf8').startsWith('runsc-sandbox\0');
  } catch (error) {
    expectSystemError(error);
    return false;
  }
}

/**
 * The sandbox of a container; undefined where the engine says that runc or its like runs it, where its main
 * process is no `runsc` of this machine, and where that cannot be read. A process can choose its
 * name and its command line, but neither its runtime nor the file that it runs.
 */
export function findSandbox(
  procFolder: string,
  { mainPid, runtime }: Pick<Workload, 'mainPid' | 'runtime'>,
): GvisorSandbox | undefined {
  if (sharesKernel(runtime) || mainPid === undefined) return undefined;
  if (!Number.isSafeInteger(mainPid) || mainPid < 1) return undefined;
  const folder = `${procFolder}/${mainPid}`;
  try {
    const runsc = readlinkSync(`${folder}/exe`);
    if (basename(runsc) !== 'runsc') return undefined;
    const [runs, here] = [statSync(`${folder}/exe`), statSync(runsc)];
    if (runs.dev !== here.dev || runs.ino !== here.ino) return undefined;
    const words = readFileSync(`${folder}/cmdline`, 'utf8').split('\0');
    const stateRoot = words.find((word) => word.startsWith('--root='))?.slice('--root='.length);
    const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
    if (stateRoot === undefined || parent === undefined) return undefined;
    return { pid: mainPid, parentPid: Number(parent), runsc, stateRoot };
  } catch (error) {
    expectSystemError(error);
    return undefined;
  }
}
