import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { run, tryRun } from './command.ts';

const listing = z.object({
  nftables: z.array(
    z.object({
      chain: z
        .object({
          family: z.string(),
          table: z.string(),
          name: z.string(),
          hook: z.string().optional(),
          policy: z.string().optional(),
        })
        .optional(),
      rule: z
        .object({
          family: z.string(),
          table: z.string(),
          chain: z.string(),
          handle: z.number(),
          comment: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

/** The chain of iptables that filters a hook of the kernel. */
const iptablesChain: Readonly<Record<string, string>> = { forward: 'FORWARD', input: 'INPUT' };

function legacyIsInUse(): boolean {
  const path = '/proc/net/ip_tables_names';
  return existsSync(path) && readFileSync(path, 'utf8').split('\n').includes('filter');
}

async function insertIptables(command: string, chain: string, link: string, mark: string) {
  for (const side of chain === 'FORWARD' ? ['-i', '-o'] : ['-i']) {
    const rule = [side, link, '-m', 'comment', '--comment', mark, '-j', 'ACCEPT'];
    await run(command, ['-w', '-I', chain, '1', ...rule]);
  }
}

/**
 * Where the host drops forwarded or incoming packets by policy, lets those of `link` pass. Every
 * rule bears `mark` as its comment; {@link removeAcceptRules} finds it by that alone.
 */
export async function addAcceptRules(link: string, mark: string): Promise<void> {
  const { nftables } = listing.parse(JSON.parse(await run('nft', ['-j', 'list', 'chains'])));
  for (const { chain } of nftables) {
    if (chain?.policy !== 'drop' || chain.hook === undefined) continue;
    const builtIn = iptablesChain[chain.hook];
    if (builtIn === undefined || !['ip', 'inet'].includes(chain.family)) continue;
    if (chain.family === 'ip' && chain.table === 'filter' && chain.name === builtIn) {
      await insertIptables('iptables', builtIn, link, mark);
      continue;
    }
    for (const side of builtIn === 'FORWARD' ? ['iifname', 'oifname'] : ['iifname']) {
      const where = [chain.family, chain.table, chain.name];
      const rule = [side, `"${link}"`, 'accept', 'comment', `"${mark}"`];
      await run('nft', ['insert', 'rule', ...where, ...rule]);
    }
  }
  if (!legacyIsInUse()) return;
  const policies = await run('iptables-legacy', ['-w', '-S']);
  for (const chain of Object.values(iptablesChain)) {
    if (!policies.includes(`-P ${chain} DROP`)) continue;
    await insertIptables('iptables-legacy', chain, link, mark);
  }
}

/** Removes every rule that bears the mark, wherever it stands. Nothing to remove is no error. */
export async function removeAcceptRules(mark: string): Promise<void> {
  const listed = await run('nft', ['-j', '-a', 'list', 'ruleset']);
  const { nftables } = listing.parse(JSON.parse(listed));
  for (const { rule } of nftables) {
    if (rule?.comment !== mark) continue;
    const where = [rule.family, rule.table, rule.chain, 'handle', String(rule.handle)];
    await run('nft', ['delete', 'rule', ...where]);
  }
  // Asked of an iptables whose tables do not exist, a list would create them. Its rules cannot be
  // found in the list above: nft does not show their comments.
  const managed = nftables.some(({ chain }) => chain?.family === 'ip' && chain.table === 'filter');
  const commands = [
    ...(managed ? ['iptables'] : []),
    ...(legacyIsInUse() ? ['iptables-legacy'] : []),
  ];
  for (const command of commands) {
    const { stdout } = await tryRun(command, ['-w', '-S']);
    for (const line of stdout.split('\n')) {
      if (!line.startsWith('-A ') || !line.includes(`--comment ${mark} `)) continue;
      await run(command, ['-w', '-D', ...line.split(' ').slice(1)]);
    }
  }
}
