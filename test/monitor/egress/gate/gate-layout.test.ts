import { describe, expect, test } from 'vitest';
import { layOutGate, type LinkedContainer } from '../../../../monitor/egress/gate/gate-layout.ts';
import type { NetworkLink } from '../../../../monitor/egress/wall/wall-reply.ts';

const bridge: NetworkLink = { index: 3, name: 'docker0', peer: 0, master: 0 };
const port = (index: number, peer: number): NetworkLink => ({
  index,
  name: `veth${index}`,
  peer,
  master: bridge.index,
});
const container = (
  name: string,
  pair: { readonly own: number; readonly port: number } | undefined,
  change: Partial<LinkedContainer> = {},
): LinkedContainer => ({
  container: name,
  links: pair === undefined ? [] : [{ index: pair.own, name: 'eth0', peer: pair.port, master: 0 }],
  isGuarded: true,
  open: ['eth0'],
  ...change,
});
const nothing = { bridges: [], hasWaiting: false };
const kept = { bridges: ['docker0'], hasWaiting: false };

describe('The gate on the engine’s side', () => {
  test('lets a guarded container through once its wall stands, and holds back who nobody knows', () => {
    const host = [bridge, port(10, 9), port(12, 11)];
    const laid = layOutGate(host, [container('agent', { own: 9, port: 10 })], nothing, new Set());
    expect(laid.site).toEqual({ bridges: ['docker0'], ports: [10, 12], open: [10] });
    expect(laid.strays.map(({ index }) => index)).toEqual([12]);
  });

  test('holds a guarded container back while no wall stands before its interface', () => {
    const agent = container('agent', { own: 9, port: 10 }, { open: [] });
    expect(layOutGate([bridge, port(10, 9)], [agent], nothing, new Set()).site.open).toEqual([]);
  });

  test('stays before its bridge while the container’s links are gone and nobody was told of its end', () => {
    const ended = container('agent', { own: 9, port: 10 });
    const restarted = [bridge, port(14, 13)];
    for (const agent of [ended, container('agent', undefined)]) {
      const { site } = layOutGate(restarted, [agent], kept, new Set());
      expect(site).toEqual({ bridges: ['docker0'], ports: [14], open: [] });
    }
  });

  test('stays before its bridge while a guarded container does not run', () => {
    const { site } = layOutGate([bridge], [], { ...kept, hasWaiting: true }, new Set());
    expect(site.bridges).toEqual(['docker0']);
  });

  test('leaves a bridge that no guarded container can come to', () => {
    const other: NetworkLink = { index: 4, name: 'br-other', peer: 0, master: 0 };
    const host = [bridge, other, { ...port(10, 9), master: other.index }];
    const agent = container('agent', { own: 9, port: 10 });
    expect(layOutGate(host, [agent], kept, new Set()).site.bridges).toEqual(['br-other']);
  });
});
