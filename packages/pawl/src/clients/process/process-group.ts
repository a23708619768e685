/** Process groups: a process with everything that it started, reached together. */

/** Groups that run for us; the number of a group is the pid of the process it was made for. */
const running = new Set<number>();
let isHooked = false;

/** From now on the group is killed when this process exits in an orderly way or by an uncaught error (SIGKILL asks nobody). */
export function watchGroup(group: number): void {
  if (!isHooked) process.on('exit', () => running.forEach(killGroup));
  isHooked = true;
  running.add(group);
}

export function forgetGroup(group: number): void {
  running.delete(group);
}

/** Asks every process of the group to end (SIGTERM). */
export function terminateGroup(group: number): void {
  sendToGroup(group, 'SIGTERM');
}

/** Kills every process of the group (SIGKILL); that there is none left is no error. */
export function killGroup(group: number): void {
  sendToGroup(group, 'SIGKILL');
}

function sendToGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: all have gone. EPERM: they run as somebody else, then only they can end themselves.
  }
}
