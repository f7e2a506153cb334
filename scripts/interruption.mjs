/**
 * A signal that is aborted when this run is to end early: Ctrl-C, a polite kill, or the death of
 * the process that started it (seen by the channel between both).
 */
export function watchForInterruption() {
  const controller = new AbortController();
  const interrupt = (reason) => controller.abort(reason);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt(signal));
  process.on('disconnect', () => interrupt('its parent has ended'));
  // The channel alone must not keep the process running.
  process.channel?.unref();
  return controller.signal;
}
