import type { Result } from '../../runtime/result.ts';
import { findTool, runTool } from './tool.ts';

/** Hands a ruleset to nft in the network namespace that the descriptor holds: all of it, or nothing. */
export async function putRuleset(
  descriptor: number,
  ruleset: string,
  toolFolders: readonly string[],
): Promise<Result<string, string>> {
  const nsenter = findTool('nsenter', toolFolders);
  if (!nsenter.ok) return nsenter;
  const nft = findTool('nft', toolFolders);
  if (!nft.ok) return nft;
  return runTool({
    path: nsenter.value,
    args: ['--net=/proc/self/fd/3', nft.value, '-f', '-'],
    descriptor,
    input: ruleset,
  });
}
