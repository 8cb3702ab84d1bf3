import type { Flags, Named, Performer } from './command-line.ts'
import { runCurve, runTraceInfo } from './curve.ts'
import { runReproduce, runSimulate } from './simulate.ts'
import {
  convertTraceFlags,
  curveFlags,
  generateTraceFlags,
  reproduceFlags,
  simulateFlags,
  traceInfoFlags,
} from './simulate-options.ts'
import { runTraceConvert, runTraceGenerate } from './trace.ts'

/** What each command of the cache laboratory does; replaced in tests of the command line itself. */
export const simulatorPerformers = {
  simulate: runSimulate,
  reproduce: runReproduce,
  curve: runCurve,
  'trace info': runTraceInfo,
  'trace convert': runTraceConvert,
  'trace generate': runTraceGenerate,
} as const
export type SimulatorPerformers = {
  readonly simulate: Performer<typeof simulateFlags>
  readonly reproduce: Performer<typeof reproduceFlags>
  readonly curve: Performer<typeof curveFlags>
  readonly 'trace info': Performer<typeof traceInfoFlags>
  readonly 'trace convert': Performer<typeof convertTraceFlags>
  readonly 'trace generate': Performer<typeof generateTraceFlags>
}

/** Adds the commands that need no node: they ask a policy what it would have kept. */
export function addSimulatorCommands(
  add: <Shape extends Flags>(command: Named<Shape>) => void,
  performers: SimulatorPerformers,
): void {
  add({
    name: 'simulate',
    purpose: 'Simulates cache policies at several sizes over recorded or generated traces.',
    shape: simulateFlags,
    operands: 'trace',
    perform: performers.simulate,
  })
  add({
    name: 'reproduce',
    purpose: 'Makes a result of simulate or curve again and says whether each number came out the same.',
    shape: reproduceFlags,
    operands: 'result',
    perform: performers.reproduce,
  })
  add({
    name: 'curve',
    purpose: 'Makes miss-ratio curves: LRU exactly or by SHARDS, any policy by MiniSim.',
    shape: curveFlags,
    operands: 'trace',
    perform: performers.curve,
  })
  add({
    name: 'trace info',
    purpose: 'Says what a trace is made of: popularity, reuse, working set.',
    shape: traceInfoFlags,
    operands: 'trace',
    perform: performers['trace info'],
  })
  add({
    name: 'trace convert',
    purpose: 'Writes a trace in another format: IN OUT.',
    shape: convertTraceFlags,
    operands: 'file',
    perform: performers['trace convert'],
  })
  add({
    name: 'trace generate',
    purpose: 'Draws a trace from a distribution; the same seed gives the same trace on every machine.',
    shape: generateTraceFlags,
    perform: performers['trace generate'],
  })
}
