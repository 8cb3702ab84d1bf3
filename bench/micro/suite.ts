/** One measured function: a task does its work once for each input in turn, so that no run is all one cached input. */
export type MicroTask = {
  readonly name: string
  /** How many times the function is called in one run of the task. */
  readonly calls: number
  /** Returns a sum over the results, so that no optimiser drops the work and a change of meaning shows. */
  run(): number
}

/** The tasks of one hot function. */
export type MicroSuite = () => readonly MicroTask[]

/** A task that calls a function for every input. */
export function taskOver<Input>(
  name: string,
  inputs: readonly Input[],
  call: (input: Input) => number,
): MicroTask {
  return {
    name,
    calls: inputs.length,
    run() {
      let sum = 0
      for (const input of inputs) sum = (sum + call(input)) | 0
      return sum
    },
  }
}
