const key = 'sentra.first-steps';

/** Whether the person has seen the first steps, or waved them off. */
export function isGuideSeen(): boolean {
  return localStorage.getItem(key) !== null;
}

/** From now on nobody is led to the first steps by themselves. */
export function markGuideSeen(): void {
  localStorage.setItem(key, 'seen');
}
