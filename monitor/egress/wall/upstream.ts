import { isIP } from 'node:net';
import { readFileSync } from 'node:fs';

/** Where systemd's resolver lists the servers behind its own loopback address. */
const behindSystemd = '/run/systemd/resolve/resolv.conf';

/**
 * The name servers of the machine itself, without those on its loopback, which a container does not
 * reach. The container's own /etc/resolv.conf is not asked: what runs in it may write there.
 */
export function hostNameServers(files: readonly string[] = ['/etc/resolv.conf', behindSystemd]) {
  for (const file of files) {
    const servers = readServers(file);
    if (servers.length > 0) return servers;
  }
  return [];
}

function readServers(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .flatMap((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter((address) => isIP(address) !== 0 && !address.includes('%'))
    .filter((address) => !address.startsWith('127.') && address !== '::1')
    .slice(0, 3);
}
