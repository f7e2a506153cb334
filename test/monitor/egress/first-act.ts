import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../engine/command.ts';
import type { TestContainer } from '../../engine/containers.ts';
import { inNetworkOf } from './egress-stage.ts';

/** The program whose first act is to send, in a folder that a container can be given. */
export interface FirstAct {
  readonly folder: string;
  remove(): void;
}

/** Builds it, so that it runs in any image. */
export async function buildFirstAct(): Promise<FirstAct> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-first-act-'));
  const source = fileURLToPath(new URL('first-act.c', import.meta.url));
  await run('clang', ['-O2', '-static', source, '-o', join(folder, 'first-act')]);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Counts what arrives at a container's interface for port 7777, before anything there decides. */
export async function countArrivals(listener: TestContainer): Promise<void> {
  const rules = ['udp', 'tcp'].map((kind) => `${kind} dport 7777 counter name ${kind}s;`).join(' ');
  const table = `table netdev arrivals {
  counter udps { }
  counter tcps { }
  chain arrivals { type filter hook ingress device "eth0" priority 0; ${rules} }
}
`;
  await inNetworkOf(listener, ['nft', '-f', '-'], table);
}

/** How many arrived so far. */
export async function arrivals(listener: TestContainer): Promise<number> {
  const text = await inNetworkOf(listener, ['nft', 'list', 'table', 'netdev', 'arrivals']);
  return [...text.matchAll(/packets (\d+)/g)].reduce((sum, [, digits]) => sum + Number(digits), 0);
}
