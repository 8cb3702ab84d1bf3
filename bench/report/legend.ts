/** What the words of a report mean, printed under every report that is read outside a terminal. */
export const legend = [
  {
    term: 'latency',
    definition:
      'from the moment a request was due to the moment its answer had been verified. A request that had to wait its turn counts that wait, so a stalled target cannot hide its stall.',
  },
  {
    term: 'service time',
    definition: 'from the moment a request was sent to the moment its answer had been verified.',
  },
  {
    term: 'offered',
    definition: 'requests that the schedule made due, whether or not they could be sent.',
  },
  {
    term: 'achieved',
    definition: 'requests answered as they should be, per second of the phase.',
  },
  {
    term: 'latency floor',
    definition:
      'the latency that the harness measures against a server that answers at once. Phases near it say more of the harness than of the target.',
  },
  {
    term: 'dropped',
    definition:
      'requests that were due but never sent, because too many earlier ones were still waiting for their answer.',
  },
  {
    term: 'wrong',
    definition:
      'answers that differ from what the harness knows to be registered. A single one fails the run.',
  },
  {
    term: 'failed',
    definition:
      'requests that were sent and not answered as they should be: wrong answers, refusals, busy answers, time-outs and errors.',
  },
  {
    term: 'invalid',
    definition:
      'the harness, not the target, was the limit during this phase: its numbers say nothing about the target and must not be quoted.',
  },
  {
    term: 'p50, p99, p99.9',
    definition:
      'half, 99 % and 99.9 % of the requests took at most this long. Over several operations, all answers count, whatever their outcome.',
  },
  {
    term: 'disturbed',
    definition:
      'programs that are neither the harness nor the node took a good part of the machine during the phase. Where the threads of the node waited for a core, its latency holds that wait.',
  },
  {
    term: 'hit ratio',
    definition:
      'the share of lookups during the phase that the cache of the node answered, by the counters of the node.',
  },
] as const
