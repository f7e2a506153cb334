import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { addressesOf } from './address-block.ts';
import { run, tryRun } from './command.ts';
import { addAcceptRules, removeAcceptRules } from './firewall-accept.ts';

/** The host's end of the engine's pair of links. The kernel allows 15 letters. */
export function hostLink(id: string): string {
  return `sentra${id}h`;
}

/** The nft table on the host, and the mark of rules in other tables. */
function tableName(id: string): string {
  return `sentra_test_${id}`;
}

/** The file that says whether packets that come in by this device may be passed on. */
export function forwardingFile(device: string): string {
  return `/proc/sys/net/ipv4/conf/${device}/forwarding`;
}

/**
 * Joins the engine's network namespace (that of `holderPid`) to the host: a pair of links, and
 * masquerading by a table of our own. `net.ipv4.ip_forward` is not touched: forwarding is switched
 * on for the devices concerned only, since the global switch changes a dozen other settings.
 */
export async function connectNetwork(options: {
  readonly id: string;
  readonly block: number;
  readonly holderPid: number;
  readonly mtu: number;
  readonly uplinks: readonly string[];
}): Promise<void> {
  const { id, block, holderPid, mtu } = options;
  const link = hostLink(id);
  const { host, engine, ports } = addressesOf(block);
  const peer = ['peer', 'name', 'uplink', 'mtu', String(mtu), 'netns', String(holderPid)];
  await run('ip', ['link', 'add', link, 'mtu', String(mtu), 'type', 'veth', ...peer]);
  const noIpv6 = `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`;
  if (existsSync(noIpv6)) writeFileSync(noIpv6, '1');
  await run('ip', ['addr', 'add', `${host}/30`, 'dev', link]);
  await run('ip', ['link', 'set', link, 'up']);
  writeFileSync(forwardingFile(link), '1');
  const inside = ['-t', String(holderPid), '-n', 'ip'];
  await run('nsenter', [...inside, 'link', 'set', 'lo', 'up']);
  await run('nsenter', [...inside, 'addr', 'add', `${engine}/30`, 'dev', 'uplink']);
  await run('nsenter', [...inside, 'link', 'set', 'uplink', 'up']);
  await run('nsenter', [...inside, 'route', 'add', 'default', 'via', host]);
  const range = `echo ${ports.join(' ')} >/proc/sys/net/ipv4/ip_local_port_range`;
  await run('nsenter', ['-t', String(holderPid), '-n', 'sh', '-c', range]);
  await run('nft', ['-f', '-'], {
    input: `table ip ${tableName(id)} {
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr ${engine} oifname != "${link}" masquerade
      }
    }\n`,
  });
  await addAcceptRules(link, tableName(id));
  for (const device of options.uplinks) writeFileSync(forwardingFile(device), '1');
}

/** Takes down what {@link connectNetwork} made on the host, however far it got. */
export async function disconnectNetwork(id: string): Promise<void> {
  // Both may be gone, or never have been.
  await tryRun('ip', ['link', 'delete', hostLink(id)]);
  await tryRun('nft', ['delete', 'table', 'ip', tableName(id)]);
  await removeAcceptRules(tableName(id));
}

/** The devices among these that do not pass packets on yet, with the value to put back. */
export function forwardingToChange(devices: readonly string[]): Record<string, string> {
  const before: Record<string, string> = {};
  for (const device of devices) {
    const value = readFileSync(forwardingFile(device), 'utf8').trim();
    if (value !== '1') before[forwardingFile(device)] = value;
  }
  return before;
}
