import type { KernelWord } from '../model/kernel-word.ts';
import type { ContainerId } from '../model/workload.ts';
import type { ContainerDetail, EngineError } from '../engine/port.ts';
import type { Containment } from '../model/containment.ts';
import type { HoldDepth } from './gaps.ts';
import { answerSoon } from './patience.ts';
import type { ResponseContext } from './response-context.ts';

/**
 * The kernel's word on what the engine calls paused; not asked where nothing is to be frozen. The
 * engine's word alone is none: it does not notice a thaw behind its back.
 */
export async function kernelWordOf(
  context: ResponseContext,
  detail: ContainerDetail,
  depth: HoldDepth,
): Promise<KernelWord> {
  if (depth !== 'frozen' || detail.workload.state !== 'paused') return { state: 'unreadable' };
  return context.kernel.look(detail.workload.container, detail.workload);
}

/**
 * Freezes through the kernel what the engine, which calls it paused, refuses to pause. Adds to
 * `remarks`, once, what came of it.
 */
export async function freezeByKernel(
  context: ResponseContext,
  container: ContainerId,
  remarks: string[],
  detail?: ContainerDetail,
): Promise<void> {
  const frozen = await context.kernel.freeze(container, detail?.workload);
  const remark = frozen.ok
    ? "Thawed behind the engine's back, which went on calling it paused: frozen again through the kernel's freezer file."
    : `Thawed behind the engine's back, and not frozen through the kernel: ${frozen.error}`;
  if (!remarks.includes(remark)) remarks.push(remark);
}

/**
 * The kernel's word on a container that the engine lists as paused and tells nothing else about.
 * Where it runs all the same it is frozen through the kernel first.
 */
export async function insistOnFreeze(
  context: ResponseContext,
  container: ContainerId,
  remarks: string[],
): Promise<KernelWord> {
  const word = await context.kernel.look(container);
  if (word.state !== 'running') return word;
  await freezeByKernel(context, container, remarks);
  return context.kernel.look(container);
}

/**
 * Whether a container that is held as frozen runs by the kernel's word, while the engine lists it as
 * paused and did not answer in time when asked about it alone.
 */
export async function runsUnseen(
  context: ResponseContext,
  { container, depth }: Containment,
  error: EngineError,
): Promise<boolean> {
  if (depth !== 'frozen' || error.kind !== 'timeout') return false;
  if ((await context.kernel.look(container)).state !== 'running') return false;
  const list = await answerSoon(context, 'list', context.engine.list());
  return (
    list.ok && list.value.some((each) => each.container === container && each.state === 'paused')
  );
}

/**
 * Whether the kernel tells of the container here, so that there is another way than the engine, and no
 * need to wait for it long.
 */
export async function isWithinReach(
  { kernel }: ResponseContext,
  container: ContainerId,
): Promise<boolean> {
  return kernel.isHere && (await kernel.look(container)).state !== 'unreadable';
}
