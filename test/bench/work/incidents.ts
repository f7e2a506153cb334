import { escapeAttempt, foreignShell, restartLoop, unusualCalls } from './behaviour-incidents.ts';
import type { Incident } from './incident.ts';
import { otherMix } from './mix-incident.ts';
import { exfiltration, nameTunnel, packetFlood, portScan } from './network-incidents.ts';
import { diskSpray, forkBomb, memoryLeak, miner } from './resource-incidents.ts';

/** Every kind of incident that is injected into real work. */
export const incidents: readonly Incident[] = [
  memoryLeak,
  forkBomb,
  miner,
  diskSpray,
  packetFlood,
  exfiltration,
  nameTunnel,
  portScan,
  restartLoop,
  unusualCalls,
  otherMix,
  foreignShell,
  escapeAttempt,
];
