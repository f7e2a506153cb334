import * as z from 'zod';
import type { Container } from './container.ts';
import type { RestartPolicy } from './plan.ts';
import { errorReply, jsonReply } from './server/reply.ts';
import type { Reply } from './server/reply.ts';
import { settleUsage } from './usage.ts';
import { emitContainerEvent } from './world.ts';
import type { World } from './world.ts';

/** Body of `POST /containers/{id}/update`, as far as it is simulated. */
export const updateBody = z.object({
  Memory: z.number().int().nullish(),
  MemorySwap: z.number().int().nullish(),
  NanoCpus: z.number().int().nullish(),
  CpuQuota: z.number().int().nullish(),
  CpuPeriod: z.number().int().nullish(),
  PidsLimit: z.number().int().nullish(),
  RestartPolicy: z
    .object({ Name: z.string().nullish(), MaximumRetryCount: z.number().int().nullish() })
    .nullish(),
});

type UpdateBody = z.infer<typeof updateBody>;

const leastMemory = 6 * 1024 * 1024;
const policyNames: readonly RestartPolicy['name'][] = [
  'no',
  'always',
  'unless-stopped',
  'on-failure',
];

/**
 * Changes limits and restart policy. Zero means "as it was", so a limit cannot be made absent again;
 * `Memory: -1` is refused.
 */
export function updateContainer(world: World, container: Container, body: UpdateBody): Reply {
  const refusal = refusalOf(world, container, body);
  if (refusal !== undefined) return refusal;
  settleUsage(container, world.time.now(), world.settings);
  const { limits } = container;
  limits.memoryBytes = body.Memory || limits.memoryBytes;
  limits.memorySwapBytes = body.MemorySwap || limits.memorySwapBytes;
  limits.nanoCpus = body.NanoCpus || limits.nanoCpus;
  limits.cpuQuota = body.CpuQuota || limits.cpuQuota;
  limits.cpuPeriod = body.CpuPeriod || limits.cpuPeriod;
  if (typeof body.PidsLimit === 'number') limits.pidsLimit = Math.max(0, body.PidsLimit);
  const policy = policyNames.find((name) => name === body.RestartPolicy?.Name);
  if (policy !== undefined) {
    const maximumRetryCount = body.RestartPolicy?.MaximumRetryCount ?? 0;
    container.restartPolicy = { name: policy, maximumRetryCount };
  }
  emitContainerEvent(world, container, 'update');
  return jsonReply({ Warnings: null });
}

function refusalOf(world: World, container: Container, body: UpdateBody): Reply | undefined {
  const { limits, id } = container;
  const conflict = (reason: string): Reply =>
    errorReply(409, `Cannot update container ${id}: ${reason}`);
  const memory = body.Memory ?? 0;
  const swap = body.MemorySwap ?? 0;
  if (memory !== 0 && memory < leastMemory) {
    return errorReply(400, 'Minimum memory limit allowed is 6MB');
  }
  if (memory > 0 && swap > 0 && swap < memory) {
    const advice = 'Minimum memoryswap limit should be larger than memory limit, see usage';
    return errorReply(400, advice);
  }
  if (memory === 0 && swap > 0 && limits.memoryBytes === 0) {
    return errorReply(
      400,
      'You should always set the Memory limit when using Memoryswap limit, see usage',
    );
  }
  if (swap === 0 && limits.memorySwapBytes > 0 && memory > limits.memorySwapBytes) {
    return conflict(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    );
  }
  const nanoCpus = body.NanoCpus ?? 0;
  const { cpus } = world.settings;
  if (nanoCpus < 0 || nanoCpus > cpus * 1e9) {
    const range = `Range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`;
    return errorReply(400, range);
  }
  if ((body.CpuQuota ?? 0) > 0 && limits.nanoCpus > 0) {
    return conflict(
      'Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set',
    );
  }
  if (nanoCpus > 0 && limits.cpuQuota > 0) {
    return conflict(
      'Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set',
    );
  }
  const policy = body.RestartPolicy?.Name ?? '';
  if (policy !== '' && !policyNames.some((name) => name === policy)) {
    return errorReply(400, `invalid restart policy '${policy}'`);
  }
  if (
    policy !== '' &&
    policy !== 'on-failure' &&
    (body.RestartPolicy?.MaximumRetryCount ?? 0) > 0
  ) {
    const reason = `maximum retry count cannot be used with restart policy '${policy}'`;
    return errorReply(400, reason);
  }
  return undefined;
}
