import { readdirSync, readFileSync } from 'node:fs'

/** Whether all threads of a process are stopped, as after SIGSTOP; Linux only. */
export function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    // The state follows the name of the program, which is in parentheses.
    /\) T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  )
}
