import os from 'node:os';

/** Seconds that the machine's cores have been busy since it started, by whatever ran on them. */
function busySeconds() {
  const spent = os.cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return spent.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
}

/** Where the time of a run went; it may have begun some milliseconds before now. */
export function createSteps(beganMs = 0) {
  const begin = performance.now() - beganMs;
  const busyAtBegin = busySeconds();
  const steps = [];
  return {
    /** Times a task; what it throws is passed on and marked. */
    async time(name, task) {
      const step = { name, from: performance.now() - begin, seconds: 0, note: '' };
      const busyBefore = busySeconds();
      steps.push(step);
      try {
        const result = await task((note) => (step.note = note));
        return result;
      } catch (error) {
        step.note ||= 'failed';
        throw error;
      } finally {
        step.seconds = (performance.now() - begin - step.from) / 1000;
        step.cores = (busySeconds() - busyBefore) / step.seconds;
      }
    },
    /** Adds a step that was timed elsewhere. */
    add(name, seconds, note = '') {
      steps.push({ name, from: 0, seconds, note });
    },
    /**
     * A table with one line a step; steps may overlap, so they add up to more than the whole. Beside
     * each the cores that were busy meanwhile on average, with whatever ran on the machine.
     */
    table() {
      const whole = (performance.now() - begin) / 1000;
      const cores = (busySeconds() - busyAtBegin) / (whole - beganMs / 1000);
      const width = Math.max(12, ...steps.map(({ name }) => name.length));
      const line = (name, seconds, busy, note) =>
        `  ${name.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s  ${(busy?.toFixed(1) ?? '').padStart(4)}  ${note}`.trimEnd();
      return [
        'Where the time went (steps overlap), and how many cores were busy meanwhile:',
        ...steps.map((step) => line(step.name, step.seconds, step.cores, step.note)),
        line('all', whole, cores, ''),
      ].join('\n');
    },
  };
}
