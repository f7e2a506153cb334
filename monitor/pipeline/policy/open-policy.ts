import { join } from 'node:path';
import type { Store } from '../../record/store.ts';
import type { MonitorOptions } from '../../rpc/service/service.ts';
import type { Logger } from '../../runtime/logger.ts';
import { followPolicyFile, type PolicyFile } from './policy-file.ts';

/** The policy file that was named, or `policy.yaml` in the state folder. */
export function openPolicy(
  store: Store,
  options: Pick<MonitorOptions, 'policyFile' | 'stateFolder'>,
  now: number,
  logger: Logger,
): PolicyFile {
  const path = options.policyFile ?? join(options.stateFolder, 'policy.yaml');
  const latest = store.policyVersions.latest();
  if (!latest.ok) logger.warn(latest.error.message);
  const version = latest.ok ? latest.value : undefined;
  const isOurs = version?.source.kind === 'file' && version.source.path === path;
  const policy = followPolicyFile(
    path,
    options.policyFile !== undefined,
    isOurs ? version.text : undefined,
    now,
  );
  keepPolicyVersion(store, policy, logger);
  return policy;
}

/** Writes the policy in force to the record, and says what is wrong with the file. */
export function keepPolicyVersion(store: Store, policy: PolicyFile, logger: Logger): void {
  const { text, fromFile } = policy.text();
  const view = policy.view();
  const kept = store.policyVersions.put({
    text,
    loadedAt: view.loadedAt,
    source: fromFile === undefined ? { kind: 'default' } : { kind: 'file', path: fromFile },
  });
  if (!kept.ok) logger.warn(kept.error.message);
  for (const { severity, line, message } of view.problems) {
    const where = line === undefined ? '' : `line ${line}: `;
    if (severity === 'error') logger.error(`Policy: ${where}${message}`);
    else logger.warn(`Policy: ${where}${message}`);
  }
}
