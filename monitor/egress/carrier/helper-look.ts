import type { NetworkPowers } from './namespace.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** The network of a container's process, as the helper sees it. */
export interface Look {
  readonly inode: number;
  /** Whether ::1 is there to listen on. */
  readonly hasIpv6: boolean;
  /** Interfaces that lead out, with the packets that each has sent. */
  readonly devices: ReadonlyMap<string, number>;
  readonly powers: NetworkPowers;
  /** As whom its main process acts. */
  readonly uid: number;
}

/** Understands the helper's answer to `look`: helper/source/verbs.c writes it. */
export function readLook(text: string): Result<Look, string> {
  const [head = '', ...lines] = text.split('\n');
  const match = /^(\d{1,20}) ([01]) ([01]) ([01]) (\d{1,10})$/.exec(head);
  const devices = new Map<string, number>();
  for (const line of lines) {
    if (line === '') continue;
    const parts = /^(\S{1,15}) (\d{1,20})$/.exec(line);
    if (parts === null) return failed('The helper’s look at a network is not understood.');
    devices.set(parts[1] ?? '', Number(parts[2]));
  }
  if (match === null) return failed('The helper’s look at a network is not understood.');
  const [, inode, administers, ipv6, raw, uid] = match;
  return ok({
    inode: Number(inode),
    hasIpv6: ipv6 === '1',
    devices,
    powers: { administers: administers === '1', sendsRaw: raw === '1' },
    uid: Number(uid),
  });
}
